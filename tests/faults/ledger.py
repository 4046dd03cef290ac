"""Clients that write to a server, and what it acknowledged to them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

CLIENTS = 8


class Ledger:
    """Clients that write until the server is gone, and what it acknowledged to them."""

    def __init__(self, write: Callable[[int, int], Any]) -> None:
        self.write, self.kept = write, []  # type: ignore[var-annotated]
        self.enough, self.over = threading.Event(), threading.Event()

    def fill(self, client: int, enough: int) -> None:
        for number in range(10_000):
            if self.over.is_set():
                return
            kept = self.write(client, number)
            if kept is not None:
                self.kept.append(kept)
            if len(self.kept) >= enough:
                self.enough.set()

    @contextmanager
    def writing(self, enough: int) -> Iterator[None]:
        """Leaves once `enough` writes were acknowledged; the clients go on until the block ends."""
        self.enough.clear()
        self.over.clear()
        threads = [
            threading.Thread(target=self.fill, args=(client, len(self.kept) + enough))
            for client in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        assert self.enough.wait(60), "the server answers nothing"
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join()
