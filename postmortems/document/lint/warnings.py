"""Warnings about a document for a person to look at, each with its line.

A warning holds nothing up and changes nothing. The same oddity has the same `key` wherever its line moves to,
so that one that a person has dismissed stays dismissed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from postmortems.document.lint import leftovers
from postmortems.document.markdown import timeline_pieces
from postmortems.document.model import Document
from postmortems.document.parse_cache import by_line
from postmortems.document.text import lines_of, one_line
from postmortems.document.times import timeline_times
from postmortems.document.times.timeline_times import Reading

KINDS = ("title", "time", "date", "heading", "template", "fence", "front", "picture", "file")
# What is seen in the text of a file alone: the document that was read of it shows it no more.
OF_THE_TEXT = frozenset({"heading", "fence", "front", "picture", "file"})
LONGEST_WORDS, MOST = 200, 200
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Warned:
    """One oddity. `words` are the author's, `text` is ours; `line` counts from 1, `entry` the entries from 1.

    0 stands for a line or an entry that is not known.
    """

    kind: str
    words: str
    text: str
    line: int = 0
    entry: int = 0
    # Of several that say the same, which.
    number: int = 1

    @property
    def key(self) -> str:
        said = "\n".join((self.kind, self.words, self.text, str(self.number)))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def __str__(self) -> str:
        return f"{self.words}: {self.text}" if self.words else self.text


def of(
    document: Document,
    text: str,
    *,
    name: str = "",
    is_markdown: bool = True,
) -> tuple[Warned, ...]:
    """What is odd about the document that was read from this text, in the order of the lines.

    Headings and fences are looked for where the text is Markdown.
    """
    lines = lines_of(text)
    found = [
        *_dates(document, lines, name),
        *_times(document, lines, timeline_times.read_entries(document, name=name)),
        *islice(_merged(document, lines), MOST),
    ]
    if is_markdown:
        slipped = leftovers.slips(lines, [section.heading for section in document.sections])
        found += [Warned(slip.kind, _short(slip.words), slip.text, slip.line) for slip in slipped]
    found.sort(key=lambda warned: warned.line)
    return tuple(_numbered(found[:MOST]))


def _numbered(found: Sequence[Warned]) -> Iterator[Warned]:
    seen: dict[tuple[str, str, str], int] = {}
    for warned in found:
        same = (warned.kind, warned.words, warned.text)
        seen[same] = seen.get(same, 0) + 1
        yield Warned(*same, warned.line, warned.entry, seen[same])


def _short(words: str) -> str:
    return one_line(words)[:LONGEST_WORDS]


def _times(document: Document, lines: Sequence[str], readings: Sequence[Reading]) -> Iterator[Warned]:
    if not any(reading.warnings for reading in readings):
        return
    at = 0
    for number, (entry, reading) in enumerate(zip(document.entries, readings, strict=True), 1):
        found = _line_with(entry.written, lines, at)
        if found is None and at:
            found = _line_with(entry.written, lines[:at], at - 1)
        at = at if found is None else found + 1
        for text in reading.warnings:
            yield Warned("time", _short(entry.written), text, 0 if found is None else at, number)


def _merged(document: Document, lines: Sequence[str]) -> Iterator[Warned]:
    """Lines inside an entry that begin with a time themselves: they may be entries of their own."""
    at = 0
    for number, entry in enumerate(document.entries, 1):
        for line in _timed_lines(entry.text):
            found = _line_with(line, lines, at)
            at = at if found is None else found + 1
            text = f"it begins with a time, and is read as part of the entry at {one_line(entry.written)}"
            yield Warned("time", _short(line), text, 0 if found is None else at, number)


@by_line
def _timed_lines(text: str) -> tuple[str, ...]:
    """The lines of an entry's text that begin with a time, and are no code."""
    outside, _ = leftovers.outside_code(lines_of(text))
    return tuple(line for _, line in outside if timeline_pieces.begins_with_a_clock(line))


def _line_with(words: str, lines: Sequence[str], start: int) -> int | None:
    """The first line from `start` on that has these words, whatever marks stand between them."""
    wanted = WORD.findall(words)
    if not wanted:
        return None
    for at in range(start, len(lines)):
        if wanted[0] in lines[at]:
            there = WORD.findall(lines[at])
            if any(there[n : n + len(wanted)] == wanted for n in range(len(there))):
                return at
    return None


def _dates(document: Document, lines: Sequence[str], name: str) -> Iterator[Warned]:
    """Dates of the document that say different days."""
    stated = next((raw for key, raw in document.extra if key == "date"), "")
    if stated:
        read = timeline_times.date_in(stated.strip("\"'"))
        text = "this date cannot be read; write it as 2018-01-25"
        text = f"its day is read, {read}; the rest is kept as it is written" if read else text
        yield Warned("date", _short(stated), text, _line_of(stated, lines))
    if document.date is None:
        return
    day = document.date.isoformat()
    named = timeline_times.incident_date(Document(), name) if name else None
    if named and named != document.date:
        text = f"the file's name has another date than the document, {day}"
        yield Warned("date", named.isoformat(), text, _line_of(day, lines))
    titled = timeline_times.date_in(document.title)
    if titled and titled != document.date:
        text = f"the title has another date than the document, {day}"
        yield Warned("date", _short(document.title), text, _line_of(document.title, lines))


def _line_of(words: str, lines: Sequence[str]) -> int:
    found = _line_with(words.partition("\n")[0], lines, 0)
    return 0 if found is None else found + 1
