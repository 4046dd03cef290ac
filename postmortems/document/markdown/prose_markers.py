"""Markers in canonical Markdown that keep prose from being read as an entry or item.

Classes on headings are Pandoc's and Quarto's own notation; comments show nowhere. An author who uses the
usual names and writes times never sees one.
"""

from __future__ import annotations

from collections.abc import Iterable

from postmortems.document import model as value
from postmortems.document.model import Prose
from postmortems.document.text import paragraphs

ENTRY = "{.entry}"  # a timeline entry whose time is in words: "Over spring break week"
TIMELINE = "{.timeline}"  # a section with entries that is named like something else
ACTION_ITEMS = "{.action-items}"  # a section with items that is named like something else
PROSE, PROSE_END = "<!-- prose -->", "<!-- /prose -->"  # text behind an entry or item that is no part of it


def taken_off(text: str, mark: str) -> tuple[str, bool]:
    """A heading without its mark, and whether it had it."""
    if text == mark or text.endswith(f" {mark}"):
        return text[: -len(mark)].rstrip(), True
    return text, False


def merged(read: Iterable[value.Block]) -> tuple[value.Block, ...]:
    """The blocks without empty prose, neighbouring prose as one."""
    out: list[value.Block] = []
    for block in read:
        if isinstance(block, Prose) and out and isinstance(out[-1], Prose):
            out[-1] = Prose(paragraphs(out[-1].text, block.text))
        elif not isinstance(block, Prose) or block.text:
            out.append(block)
    return tuple(out)
