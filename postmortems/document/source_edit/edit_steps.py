"""Splits an edit of a Document into single steps, each with the Document after it. Pure.

The last block changes first, so that the places of those before it stay what they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from difflib import SequenceMatcher
from typing import TypeVar

from postmortems.document.model import Block, Document, Item, Section
from postmortems.document.source_edit.line_spans import WORD, text_of

Part = TypeVar("Part", Block, Section)
FRONT = tuple(field.name for field in fields(Document) if field.name != "sections")
ALIKE = 0.34


@dataclass(frozen=True, slots=True)
class Step:
    """One change. Front matter: `field`. A section: `block` None. `is_new`/`is_gone`: added or taken away.

    `section` and `block` are places in the document before the step; an added part comes before that place.
    """

    after: Document
    field: str = ""
    section: int = 0
    block: int | None = None
    is_new: bool = False
    is_gone: bool = False


def steps(then: Document, now: Document) -> Iterator[Step]:
    """The steps that make `now` of `then`."""
    document = then
    for old, new, at in reversed(pairs(then.sections, now.sections)):
        for step in _section_steps(document, old, new, at):
            document = step.after
            yield step
    for name in FRONT:
        if getattr(document, name) != getattr(now, name):
            document = replace(document, **{name: getattr(now, name)})
            yield Step(document, field=name)


def _section_steps(document: Document, old: Section | None, new: Section | None, at: int) -> Iterator[Step]:
    if new is None:
        yield Step(_with(document, at, at + 1), section=at, is_gone=True)
    elif old is None:
        yield Step(_with(document, at, at, new), section=at, is_new=True)
    else:
        section = old
        for before, after, place in reversed(pairs(old.blocks, new.blocks)):
            if before == after:
                continue
            end = place + (before is not None)
            blocks = (*section.blocks[:place], *([after] if after else []), *section.blocks[end:])
            section = replace(section, blocks=blocks)
            document = _with(document, at, at + 1, section)
            yield Step(document, section=at, block=place, is_new=before is None, is_gone=after is None)
        if section != new:
            document = _with(document, at, at + 1, new)
            yield Step(document, section=at)


def _with(document: Document, start: int, end: int, *sections: Section) -> Document:
    return replace(document, sections=(*document.sections[:start], *sections, *document.sections[end:]))


def pairs(old: Sequence[Part], new: Sequence[Part]) -> list[tuple[Part | None, Part | None, int]]:
    """What became of each part, in order, with its place among the old ones; None: it was not there."""
    found: list[tuple[Part | None, Part | None, int]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [(part, part, i1 + step) for step, part in enumerate(old[i1:i2])]
        else:
            found += _changed(old[i1:i2], new[j1:j2], i1)
    return found


def _changed(
    old: Sequence[Part], new: Sequence[Part], start: int
) -> Iterator[tuple[Part | None, Part | None, int]]:
    """A stretch that differs: parts of the same name or of like words are one part edited."""
    at = 0
    for part in new:
        same = next((k for k in range(at, len(old)) if is_same(old[k], part)), None)
        if same is None and len(old) == len(new) and at < len(old) and type(old[at]) is type(part):
            same = at
        if same is None:
            yield None, part, start + at
            continue
        yield from ((gone, None, start + at + step) for step, gone in enumerate(old[at:same]))
        yield old[same], part, start + same
        at = same + 1
    yield from ((gone, None, start + at + step) for step, gone in enumerate(old[at:]))


def is_same(one: Part, other: Part) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, Section) and isinstance(other, Section):
        return one.heading == other.heading
    if isinstance(one, Item) and isinstance(other, Item) and (one.id or other.id):
        return one.id == other.id
    ours, theirs = (WORD.findall(text_of(block)) for block in (one, other) if not isinstance(block, Section))
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio() > ALIKE
