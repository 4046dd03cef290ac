"""Three-way merge of texts, line by line: diff3. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from postmortems.document.word_diff import runs

Line = TypeVar("Line", bound=Hashable)
# What stands where both changed the same lines: nothing does, mine, theirs, or theirs and then mine.
Lean = Literal["", "mine", "theirs", "both"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A run of lines that neither edit touched: where it begins in each text, and how long it is."""

    base: int
    mine: int
    theirs: int
    length: int


@dataclass(frozen=True, slots=True)
class Region(Generic[Line]):
    """Lines that an edit touched, as each text has them, and the run behind them that all share.

    `at` says where they begin in the base, in mine and in theirs.
    """

    base: Sequence[Line]
    mine: Sequence[Line]
    theirs: Sequence[Line]
    kept: Sequence[Line]
    at: tuple[int, int, int]


# What stands where both changed the same lines and both can stay; None where they cannot.
Joins = Callable[[Region[Line]], Sequence[Line] | None]


def merged(
    base: str, mine: str, theirs: str, *, leans: Lean = "", joins: Joins[str] | None = None
) -> str | None:
    """The text with both edits of `base`; None where they changed the same lines to different ones.

    `leans` says what stands there then: a text to begin from. `joins` is asked before.
    """
    lines = merged_lines(base.split("\n"), mine.split("\n"), theirs.split("\n"), leans=leans, joins=joins)
    return None if lines is None else "\n".join(lines)


def chosen(base: str, mine: str, theirs: str, leans: Sequence[Lean], joins: Joins[str] | None = None) -> str:
    """The text with both edits, each of its `clashes` as the lean at its place says; else both."""
    ways, found = iter(leans), list[str]()
    for region in regions(base.split("\n"), mine.split("\n"), theirs.split("\n")):
        settles = settled(region, joins)
        found += [*(_leaning(region, next(ways, "both")) if settles is None else settles), *region.kept]
    return "\n".join(found)


def _leaning(region: Region[Line], leans: Lean) -> list[Line]:
    own, others = region.mine, region.theirs
    return list({"mine": own, "theirs": others}.get(leans, [*others, *own]))


def merged_lines(
    base: Sequence[Line],
    mine: Sequence[Line],
    theirs: Sequence[Line],
    *,
    leans: Lean = "",
    joins: Joins[Line] | None = None,
) -> list[Line] | None:
    """What `merged` does, for texts that are lines already."""
    found: list[Line] = []
    for region in regions(base, mine, theirs):
        settles = settled(region, joins)
        if settles is None:
            if not leans:
                return None
            settles = _leaning(region, leans)
        found += [*settles, *region.kept]
    return found


def clashes(base: str, mine: str, theirs: str, *, joins: Joins[str] | None = None) -> list[Region[str]]:
    """The lines that both changed to different ones."""
    texts = (base.split("\n"), mine.split("\n"), theirs.split("\n"))
    return [region for region in regions(*texts) if settled(region, joins) is None]


def regions(base: Sequence[Line], mine: Sequence[Line], theirs: Sequence[Line]) -> Iterator[Region[Line]]:
    """The three texts from end to end, cut where all of them share lines."""
    at = Kept(0, 0, 0, 0)
    for kept in _kept(base, mine, theirs):
        yield Region(
            base[at.base : kept.base],
            mine[at.mine : kept.mine],
            theirs[at.theirs : kept.theirs],
            base[kept.base : kept.base + kept.length],
            (at.base, at.mine, at.theirs),
        )
        at = Kept(kept.base + kept.length, kept.mine + kept.length, kept.theirs + kept.length, 0)


def settled(region: Region[Line], joins: Joins[Line] | None = None) -> Sequence[Line] | None:
    """What stands there by what only one edit, or both alike, made of it; else what `joins` makes."""
    base, mine, theirs = region.base, region.mine, region.theirs
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    return joins(region) if joins else None


def _kept(base: Sequence[Line], mine: Sequence[Line], theirs: Sequence[Line]) -> Iterator[Kept]:
    """The runs that all three share, in order, and the empty one at the end."""
    ours, others = runs(base, mine), runs(base, theirs)
    at_ours = at_others = 0
    while at_ours < len(ours) and at_others < len(others):
        (one, its, size), (other, place, length) = ours[at_ours], others[at_others]
        start, end = max(one, other), min(one + size, other + length)
        if start < end:
            yield Kept(start, its + start - one, place + start - other, end - start)
        if one + size < other + length:
            at_ours += 1
        else:
            at_others += 1
    yield Kept(len(base), len(mine), len(theirs), 0)
