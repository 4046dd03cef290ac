"""Stretches of a timeline: what begins with a time or stands between, and the rows of tables as such."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postmortems import patterns
from postmortems.document.markdown.tokens import Block
from postmortems.document.text import one_line
from postmortems.document.times import prefix
from postmortems.document.times.prefix import Stamp

BULLET = patterns.of(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+")
# Bullets that Markdown knows nothing of, or a slip of the key: the line goes on with the item above it.
DRAWN = patterns.of(r"^\s*[•·‣◦▪–—=]\s+")
BREAK = patterns.of(r"[ \t]*<br ?/?>[ \t]*$", re.IGNORECASE)
BREAKS = patterns.of(r"(?<=<br>)|(?<=<br/>)|(?<=<br />)", re.IGNORECASE)


@dataclass(slots=True)
class Piece:
    """A stretch of a loose timeline: what begins with a time, or text between."""

    lines: list[str]
    stamp: Stamp | None = None
    written: str = ""
    is_break: bool = False
    is_row: bool = False


def unbroken(lines: list[str]) -> list[str]:
    """The lines, with a new one for each `<br>` amid one of them that a time of day follows."""
    out: list[str] = []
    for line in lines:
        first, *others = BREAKS.split(line)
        out.append(first)
        for part in others:
            if begins_with_a_clock(part):
                out.append(part.lstrip())
            else:
                out[-1] += part
    return out


def begins_with_a_clock(line: str) -> bool:
    """Whether the line, without its bullet, begins with a time of day as an entry does."""
    stamp = prefix.of_line(DRAWN.sub("", BULLET.sub("", line)))
    return stamp is not None and stamp.stated.has_clock


def rows(written: str, text: str) -> Iterator[Piece]:
    """A row of a table: an entry for each of the lines in its cells, where a time stands on each."""
    times, texts = ([BREAK.sub("", line) for line in BREAKS.split(cell)] for cell in (written, text))
    if len(times) > 1 and len(times) == len(texts) and all(map(begins_with_a_clock, times)):
        yield from (row(time, words.lstrip()) for time, words in zip(times, texts, strict=True))
        return
    first, *others = unbroken([text])
    yield row(written, BREAK.sub("", first) if others else first)
    for line in others:
        stamp = prefix.of_line(line)
        yield Piece([BREAK.sub("", stamp.rest if stamp else line)], stamp, is_row=True)


def broken_rows(table: Block) -> Iterator[Piece]:
    """The rows of a table without a column of times, whose cells have lines that begin with one."""
    rows = [row.cells for row in table.parts[1:]]
    for cells in rows if any(map(_broken_cell, rows)) else ():
        at = _broken_cell(cells)
        beside = " | ".join(cell for place, cell in enumerate(cells) if cell and cell != at)
        for number, line in enumerate(unbroken([at])):
            stamp = prefix.of_line(bare := BREAK.sub("", line).strip())
            words = " | ".join(filter(None, [stamp.rest if stamp else bare, "" if number else beside]))
            yield Piece([words], stamp, is_row=True)


def _broken_cell(cells: Sequence[str]) -> str:
    """The cell whose lines begin with times, the first and one behind a break; "" for none."""
    return next((cell for cell in cells if begins_with_a_clock(cell) and len(unbroken([cell])) > 1), "")


def row(written: str, text: str) -> Piece:
    stamp = prefix.of_entry(written)
    if stamp and not stamp.rest:
        return Piece([text], stamp, is_row=True)
    return Piece([text], written=one_line(written) or "?", is_row=True)
