"""Bring two edits of one text together, line by line. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

Lines = Sequence[str]


@dataclass(frozen=True, slots=True)
class Kept:
    """A run of lines that neither edit touched: where it begins in each text, and how long it is."""

    base: int
    mine: int
    theirs: int
    length: int


def merged(base: str, mine: str, theirs: str, *, leans: bool = False) -> str | None:
    """The text with both edits of `base`; None where they changed the same lines to different ones.

    One that `leans` takes theirs there: a text to begin from.
    """
    lines = tuple(text.splitlines(keepends=True) for text in (base, mine, theirs))
    found: list[str] = []
    at = Kept(0, 0, 0, 0)
    for kept in _kept(*lines):
        chosen = _chosen(
            lines[0][at.base : kept.base], lines[1][at.mine : kept.mine], lines[2][at.theirs : kept.theirs]
        )
        if chosen is None and not leans:
            return None
        chosen = lines[2][at.theirs : kept.theirs] if chosen is None else chosen
        found += [*chosen, *lines[0][kept.base : kept.base + kept.length]]
        at = Kept(kept.base + kept.length, kept.mine + kept.length, kept.theirs + kept.length, 0)
    return "".join(found)


def _chosen(base: Lines, mine: Lines, theirs: Lines) -> Lines | None:
    if mine in (base, theirs):
        return theirs
    return mine if theirs == base else None


def _kept(base: Lines, mine: Lines, theirs: Lines) -> Iterator[Kept]:
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
