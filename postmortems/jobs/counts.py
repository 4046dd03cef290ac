"""Counts that every process keeps in memory and adds to the database in batches, for all of them together.

Whoever reads them asks one process of many, on one machine of many: what stands in the database is the same
for each. A process that is killed loses what it counted since the last batch. Nothing is decided by a count.
"""

from __future__ import annotations

import logging
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Table
from sqlalchemy.exc import SQLAlchemyError

from postmortems.db import session as db
from postmortems.jobs.models import ProcessCount

log = logging.getLogger(__name__)

# How long what was counted stays in one process alone.
PAUSE_S = 5.0
# The upper ends, in seconds, of the classes in which times are counted; what is above them has its own.
ENDS = (0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 10.0)
BEYOND, SUM = "+Inf", "sum"
CLASSES = (*(f"{end}" for end in ENDS), BEYOND)
SEPARATOR = "|"
LONGEST = 300

Key = tuple[str, str]


class Pending:
    """What was counted and is not stored yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Key] = Counter()

    def add(self, counts: Mapping[Key, int]) -> None:
        # Every request comes through here, and `update` of a Counter looks first what it was given.
        with self._lock:
            for key, count in counts.items():
                self._counts[key] += count

    def take(self) -> Counter[Key]:
        with self._lock:
            taken, self._counts = self._counts, Counter()
        return taken


_pending = Pending()


def add(name: str, *labels: str) -> None:
    """Count one more. The labels are words of ours, of which there are few: each set is a row for good."""
    _pending.add({(name, SEPARATOR.join(labels)[:LONGEST]): 1})


def took(name: str, *labels: str, seconds: float) -> None:
    """Count one more that took so long. The sum is kept in millionths of a second."""
    end = CLASSES[bisect_left(ENDS, seconds)]
    said = SEPARATOR.join(labels)[:LONGEST]
    _pending.add(
        {
            (name, f"{said}{SEPARATOR}{end}"): 1,
            (name, f"{said}{SEPARATOR}{SUM}"): round(seconds * 1_000_000),
        }
    )


def flush() -> None:
    """Store what was counted; what the database does not take is kept for the next time."""
    taken = _pending.take()
    if not taken:
        return
    # In one order, so that two processes do not wait for each other in a circle.
    rows = [
        {"name": name, "labels": labels, "value": value} for (name, labels), value in sorted(taken.items())
    ]
    try:
        with db.transaction():
            table = ProcessCount.__table__
            assert isinstance(table, Table)
            db.add_up(table, "value", rows)
    except SQLAlchemyError:
        log.info("counts could not be stored", exc_info=True)
        _pending.add(taken)


class Flushing:
    """The thread that stores what this process counts. Begin it after a fork, end it before the process."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="counts", daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(PAUSE_S):
            flush()
        flush()
