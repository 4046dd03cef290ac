"""Concurrency limits of outgoing calls: altogether and per host; who finds no room waits."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class ConcurrencyLimit:
    """Room for `at_once` calls, `per_host` of them to the same host."""

    def __init__(self, at_once: int, per_host: int) -> None:
        self._at_once, self._per_host = at_once, per_host
        self._under_way: Counter[str] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def take(self, host: str, deadline: float) -> Iterator[None]:
        """Hold a place until the block ends. Raises `TimeoutError` at the deadline (monotonic seconds)."""
        with self._changed:
            while not self._has_room(host):
                if not self._changed.wait(deadline - time.monotonic()) and not self._has_room(host):
                    raise TimeoutError
            self._under_way[host] += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way[host] -= 1
                if not self._under_way[host]:
                    del self._under_way[host]
                self._changed.notify_all()

    def _has_room(self, host: str) -> bool:
        return self._under_way.total() < self._at_once and self._under_way[host] < self._per_host
