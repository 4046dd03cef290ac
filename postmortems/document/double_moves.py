"""Double moves: a row that two edits moved to different places, which a merge by lines puts at both.

It stays where the first of the two put it, with what the other changed in it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from postmortems.document import part_ids
from postmortems.document.model import Block, Document

# Where a block stands: its section, and its place in there.
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Moved:
    """What was settled, and the rows about which that was so."""

    document: Document
    rows: tuple[Block, ...]


def settled(base: Document, mine: Document, theirs: Document, merged: Document) -> Moved:
    """The merged document with such rows at the place that `mine` gave them, once. All but it know ids."""
    olds, owns, others = _by_id(part_ids.recognised(base, mine, theirs)), _by_id(mine), _by_id(theirs)
    gone: dict[Place, Block | None] = {}
    rows: list[Block] = []
    for key in owns.keys() & others.keys():
        place = _doubled(owns[key], others[key], mine, merged)
        row = _only_edit(olds.get(key), owns[key], others[key])
        if place is None or row is None:
            continue
        kept, left = place
        gone |= {left: None, kept: row}
        rows.append(row)
    return Moved(_with(merged, gone), tuple(rows)) if rows else Moved(merged, ())


def _by_id(document: Document) -> dict[str, Block]:
    return {block.id: block for _, block in _placed(document) if block.id}


def _placed(document: Document) -> Iterator[tuple[Place, Block]]:
    for at, section in enumerate(document.sections):
        for place, block in enumerate(section.blocks):
            yield (at, place), block


def _doubled(own: Block, other: Block, mine: Document, merged: Document) -> tuple[Place, Place] | None:
    """The place of the row to keep and of the one to leave out; None where it does not stand there twice."""
    wanted = [own] if own == other else [own, other]
    if any(sum(block == each for _, block in _placed(mine)) > 1 for each in wanted):
        return None  # Whoever writes the same row twice means both.
    places = [place for place, block in _placed(merged) if block in wanted]
    if len(places) != 2 or (own != other and _at(merged, places[0]) == _at(merged, places[1])):
        return None
    first, second = places
    return (
        (first, second)
        if _nearness(first, own, mine, merged) >= _nearness(second, own, mine, merged)
        else (second, first)
    )


def _at(document: Document, place: Place) -> Block:
    """The block at a place."""
    return document.sections[place[0]].blocks[place[1]]


def _nearness(place: Place, own: Block, mine: Document, merged: Document) -> int:
    """How well a place is the one that `mine` has it at: by its section, and by the rows beside it."""
    at = next(here for here, block in _placed(mine) if block == own)
    here, there = merged.sections[place[0]], mine.sections[at[0]]
    score = 4 * (here.heading == there.heading)
    for by in (-1, 1):
        one, other = place[1] + by, at[1] + by
        is_edge = not 0 <= one < len(here.blocks), not 0 <= other < len(there.blocks)
        score += is_edge == (True, True) or (not any(is_edge) and here.blocks[one] == there.blocks[other])
    return score


def _only_edit(old: Block | None, own: Block, other: Block) -> Block | None:
    """The row as one of them changed it; None where both did, so that both texts stay."""
    if own == other or other == old:
        return own
    return replace(other, id=own.id) if own == old else None


def _with(document: Document, changed: Mapping[Place, Block | None]) -> Document:
    sections = []
    for at, section in enumerate(document.sections):
        blocks = [changed.get((at, place), block) for place, block in enumerate(section.blocks)]
        sections.append(replace(section, blocks=tuple(block for block in blocks if block is not None)))
    return replace(document, sections=tuple(sections))
