"""Preview: the form's values as the rows that the templates of an incident's page show. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from postmortems.document.times.timeline_times import Reading
from postmortems.incidents.editor import form
from postmortems.incidents.editor.readings import Readings


@dataclass(slots=True)
class Entry:
    """An entry with its reading; `id` is its place among all entries, from 1."""

    id: int
    written: str
    title: str
    text: str
    kind: str
    precision: str
    at: datetime | None
    instant: datetime | None
    zone: str


@dataclass(frozen=True, slots=True)
class Section:
    """`blocks` are entries, and the form's values of all other rows; rows that say nothing are left out."""

    id: int
    heading: str
    blocks: tuple[Entry | form.Values, ...]

    def kinds(self) -> list[tuple[str, Any]]:
        """Each block with its kind, as a page's template takes them."""
        return [("entry", row) if isinstance(row, Entry) else (row["type"], row) for row in self.blocks]


def sections(values: form.Values, readings: Readings) -> list[Section]:
    """The sections that readers would see."""
    shown: list[Section] = []
    number = 0
    for at, section in enumerate(values["sections"]):
        told = [(place, block) for place, block in enumerate(section["blocks"]) if form.tells(block)]
        if not told:
            continue
        blocks: list[Entry | form.Values] = []
        for place, block in told:
            number += block["type"] == "entry"
            is_entry = block["type"] == "entry"
            blocks.append(_entry(block, number, readings.get((at, place), Reading())) if is_entry else block)
        shown.append(Section(at, section["heading"].strip(), tuple(blocks)))
    return shown


def entries(shown: list[Section]) -> list[Entry]:
    """All entries, in the author's order."""
    return list(_entries(shown))


def _entries(shown: list[Section]) -> Iterator[Entry]:
    for section in shown:
        yield from (block for block in section.blocks if isinstance(block, Entry))


def _entry(block: form.Values, number: int, reading: Reading) -> Entry:
    return Entry(
        number,
        block["written"],
        block["title"],
        block["text"],
        block["kind"],
        reading.precision or "",
        reading.at,
        reading.instant,
        reading.zone,
    )
