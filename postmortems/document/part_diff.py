"""Difference of two versions of a document by part: fields, sections, and the blocks in them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from postmortems.document.model import Block, Category, Document, Entry, Item
from postmortems.document.part_pairs import KINDS, NAMES, Pairs, Place, block_at, paired, said, values_of
from postmortems.document.word_diff import in_order

Change = Literal["added", "removed", "renamed", "moved", "changed"]
FRONT = tuple(field.name for field in fields(Document) if field.name != "sections")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field with what it said and what it says; "" where it says nothing."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class BlockChange:
    """An entry, item, category or piece of prose that came, went, moved or says something else.

    `name` is an item's id, an entry's time or a category's heading; `moved_from` the heading of the section
    where what moved stood.
    """

    kind: str
    name: str
    changes: tuple[Change, ...]
    fields: tuple[FieldChange, ...]
    moved_from: str = ""


@dataclass(frozen=True, slots=True)
class SectionChange:
    """A section that differs; `was` is its heading before where it is `renamed`.

    `old_place` counts the sections of the older version from 0; None where it has been added.
    """

    heading: str
    changes: tuple[Change, ...]
    blocks: tuple[BlockChange, ...]
    was: str = ""
    old_place: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentDiff:
    """What differs. A section stands where it is now, one that went where it was, with all that was in it."""

    fields: tuple[FieldChange, ...]
    sections: tuple[SectionChange, ...]

    def __bool__(self) -> bool:
        return bool(self.fields or self.sections)


def diff(before: Document, after: Document, pairs: Pairs | None = None) -> DocumentDiff:
    """What `after` has other than `before`; `pairs` where they are known already."""
    pairs = pairs or paired(before, after)
    olds, news = ({name: getattr(each, name) for name in FRONT} for each in (before, after))
    front = _fields(olds, news)
    return DocumentDiff(front, tuple(_sections(before, after, pairs)))


def in_place(before: Document, after: Document) -> DocumentDiff:
    """What `after` has other than `before` where all parts stand where they stood, and only blocks differ."""
    sections = []
    for place, (was, now) in enumerate(zip(before.sections, after.sections, strict=True)):
        both = () if was is now else zip(was.blocks, now.blocks, strict=True)
        blocks = tuple(_changed(old, new) for old, new in both if old is not new and old != new)
        if blocks:
            sections.append(SectionChange(now.heading, ("changed",), blocks, old_place=place))
    return DocumentDiff((), tuple(sections))


def _changed(old: Block, new: Block) -> BlockChange:
    if type(old) is not type(new):
        fields = _fields(values_of(old), values_of(new))
    else:
        others = [name for name in NAMES[type(new)] if getattr(old, name) is not getattr(new, name)]
        both = [(name, getattr(old, name) or "", getattr(new, name) or "") for name in others]
        fields = tuple(FieldChange(name, said(was), said(now)) for name, was, now in both if was != now)
    return BlockChange(KINDS[type(new)], name_of(new), ("changed",), fields)


def moved_sections(pairs: Pairs) -> set[int]:
    """The sections, by their new place, that stand in another order than before; as few as tell it."""
    news = sorted(pairs.sections)
    kept = {news[place] for place in in_order([pairs.sections[new] for new in news])}
    return set(news) - kept


def _sections(before: Document, after: Document, pairs: Pairs) -> Iterator[SectionChange]:
    moved, gone = moved_sections(pairs), _gone(before, pairs)
    kept = set(pairs.sections.values())
    lost = [place for place in range(len(before.sections)) if place not in kept]
    for new, section in enumerate(after.sections):
        old = pairs.sections.get(new)
        while old is not None and new not in moved and lost and lost[0] < old:
            yield _removed(before, lost.pop(0), pairs)
        changes: list[Change] = []
        was = before.sections[old].heading if old is not None else ""
        if old is None:
            changes.append("added")
        if old is not None and was != section.heading:
            changes.append("renamed")
        if new in moved:
            changes.append("moved")
        blocks = tuple(_blocks(before, after, new, pairs, gone.get(old, []) if old is not None else []))
        if blocks and old is not None:
            changes.append("changed")
        if changes:
            was = was if "renamed" in changes else ""
            yield SectionChange(section.heading, tuple(changes), blocks, was, old)
    yield from (_removed(before, place, pairs) for place in lost)


def _removed(before: Document, old: int, pairs: Pairs) -> SectionChange:
    """A section that went, with the blocks that went with it; what moved is told where it is now."""
    went = [_told_gone(before, place) for place in _gone(before, pairs).get(old, [])]
    return SectionChange(before.sections[old].heading, ("removed",), tuple(went), old_place=old)


def _gone(before: Document, pairs: Pairs) -> dict[int, list[Place]]:
    """By section, the blocks that stand nowhere any more."""
    kept, found = set(pairs.blocks.values()), dict[int, list[Place]]()
    for number, section in enumerate(before.sections):
        for place in range(len(section.blocks)):
            if (number, place) not in kept:
                found.setdefault(number, []).append((number, place))
    return found


def _blocks(
    before: Document, after: Document, new: int, pairs: Pairs, gone: list[Place]
) -> Iterator[BlockChange]:
    moved, left = _moved(after, new, pairs), list(gone)
    for place in range(len(after.sections[new].blocks)):
        block, old = block_at(after, (new, place)), pairs.blocks.get((new, place))
        while (
            left and old is not None and old[0] == left[0][0] and left[0] < old and (new, place) not in moved
        ):
            yield _told_gone(before, left.pop(0))
        if old is None:
            yield BlockChange(KINDS[type(block)], name_of(block), ("added",), _fields({}, values_of(block)))
            continue
        changes: list[Change] = ["moved"] if (new, place) in moved else []
        was = block_at(before, old)
        found = () if was == block else _fields(values_of(was), values_of(block))
        if found:
            changes.append("changed")
        if changes:
            came_from = before.sections[old[0]].heading if "moved" in changes else ""
            yield BlockChange(KINDS[type(block)], name_of(block), tuple(changes), found, came_from)
    yield from (_told_gone(before, place) for place in left)


def _moved(after: Document, new: int, pairs: Pairs) -> set[Place]:
    """The blocks of a section that came from another, or stand in another order than before."""
    here = [(new, place) for place in range(len(after.sections[new].blocks)) if (new, place) in pairs.blocks]
    stayed = [place for place in here if pairs.blocks[place][0] == pairs.sections.get(new)]
    kept = {stayed[place] for place in in_order([pairs.blocks[place][1] for place in stayed])}
    return set(here) - kept


def _told_gone(before: Document, place: Place) -> BlockChange:
    block = block_at(before, place)
    return BlockChange(KINDS[type(block)], name_of(block), ("removed",), _fields(values_of(block), {}))


def name_of(block: Block) -> str:
    """What people call a block: an item's id, an entry's time, a category's heading."""
    match block:
        case Item():
            return block.id
        case Entry():
            return block.written or block.title
        case Category():
            return block.heading
    return ""


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """What two parts say differently; one of them may be none at all."""
    names = dict.fromkeys([*new, *old])
    pairs = ((name, old.get(name) or "", new.get(name) or "") for name in names)
    return tuple(FieldChange(name, said(was), said(now)) for name, was, now in pairs if was != now)
