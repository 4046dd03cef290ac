"""The replica that reports and exports are read from: whether it is there, and how far behind it is."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)

READS_ONLY: dict[str, Any] = {"reads_only": True, "postgresql_readonly": True}
# As on SQLite whoever reads sees anyway.
ONE_MOMENT = "REPEATABLE READ"
# What was stored so long ago is seen by whoever reads there; a replica further behind is not read.
MOST_LAG_S = 10.0
# How long an answer of it holds, and how long who wants to read waits for one.
HOLDS_S, WAITS_S = 1.0, 0.5
# How often it is looked at for one answer, and the pause between.
LOOKS, PAUSE_S = 4, 0.05
# What was sampled: by seconds, for as long as a lag matters.
SAMPLES = 60
WRITTEN = text("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")
# See `versions.SHOWN`.
SHOWN = text("SELECT number FROM versions WHERE name = 'shown'")
REPLAYED = text("SELECT pg_is_in_recovery(), pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')")


@dataclass(frozen=True, slots=True)
class State:
    """What was found when it was asked. `lag_s` is how far behind it was at most, None where nobody knows."""

    at: float
    lag_s: float | None = None
    trouble: str = ""

    @property
    def is_near(self) -> bool:
        return self.lag_s is not None and self.lag_s <= MOST_LAG_S

    def __str__(self) -> str:
        if self.trouble:
            return f"{self.trouble}; reports and exports read the database itself"
        if self.lag_s is None or not self.is_near:
            told = "long ago" if self.lag_s is None else f"{self.lag_s:.0f} s ago"
            return f"it shows what was stored {told}; reports and exports read the database itself"
        return f"it shows what was stored {self.lag_s:.1f} s ago"


def at_one_moment(engine: Engine) -> Engine:
    """The engine for units of work that only read, all of whose statements see the same state."""
    reader = engine.execution_options(**READS_ONLY)
    is_postgresql = engine.dialect.name == "postgresql"
    return reader.execution_options(isolation_level=ONE_MOMENT) if is_postgresql else reader


class Replica:
    """A streaming replica of the database. Who asks for its state waits half a second for it at most."""

    def __init__(self, engine: Engine, primary: Engine) -> None:
        self.engine, self.primary = engine, primary
        self.reader = at_one_moment(engine)
        self._lock = threading.Lock()
        self._under_way: tuple[threading.Event, float] | None = None
        self._state: State | None = None
        # When the primary had written how far; the lag is worked out from these.
        self._samples: deque[tuple[float, int]] = deque(maxlen=SAMPLES)

    def is_near(self) -> bool:
        """Whether it is there and not too far behind."""
        return self.state().is_near

    def hides_the_same(self) -> bool:
        """Whether whom restricted incidents are shown to is there what it is by now, however near it is."""
        try:
            with self.primary.connect() as connection:
                here = connection.scalar(SHOWN)
            with self.reader.connect() as connection:
                return bool(connection.scalar(SHOWN) == here)
        except SQLAlchemyError:
            return False

    def state(self) -> State:
        """What is known of it, asked anew where that is old."""
        with self._lock:
            if self._state is not None and monotonic() - self._state.at < HOLDS_S:
                return self._state
            if self._under_way is None:
                self._under_way = threading.Event(), monotonic()
                threading.Thread(target=self._ask, args=self._under_way[:1], daemon=True).start()
            over, began = self._under_way
        if over.wait(max(0.0, began + WAITS_S - monotonic())):
            with self._lock:
                return self._state or State(monotonic(), trouble="it is not known yet")
        return State(monotonic(), trouble="it does not answer")

    def _ask(self, over: threading.Event) -> None:
        found = self._found()
        with self._lock:
            before, self._state, self._under_way = self._state, found, None
        over.set()
        if (before is None or before.is_near) and not found.is_near:
            log.warning("the replica is not read: %s", found)

    def _found(self) -> State:
        try:
            with self.primary.connect() as connection:
                began, written = monotonic(), int(connection.execute(WRITTEN).scalar_one())
            self._samples.append((began, written))
            is_replica, lag_s = self._looked()
        except SQLAlchemyError as broken:
            # Its own words may hold an address.
            return State(monotonic(), trouble=f"it does not answer ({type(broken).__name__})")
        if not is_replica:
            return State(monotonic(), trouble="it is no replica: it follows no other server")
        return State(monotonic(), lag_s=lag_s)

    def _looked(self) -> tuple[bool, float | None]:
        """Whether it follows another server, and how far behind; it has a moment to get to the sample."""
        lag_s, is_replica = None, True
        for _ in range(LOOKS):
            # As a reader: a connection that was one before says READ WRITE otherwise, which is refused there.
            with self.reader.connect() as connection:
                is_replica, replayed = connection.execute(REPLAYED).one()
            lag_s = self._lag_s(int(replayed)) if is_replica else None
            if not is_replica or (lag_s is not None and lag_s < HOLDS_S):
                break
            sleep(PAUSE_S)
        return is_replica, lag_s

    def _lag_s(self, replayed: int) -> float | None:
        """How long ago the primary had written no more than is replayed there."""
        known = [at for at, written in self._samples if written <= replayed]
        return monotonic() - max(known) if known else None
