"""Which items wait for which, without a circle. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable


def reaches(start: int, goal: int, following: Callable[[Collection[int]], Iterable[int]]) -> bool:
    """Whether `start` waits for `goal`, itself or through others; an item waits for itself.

    `following` gives what any of some items wait for. It is asked once for each step away from `start`.
    """
    known, at = {start}, {start}
    while at:
        if goal in known:
            return True
        at = set(following(at)) - known
        known |= at
    return False
