"""Reads timelines in tables: which column holds the time, the end of a span, and the words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from postmortems.document import vocabulary
from postmortems.document.markdown.tokens import Block
from postmortems.document.times import notations, prefix

# Behind a number or a name, but not behind a whole sentence and more.
FURTHEST = 3
WEEKDAYS = frozenset(notations.WORDS["weekdays"])
DECORATION = re.compile(r"[*_`]|\([^()]*\)")
WORDS = vocabulary.table("headings")
OF_TIMES = re.compile(
    r"(?:(?:date|event|start|begin|local|utc)\W*)*(?:times?|dates?|when|timestamps?|clock|day|start(?:ed)?|from|begin)"
    r"(?:\W.*)?|utc|gmt|" + vocabulary.one_of(WORDS["times"]) + r"(?:\W.*)?",
    re.IGNORECASE,
)
OF_ENDS = re.compile(
    r"(?:end(?:ed)?|until|till|to|finish(?:ed)?|stop)(?: (?:time|date))?|" + vocabulary.one_of(WORDS["ends"]),
    re.IGNORECASE,
)
SPAN = re.compile(r"\s+[–—-]\s+")
OF_NUMBERS = re.compile(r"#|no\.?|nr\.?|num(?:ber)?|step|id", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Columns:
    """The column of the times; whether the next one says when it ended; a column that only counts, or -1."""

    time: int
    has_end: bool
    number: int


def columns(table: Block, *, is_named: bool = False) -> Columns | None:
    """Where the times of a table are; None where it is no timeline.

    `is_named` says that it stands where a timeline is promised: the head of a column is enough there.
    """
    if table.kind != "table" or len(table.parts) < 2:
        return None
    header = [_name(cell) for cell in table.parts[0].cells]
    rows = [row.cells for row in table.parts[1:]]
    # Elsewhere a date behind other columns is when a row of something else was.
    is_first = is_named or bool(header and OF_NUMBERS.fullmatch(header[0]))
    first = range(min(FURTHEST if is_first else 1, len(header)))
    at = next((at for at in first if _holds_times(header, rows, at)), None)
    if at is None and is_named and len(header) > 1:
        at = next((at for at in first if OF_TIMES.fullmatch(header[at])), None)
    if at is None:
        return None
    has_end = len(header) > at + 1 and bool(OF_ENDS.fullmatch(header[at + 1]))
    number = 0 if at and OF_NUMBERS.fullmatch(header[0]) else -1
    return Columns(at, has_end, number)


def _name(cell: str) -> str:
    return DECORATION.sub("", cell).strip()


def _holds_times(header: Sequence[str], rows: Sequence[Sequence[str]], at: int) -> bool:
    """Half of the cells are times, or the head says so and a cell begins with one."""
    if at and not OF_TIMES.fullmatch(header[at]):
        return False
    times = sum(prefix.is_time(_when(row, at, has_end=False)[0]) for row in rows)
    if 2 * times >= len(rows):
        return True
    begun = sum(len(row) > at and prefix.of_line(row[at]) is not None for row in rows)
    return bool(OF_TIMES.fullmatch(header[at])) and 2 * begun >= len(rows)


def is_row(head: Sequence[str], where: Columns) -> bool:
    """Whether the head of a table is a row, as editors write one that has no head: it has a time of day."""
    stamp = prefix.of_line(_when(head, where.time, has_end=where.has_end)[0])
    return stamp is not None and stamp.stated.has_clock and not stamp.rest


def row(cells: Sequence[str], where: Columns) -> tuple[str, str]:
    """A row's time as written, and its words."""
    written, width = _when(cells, where.time, has_end=where.has_end)
    used = range(where.time, where.time + width)
    if where.time and _name(cells[where.time - 1]).rstrip(".").lower() in WEEKDAYS:
        written = f"{cells[where.time - 1]} {written}"
        used = range(where.time - 1, where.time + width)
    # Beside a day, a dash in the column of clocks says that nobody knows it.
    if used.stop < len(cells) and not any(map(str.isalnum, cells[used.stop])):
        used = range(used.start, used.stop + 1)
    words = [
        cell
        for at, cell in enumerate(cells)
        if cell and at not in used and not (at == where.number and cell.isdecimal() and len(cell) < 3)
    ]
    return written, " | ".join(words)


def _whole(days: Sequence[str], clocks: Sequence[str]) -> str:
    """The span that days and clocks in two cells are: `2026-08-15 02:26 - 2026-08-17 07:22`."""
    return f"{days[0]} {clocks[0]} - {days[1]} {clocks[1]}"


def _when(cells: Sequence[str], at: int, *, has_end: bool) -> tuple[str, int]:
    """A row's time, and how many cells it took: date and time, or begin and end, may stand in two."""
    first, second = [*cells[at:], "", ""][:2]
    stamp = prefix.of_line(first)
    if not prefix.is_time(second) or (first and (stamp is None or stamp.rest)):
        return first, 1
    if has_end and stamp is not None:
        return f"{first} - {second}", 2
    days, clocks = SPAN.split(first), SPAN.split(second)
    if len(days) == len(clocks) == 2 and prefix.is_time(whole := _whole(days, clocks)):
        return whole, 2
    if stamp is not None and stamp.stated.has_clock:
        return first, 1
    return f"{first} {second}".strip(), 2
