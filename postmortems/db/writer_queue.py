"""The queue of SQLite's writers in one process: first come, first served.

SQLite itself has no queue. Who finds a writer there looks again every tenth of a second, and whoever asks
at the right moment is next: of forty threads some never are, and are told after five seconds that the
database is locked. So they stand in line here, and only the first asks SQLite, beside other processes'.
"""

from __future__ import annotations

import threading
from collections import deque
from time import monotonic

# Nobody stands in line for longer, however quickly it moves.
LONGEST_S = 30.0


class WriterQueue:
    """Who has the turn may ask for the database; it is handed on in the order in which others came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._is_taken = False
        # When somebody last wrote, or could have begun to.
        self.moved_at = monotonic()

    def take_at_once(self) -> bool:
        """Whether nobody has the turn, nor waits for it; then it is taken."""
        with self._lock:
            is_free, self._is_taken = not self._is_taken, True
        return is_free

    def take(self, patience_s: float) -> float | None:
        """Wait for the turn, and return how many seconds of patience are left then; None where none are.

        A line that moves costs none: only who has seen nobody get on for so long gives up.
        """
        came = monotonic()
        mine = threading.Event()
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return patience_s
            self._waiting.append(mine)
        while not mine.wait(self._left_s(came, patience_s)):
            with self._lock:
                # It may have been handed over, or the line have moved, at this very moment.
                if not mine.is_set() and not self._left_s(came, patience_s):
                    self._waiting.remove(mine)
                    return None
        return self._left_s(came, patience_s)

    def give_back(self, *, has_written: bool) -> None:
        """Hand the turn to who has waited longest. `has_written` is False where SQLite did not give way."""
        with self._lock:
            if has_written:
                self.moved_at = monotonic()
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False

    @property
    def length(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def _left_s(self, came: float, patience_s: float) -> float:
        return max(0.0, gives_up_at(came, self.moved_at, patience_s) - monotonic())


def gives_up_at(came: float, moved_at: float, patience_s: float) -> float:
    """When who came at one moment gives up waiting in a line that has moved at another."""
    return min(max(came, moved_at) + patience_s, came + max(LONGEST_S, patience_s))
