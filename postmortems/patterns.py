"""Patterns that are compiled once they are used: most processes use few of the thousand that we have."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, cast

# By what looks through a text, what comes of it where nothing is found.
NOTHING: dict[str, Callable[[], Any] | None] = {
    "search": None,
    "match": None,
    "fullmatch": None,
    "finditer": lambda: iter(()),
    "findall": list,
}
OTHERS = ("sub", "subn", "split")


class _Later:
    """Stands for a compiled pattern, which it makes when it is first asked for anything but its text."""

    def __init__(self, pattern: str, flags: int, needs: Sequence[str]) -> None:
        self.pattern = pattern
        self._flags = flags
        self._needs = needs

    def __getattr__(self, name: str) -> Any:
        # What a dunder asks of us is not the pattern's: a copy of this one is made of its own.
        if name.startswith("__"):
            raise AttributeError(name)
        made = re.compile(self.pattern, self._flags)
        # From now on what it can do is its own, and nobody comes by here again.
        for can, nothing in NOTHING.items():
            looks = getattr(made, can)
            setattr(self, can, _where_needed(looks, self._needs, nothing) if self._needs else looks)
        for can in OTHERS:
            setattr(self, can, getattr(made, can))
        return getattr(self if name in self.__dict__ else made, name)


def _where_needed(
    looks: Callable[..., Any], needs: Sequence[str], nothing: Callable[[], Any] | None
) -> Callable[..., Any]:
    def look(text: str, *place: int) -> Any:
        for sign in needs:
            if sign in text:
                return looks(text, *place)
        return nothing() if nothing else None

    return look


def of(pattern: str, flags: int = 0, *, needs: Sequence[str] = ()) -> re.Pattern[str]:
    """As `re.compile` gives it, but compiled at first use.

    It has the methods of one. `re.sub` takes no such one, and a match names as `re` what was compiled.
    Whatever it matches has one of the signs or words that it `needs`: a text without them, as most are, is
    not looked through.
    """
    return cast("re.Pattern[str]", _Later(pattern, flags, needs))
