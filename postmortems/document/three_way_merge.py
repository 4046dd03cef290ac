"""Three-way merge of texts, line by line: diff3 over `difflib`. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, TypeVar

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


def merged(base: str, mine: str, theirs: str, *, leans: Lean = "") -> str | None:
    """The text with both edits of `base`; None where they changed the same lines to different ones.

    `leans` says what stands there then: a text to begin from.
    """
    lines = merged_lines(base.split("\n"), mine.split("\n"), theirs.split("\n"), leans=leans)
    return None if lines is None else "\n".join(lines)


def merged_lines(
    base: Sequence[Line], mine: Sequence[Line], theirs: Sequence[Line], *, leans: Lean = ""
) -> list[Line] | None:
    """What `merged` does, for texts that are lines already."""
    found: list[Line] = []
    at = Kept(0, 0, 0, 0)
    for kept in _kept(base, mine, theirs):
        own, others = mine[at.mine : kept.mine], theirs[at.theirs : kept.theirs]
        chosen = _chosen(base[at.base : kept.base], own, others)
        if chosen is None:
            if not leans:
                return None
            chosen = {"mine": own, "theirs": others, "both": [*others, *own]}[leans]
        found += [*chosen, *base[kept.base : kept.base + kept.length]]
        at = Kept(kept.base + kept.length, kept.mine + kept.length, kept.theirs + kept.length, 0)
    return found


def _chosen(base: Sequence[Line], mine: Sequence[Line], theirs: Sequence[Line]) -> Sequence[Line] | None:
    if mine in (base, theirs):
        return theirs
    return mine if theirs == base else None


def _kept(base: Sequence[Line], mine: Sequence[Line], theirs: Sequence[Line]) -> Iterator[Kept]:
    """The runs that all three share, in order, and the empty one at the end."""
    ours = SequenceMatcher(None, base, mine, autojunk=False).get_matching_blocks()
    others = SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    at_ours = at_others = 0
    while at_ours < len(ours) and at_others < len(others):
        one, other = ours[at_ours], others[at_others]
        start, end = max(one.a, other.a), min(one.a + one.size, other.a + other.size)
        if start < end:
            yield Kept(start, one.b + start - one.a, other.b + start - other.a, end - start)
        if one.a + one.size < other.a + other.size:
            at_ours += 1
        else:
            at_others += 1
    yield Kept(len(base), len(mine), len(theirs), 0)
