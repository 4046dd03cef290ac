"""Paste to rows: a block of notes or chat lines as timeline entries, nothing dropped.

A pasted text is read like the timeline section of a document: what has no time continues the entry above
it, or is prose before the first. Chats put the name before the time; that is turned round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date as Date

from postmortems.document import outline, stamps, timeline
from postmortems.document.dates import date_in
from postmortems.document.model import Block, Entry, Prose
from postmortems.document.text import is_all_there, joined, lines_of
from postmortems.document.tokens import blocks

# "Sam Lee  14:30" (Slack), "Sam Lee [2:30 PM]", "Sam Lee<tab>25/01/2018 14:30" (Teams).
SPEAKER = re.compile(
    r"^(?P<who>@?[^\W\d_][\w.'’-]*(?: [\w.'’()-]+){0,3}?)(?:[ \t]{2,}|\t|[ \t]*(?=\[))"
    r"\[?(?P<when>[^\[\]]{4,40})\]?$"
)
BULLET = re.compile(r"^(?:[-*+•]|\d{1,3}[.)])[ \t]+")
FENCE = re.compile(r"^\s*(?:```|~~~)")
SECTION = re.compile(r"^#{1,2}(?=\s+\S)")


def rows(text: str, *, day: Date | None = None) -> tuple[Block, ...]:
    """The rows of a pasted text. `day` is said by the first of them, where the text itself names no day."""
    lines = list(_prepared(lines_of(text)))
    read = timeline.read(*outline.levelled(lines, blocks(lines)), is_named=True)
    if not is_all_there(text, "\n".join(_said(block) for block in read)):
        read = timeline.merged([Prose(joined(lines_of(text)))])
    return _dated(read, day)


def _prepared(lines: Sequence[str]) -> Iterator[str]:
    """The lines, times at their beginning, headings where they can be no section."""
    in_fence = False
    for line in lines:
        if FENCE.match(line):
            in_fence = not in_fence
        bare = BULLET.sub("", line.strip())
        speaker = SPEAKER.match(bare)
        if speaker and _is_clock(speaker["when"]):
            bare = f"{speaker['when'].strip()} {speaker['who']}:"
        if not in_fence and stamps.of_line(bare):
            # A blank line keeps it from continuing the list or the quote above.
            yield from ("", bare)
        else:
            yield line if in_fence else SECTION.sub("###", line)


def _is_clock(text: str) -> bool:
    stamp = stamps.of_line(text)
    return stamp is not None and stamp.stated.has_clock and not stamp.rest


def _said(block: Block) -> str:
    if isinstance(block, Entry):
        return f"{block.written}\n{block.title}\n{block.text}\n{block.kind}"
    return block.text if isinstance(block, Prose) else ""


def _dated(blocks: tuple[Block, ...], day: Date | None) -> tuple[Block, ...]:
    """The rows, the first entry with its day: only where it is open, and only if it can be read as such."""
    first = next((at for at, block in enumerate(blocks) if isinstance(block, Entry)), None)
    if day is None or first is None:
        return blocks
    entry = blocks[first]
    if not isinstance(entry, Entry) or any(date_in(_said(block), day) for block in blocks[:first]):
        return blocks
    stamp, dated = stamps.of_heading(entry.written), f"{day.isoformat()} {entry.written}"
    if stamp is None or stamp.stated.day or not stamps.is_time(dated):
        return blocks
    return (*blocks[:first], replace(entry, written=dated), *blocks[first + 1 :])
