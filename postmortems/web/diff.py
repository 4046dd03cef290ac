"""Differences of two texts, by line and by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher

from postmortems.document.word_diff import Budget, compared, runs

CONTEXT = 3

Part = tuple[bool, str]


class _Bounded(SequenceMatcher[str]):
    """Lines in groups as `difflib` makes them, aligned at a bounded cost."""

    a: Sequence[str]
    b: Sequence[str]

    def get_matching_blocks(self) -> list[Match]:
        same = [Match(*run) for run in runs(self.a, self.b)]
        return [*same, Match(len(self.a), len(self.b), 0)]


@dataclass(frozen=True, slots=True)
class Line:
    """`kind` is same, added, removed or gap; each part of the text says whether it is what changed."""

    kind: str
    parts: tuple[Part, ...] = ()
    old: int | None = None
    new: int | None = None


def lines(before: str, after: str) -> list[Line]:
    """The changed lines with three lines around them; a `gap` stands where lines were left out."""
    old, new = before.splitlines(), after.splitlines()
    shown: list[Line] = []
    last, budget = 0, Budget()
    for group in _Bounded(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT):
        if group[0][1] > last:
            shown.append(Line("gap"))
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                shown += [
                    Line("same", ((False, text),), old_from + n + 1, new_from + n + 1)
                    for n, text in enumerate(old[old_from:old_to])
                ]
            else:
                shown += _changed(old[old_from:old_to], new[new_from:new_to], (old_from, new_from), budget)
        last = group[-1][2]
    if shown and last < len(old):
        shown.append(Line("gap"))
    return shown


def _changed(
    removed: Sequence[str], added: Sequence[str], at: tuple[int, int], budget: Budget
) -> Iterator[Line]:
    """The lines that went, then those that came; those that stand for each other are compared by words."""
    pairs = [words(one, other, budget) for one, other in zip(removed, added, strict=False)]
    for n, text in enumerate(removed):
        yield Line("removed", pairs[n][0] if n < len(pairs) else ((True, text),), old=at[0] + n + 1)
    for n, text in enumerate(added):
        yield Line("added", pairs[n][1] if n < len(pairs) else ((True, text),), new=at[1] + n + 1)


def words(before: str, after: str, budget: Budget | None = None) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Two lines, each cut into parts that are the same and parts that differ."""
    spans = compared(before, after, budget).spans
    left = tuple((span.op != "same", span.text) for span in spans if span.op != "added")
    right = tuple((span.op != "same", span.text) for span in spans if span.op != "removed")
    return left, right
