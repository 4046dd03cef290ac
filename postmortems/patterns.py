"""Patterns that are compiled once they are used: most processes use few of the thousand that we have."""

from __future__ import annotations

import re
from typing import Any, cast


class _Later:
    """Stands for a compiled pattern, which it makes when it is first asked for anything but its text."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        # What a dunder asks of us is not the pattern's: a copy of this one is made of its own.
        if name.startswith("__"):
            raise AttributeError(name)
        made = re.compile(self.pattern, self._flags)
        # From now on what it can do is its own, and nobody comes by here again.
        for can in ("search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"):
            setattr(self, can, getattr(made, can))
        return getattr(made, name)


def of(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile` gives it, but compiled at first use.

    It has the methods of one. `re.sub` takes no such one, and a match names as `re` what was compiled.
    """
    return cast("re.Pattern[str]", _Later(pattern, flags))
