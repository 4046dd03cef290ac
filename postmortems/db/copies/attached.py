"""Attached files of a copy: contents that lie in a folder and not in the database, by their SHA-256."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from postmortems.db.copies.tables import Shape
from postmortems.db.copies.values import Row
from postmortems.limits import FileRules

TABLE, DIGEST, CONTENT = "stored_files", "sha256", "content"


class Attached:
    """The folder of a database that is copied, and the contents that its rows say are there."""

    def __init__(self, files: FileRules) -> None:
        self._files = files
        self.digests: list[str] = []

    def noted(self, shape: Shape, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows; of those that say their content is in the folder, it is noted."""
        if shape.name != TABLE:
            yield from rows
            return
        names = [name for name, _ in shape.columns]
        digest, content = names.index(DIGEST), names.index(CONTENT)
        for row in rows:
            if row[content] is None:
                self.digests.append(row[digest])
            yield row

    def content(self, digest: str) -> bytes | None:
        """A content, None where the folder has none that is whole."""
        place = self._files.place(digest)
        try:
            content = place.read_bytes() if place else None
        except OSError:
            return None
        return content if content is not None and is_of(content, digest) else None


def is_of(content: bytes, digest: str) -> bool:
    return hashlib.sha256(content).hexdigest() == digest


def put(place: Path, content: bytes) -> None:
    """Keep a content there, whole or not at all; one that is there is the same. Raises `OSError`."""
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f"{place.name}.{secrets.token_hex(4)}.part")
    try:
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)
