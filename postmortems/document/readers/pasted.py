"""Reads pasted notes or chat lines as timeline entries; nothing that people wrote is dropped.

A pasted text is read like the timeline section of a document: what has no time continues the entry above
it, or is prose before the first. Chats put the name before the time; `chat_log` turns that round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date as Date

from postmortems.document import text_size
from postmortems.document.markdown import parser, prose_markers, section_roles, sections, timeline
from postmortems.document.markdown.tokens import blocks
from postmortems.document.model import Block, Document, Entry, Prose
from postmortems.document.readers import chat_log, plain_text
from postmortems.document.source_edit.line_spans import text_of
from postmortems.document.text import is_all_there, joined, lines_of
from postmortems.document.times import prefix
from postmortems.document.times.dates import date_in

BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])[ \t]+")
FENCE = re.compile(r"^\s*(?:```|~~~)")
FEWEST_SECTIONS = 2
SECTION = re.compile(r"^#{1,2}(?=\s+\S)")


def rows(text: str, *, day: Date | None = None) -> tuple[Block, ...]:
    """The rows of a pasted text. `day` is said by the first of them, where the text itself names no day."""
    text_size.check(lines_of(text))
    copied = lines_of(text)
    copied = chat_log.without_replies(copied, list(_fenced(copied)))
    lines = list(_prepared(copied))
    read = timeline.read(*sections.levelled(lines, blocks(lines)), is_named=True)
    if not is_all_there("\n".join(copied), "\n".join(text_of(block) for block in read)):
        read = prose_markers.merged([Prose(joined(lines_of(text)))])
    return _dated(read, day)


def document(text: str) -> Document | None:
    """The postmortem that a pasted text is as a whole; None where it is notes for one timeline."""
    text_size.check(lines_of(text))
    read = parser.parse(plain_text.to_markdown(text))
    known = {section_roles.named(section.heading) for section in read.sections} - {"other"}
    return read if len(known) >= FEWEST_SECTIONS else None


def _prepared(lines: Sequence[str]) -> Iterator[str]:
    """The lines, times at their beginning, headings where they can be no section."""
    fenced = list(_fenced(lines))
    bare = [
        line if is_inside else BULLET.sub("", line) for line, is_inside in zip(lines, fenced, strict=True)
    ]
    for at, said in chat_log.turned(bare, fenced):
        if not fenced[at] and prefix.of_line(said.strip()):
            # A blank line keeps it from continuing the list or the quote above.
            yield from ("", said.strip())
        elif said != bare[at]:
            yield said
        else:
            yield lines[at] if fenced[at] else SECTION.sub("###", lines[at])


def _fenced(lines: Sequence[str]) -> Iterator[bool]:
    """Which lines stand in a fence, or begin or end one."""
    is_inside = False
    for line in lines:
        is_mark = bool(FENCE.match(line))
        yield is_inside or is_mark
        is_inside ^= is_mark


def _dated(blocks: tuple[Block, ...], day: Date | None) -> tuple[Block, ...]:
    """The rows, the first entry with its day: only where it is open, and only if it can be read as such."""
    first = next((at for at, block in enumerate(blocks) if isinstance(block, Entry)), None)
    if day is None or first is None:
        return blocks
    entry = blocks[first]
    if not isinstance(entry, Entry) or any(date_in(text_of(block), day) for block in blocks[:first]):
        return blocks
    stamp, dated = prefix.of_heading(entry.written), f"{day.isoformat()} {entry.written}"
    if stamp is None or stamp.stated.day or not prefix.is_time(dated):
        return blocks
    return (*blocks[:first], replace(entry, written=dated), *blocks[first + 1 :])
