"""Cache of parsed documents: saving, comparing and exporting parse the same texts again.

Only for what is worked out from the text alone, and for values that nobody can change.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from threading import Lock
from typing import Concatenate, Generic, ParamSpec, TypeVar

Value = TypeVar("Value")
Ways = ParamSpec("Ways")
SHARE = 8
# Of lines: as many as the headings that a document may have, as it is read several times over.
MOST_LINES, LONGEST_LINE = 8_192, 1_000


def by_line(
    read: Callable[Concatenate[str, Ways], Value],
) -> Callable[Concatenate[str, Ways], Value]:
    """Hold what lines were read as. Longer ones are read again each time: they would fill the memory."""
    held = lru_cache(maxsize=MOST_LINES)(read)

    @wraps(read)
    def reading(text: str, /, *args: Ways.args, **ways: Ways.kwargs) -> Value:
        if len(text) > LONGEST_LINE:
            return read(text, *args, **ways)
        return held(text, *args, **ways)  # type: ignore[arg-type]

    return reading


class Remembered(Generic[Value]):
    """The values of texts of together at most so many characters; a text longer than a share is not held."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._held: dict[str, Value] = {}
        self._lock = Lock()

    def get(self, text: str) -> Value | None:
        return self._held.get(text)

    def put(self, text: str, value: Value) -> None:
        """Hold a value; the longest held ones go."""
        if len(text) * SHARE > self._most:
            return
        with self._lock:
            if text not in self._held:
                self._size += len(text)
            self._held[text] = value
            while self._size > self._most:
                oldest = next(iter(self._held))
                self._size -= len(oldest)
                del self._held[oldest]
