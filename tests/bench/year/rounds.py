"""Rounds of the worker: what is due at a simulated moment is done to its end, by the worker's own code."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager

from postmortems import clock, worker
from postmortems.db import session as db
from postmortems.notify import event_reader
from postmortems.notify.delivery import Sender
from postmortems.vault.runtime import Runtime


class Rounds:
    """A worker whose time we move. `troubles` is what it logged of jobs that failed."""

    def __init__(self, pool: worker.WorkerPool, sender: Sender, troubles: list[str]) -> None:
        self.pool, self.sender, self.troubles = pool, sender, troubles

    def work(self) -> None:
        """Do every periodic job and probe that is due, tell what happened, and send all of it."""
        while worker.start_due(self.pool):
            futures.wait(self.pool.under_way.values())
        # What is sent may be noted in an event, and an event be something to send.
        while self._tell() or self._send():
            pass

    def _tell(self) -> int:
        sends_mail = bool(self.pool.settings.smtp_url)
        with db.transaction():
            return event_reader.tell(clock.now(), sends_mail=sends_mail, others=worker.TRAIL_READERS)

    def _send(self) -> int:
        begun = self.sender.send_due()
        self.sender.wait()
        return begun


@contextmanager
def working(runtime: Runtime) -> Iterator[Rounds]:
    """A worker in threads of this process."""
    troubles: list[str] = []
    noted = _Noted(troubles)
    log = logging.getLogger("postmortems")
    log.addHandler(noted)
    try:
        with worker.WorkerPool(runtime, settings=runtime.settings) as pool:
            sender = Sender(runtime, pool.name, worker.CHANNELS, pool.time_left, pool.now)
            with sender:
                yield Rounds(pool, sender, troubles)
    finally:
        log.removeHandler(noted)


class _Noted(logging.Handler):
    def __init__(self, troubles: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.troubles = troubles

    def emit(self, record: logging.LogRecord) -> None:
        wrong = f": {record.exc_info[1]!r}" if record.exc_info else ""
        self.troubles.append(record.getMessage() + wrong)
