"""Differences of two texts, by line and by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT = 3
# Beyond this, comparing words costs more than it tells.
MAX_WORDS = 2000

WORDS = re.compile(r"\s+|\w+|[^\w\s]")

Part = tuple[bool, str]


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
    last = 0
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT):
        if group[0][1] > last:
            shown.append(Line("gap"))
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                shown += [
                    Line("same", ((False, text),), old_from + n + 1, new_from + n + 1)
                    for n, text in enumerate(old[old_from:old_to])
                ]
            else:
                shown += _changed(old, new, (old_from, old_to), (new_from, new_to))
        last = group[-1][2]
    if shown and last < len(old):
        shown.append(Line("gap"))
    return shown


def _changed(old: list[str], new: list[str], was: tuple[int, int], now: tuple[int, int]) -> Iterator[Line]:
    """The lines that went, then those that came; those that stand for each other are compared by words."""
    removed, added = old[slice(*was)], new[slice(*now)]
    pairs = [words(one, other) for one, other in zip(removed, added, strict=False)]
    for n, text in enumerate(removed):
        yield Line("removed", pairs[n][0] if n < len(pairs) else ((True, text),), old=was[0] + n + 1)
    for n, text in enumerate(added):
        yield Line("added", pairs[n][1] if n < len(pairs) else ((True, text),), new=now[0] + n + 1)


def words(before: str, after: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Two lines, each cut into parts that are the same and parts that differ."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    if len(old) + len(new) > MAX_WORDS:
        return ((True, before),), ((True, after),)
    left: list[Part] = []
    right: list[Part] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        is_changed = tag != "equal"
        left.append((is_changed, "".join(old[old_from:old_to])))
        right.append((is_changed, "".join(new[new_from:new_to])))
    return tuple(part for part in left if part[1]), tuple(part for part in right if part[1])
