"""What texts were read as, for the last ones read: saving, comparing and exporting ask for the same again.

Only for what is worked out from the text alone, and for values that nobody can change.
"""

from __future__ import annotations

from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")
SHARE = 8


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
