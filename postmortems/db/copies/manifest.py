"""Manifest: what a backup says of itself, and what it says of each table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from postmortems.db.copies.tables import Shape
from postmortems.db.copies.values import Column
from postmortems.errors import Invalid

FORMAT = "postmortems backup"
VERSION = 1
NAME = "manifest.json"
# A few hundred bytes for each table, and a line for each file that was not where it should be.
LARGEST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows a table has, and the SHA-256 of them in canonical form."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`files`: contents kept in a folder beside the database; `missing`: those that were not there."""

    revision: str
    database: str
    made_at: str
    shapes: tuple[Shape, ...]
    sums: tuple[TableSum, ...]
    files: int
    missing: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.sums)

    def text(self) -> str:
        """The manifest as it stands in the file."""
        sums = {one.name: one for one in self.sums}
        listed = [
            {**asdict(sums[shape.name]), "columns": dict(shape.columns)}
            for shape in self.shapes
        ]  # fmt: skip
        said = {
            "format": FORMAT,
            "version": VERSION,
            "revision": self.revision,
            "database": self.database,
            "made_at": self.made_at,
            "tables": listed,
            "files": self.files,
            "missing": list(self.missing),
        }
        return json.dumps(said, indent=1)


def read(text: bytes) -> Manifest:
    """Raises `Invalid` where it is none of ours, or of a format after this one."""
    try:
        said = json.loads(text)
        if said["format"] != FORMAT:
            raise KeyError(FORMAT)
        if said["version"] > VERSION:
            raise Invalid(
                f"the backup is of format {said['version']}, and this version reads {VERSION}: restore it "
                "with the version that made it, or a newer one"
            )
        return _read(said)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise Invalid(f"its {NAME} is none that `backup` writes: the file is damaged, or no backup") from None


def _read(said: Mapping[str, Any]) -> Manifest:
    listed: Sequence[Mapping[str, Any]] = said["tables"]
    return Manifest(
        revision=str(said["revision"]),
        database=str(said["database"]),
        made_at=str(said["made_at"]),
        shapes=tuple(Shape(one["name"], tuple(sorted(_columns(one)))) for one in listed),
        sums=tuple(TableSum(one["name"], int(one["rows"]), one["sha256"]) for one in listed),
        files=int(said["files"]),
        missing=tuple(map(str, said["missing"])),
    )


def _columns(one: Mapping[str, Any]) -> list[Column]:
    return [Column(name, kind) for name, kind in one["columns"].items()]
