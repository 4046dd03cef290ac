"""The door to SQLite's one writer, for several processes: who waits outside it is next.

SQLite has no queue. Who finds a writer there looks again every tenth of a second, and a process with a line
of its own begins the next transaction a moment after the last: it kept others out for more than five seconds.
So the first in each process's line passes this door, and stands in it until it may write.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from time import monotonic, sleep

AGAIN_AFTER_S = 0.005


class WriterDoor:
    """The door of one database: a lock on a file beside it, which ends with the process that has it.

    Where there can be no such file it stands open, and SQLite alone keeps writers apart, as it does anyway.
    """

    def __init__(self, database: str | None) -> None:
        is_file = bool(database) and database != ":memory:" and not str(database).startswith("file:")
        self._place = f"{database}-turn" if is_file else ""
        self._file: int | None = None
        # Whether somebody stood in it for as long as we wait, and has not been seen to leave since.
        self._is_blocked = False

    def enter_at_once(self) -> bool:
        """Whether nobody of another process stands in it; then we do."""
        try:
            if self._place and self._file is None:
                self._file = os.open(self._place, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            if self._file is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            # A folder in which nobody may write, or a file system without such locks.
            self._place = ""
            self.close()
        self._is_blocked = False
        return True

    def enter(self, patience_s: float) -> float:
        """Wait for it, and return how many seconds of patience are left then.

        With none left one passes by who stands in it, and so do those who come after at once: a process that
        was stopped there, by Ctrl+Z say, must keep nobody from a database that is free.
        """
        gives_up_at = monotonic() + patience_s
        while not self.enter_at_once():
            left_s = gives_up_at - monotonic()
            if self._is_blocked:
                return patience_s
            if left_s <= 0:
                self._is_blocked = True
                return 0.0
            sleep(min(AGAIN_AFTER_S, left_s))
        return max(0.0, gives_up_at - monotonic())

    def leave(self) -> None:
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Forget the file; the next who enters opens it again."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                os.close(file)
