"""Delivery of webhooks: one message at a time to each receiver; none holds up another."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from types import TracebackType

from postmortems import clock
from postmortems.db import session as db
from postmortems.jobs import counts
from postmortems.notify import outbox
from postmortems.notify.retry_schedule import Lent, Outcome
from postmortems.vault.runtime import Runtime

log = logging.getLogger(__name__)

AT_ONCE = 8
# What became of an attempt, by the message's state after it.
BECAME = {"sent": "sent", "waiting": "put_off", "dead": "given_up"}

# How a channel sends a message. Called outside any unit of work; opens its own where it has to read.
Send = Callable[[Lent, Runtime], Outcome]
# What a channel does once the outcome is noted, in the same unit of work.
Noted = Callable[[Lent, Outcome, datetime], None]


class Sender:
    """The threads that send for one worker. Leaving it waits for what is under way, as long as there is time.

    `time_left` says how many seconds that is; a message that takes longer is sent again when its lease ends.
    """

    def __init__(
        self,
        runtime: Runtime,
        name: str,
        channels: Mapping[str, tuple[Send, Noted]],
        time_left: Callable[[], float | None] = lambda: None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self.now = now
        self.runtime, self.name, self.channels, self.time_left = runtime, name, channels, time_left
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="send")
        self._under_way: dict[tuple[str, str], Future[None]] = {}

    def __enter__(self) -> Sender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        unfinished = futures.wait(self._under_way.values(), self.time_left()).not_done
        self._threads.shutdown(wait=not unfinished)

    def send_due(self, stop: threading.Event | None = None) -> int:
        """Begin to send what is due, as far as there are threads; returns how many messages were taken."""
        self._under_way = {queue: task for queue, task in self._under_way.items() if not task.done()}
        free = AT_ONCE - len(self._under_way)
        if free <= 0 or (stop is not None and stop.is_set()):
            return 0
        now = self.now()
        with db.reading():
            found = outbox.due(now, self._under_way.keys(), free)
        taken = 0
        for message_id in found:
            with db.transaction():
                lent = outbox.lend(message_id, self.name, now)
            if lent is not None:
                self._under_way[lent.channel, lent.receiver] = self._threads.submit(self._deliver, lent)
                taken += 1
        return taken

    def wait(self) -> None:
        """Wait for what is under way."""
        for task in list(self._under_way.values()):
            task.result()

    def _deliver(self, lent: Lent) -> None:
        try:
            send, noted = self.channels[lent.channel]
            outcome = self._sent(send, lent)
            with db.transaction():
                now = self.now()
                row = outbox.give_back(lent, self.name, outcome, now)
                became = row.state if row is not None and outcome.goes_on_in is None else ""
                if row is not None:
                    noted(lent, outcome, now)
            if became:
                counts.add("deliveries", lent.channel, BECAME[became])
        except Exception:
            # The database is away: the lease ends, and the message is sent again then, under the same name.
            log.exception("the message %s could not be given back", lent.about)

    def _sent(self, send: Send, lent: Lent) -> Outcome:
        try:
            return send(lent, self.runtime)
        except Exception as broken:
            # A fault of ours in one channel must not end the thread, nor lose the message.
            log.exception("the message %s could not be sent", lent.about)
            return Outcome(False, f"it could not be sent: {type(broken).__name__}")
