"""An earlier version, or one section of it, as the document to save now. Pure.

What is restored is put into today's document, so that it can be compared before it is saved by the one way
to save. Items that are gone for good come back with new numbers: an item's number is never given twice.
"""

from __future__ import annotations

from dataclasses import replace

from postmortems.document.model import Document, Item, Section
from postmortems.document.part_pairs import paired


def whole(then: Document, now: Document, status: str) -> Document:
    """The document as it was, with the status that is asked for. Whom it is shown to is as it is now."""
    known = {item.id for item in now.items}
    return replace(_renumbered(then, known), restricted=now.restricted, status=status)


def section(then: Document, now: Document, place: int, status: str) -> Document:
    """Today's document with one section as it was, wherever and under whatever heading it stands now.

    Where it is gone it comes back behind the section that stood before it. Its items that stand in other
    sections now come back out of them; `place` counts the sections of `then` from 0.
    """
    known = {item.id for item in now.items}
    old = _renumbered(then, known).sections[place]
    mine = {item.id for item in old.items if item.id}
    pairs = paired(then, now).sections
    there = next((new for new, its in pairs.items() if its == place), None)
    sections = [
        each if at == there else replace(each, blocks=tuple(b for b in each.blocks if not _is_of(b, mine)))
        for at, each in enumerate(now.sections)
    ]
    if there is not None:
        sections[there] = old
    else:
        sections.insert(_behind(pairs, place), old)
    return replace(now, sections=tuple(_lead_first(sections)), status=status)


def _renumbered(document: Document, known: set[str]) -> Document:
    return document.with_items(lambda item: item if item.id in known else replace(item, id=""))


def _is_of(block: object, ids: set[str]) -> bool:
    return isinstance(block, Item) and block.id in ids


def _behind(pairs: dict[int, int], place: int) -> int:
    """Where a section goes that stood behind all those with a lower place."""
    before = [new for new, old in pairs.items() if old < place]
    return max(before, default=-1) + 1


def _lead_first(sections: list[Section]) -> list[Section]:
    """Only the first section may lack a heading: what has none is put before the others."""
    return sorted(sections, key=lambda each: bool(each.heading))
