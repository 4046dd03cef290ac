"""Rates of requests: how many one token, person or address may make in a minute, over all processes.

Each process counts in memory. Who comes near a limit in it is also counted in the database, in batches, and
from there every process learns what the others have seen. So a request costs no statement, and whoever stays
far from a limit costs the database nothing; several processes together let a little more through.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Table, delete, select
from sqlalchemy.exc import SQLAlchemyError

from postmortems import clock, limits
from postmortems.db import session as db
from postmortems.jobs.models import RequestWindow
from postmortems.limits import RATES, Rate

log = logging.getLogger(__name__)

BY_NAME = {rate.name: rate for rate in RATES}
GATE = ("/api/v1/gate/", "/api/v1/heartbeats/", "/api/v1/evidence", "/api/v1/attestations")
IMPORTS = ("/import", "/api/v1/imports")
# In the address or the Accept header, what is written anew and may be long.
EXPORTED = ("zip", "csv", "pdf", "docx", "wordprocessing")
SEARCH = ("/search", "/api/v1/search")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# From this part of a limit on, a process tells the others.
NEAR = 20
PAUSE_S = 2.0
# Whoever makes up ever other addresses must not fill the memory: beyond so many, what is new counts together.
MOST_COUNTED = 50_000
OTHERS = "others"


def rate_of(method: str, path: str, wanted: str = "") -> Rate:
    """The limit that a request falls under; `wanted` are the formats that it asks for."""
    if path.startswith(GATE):
        return BY_NAME["gate"]
    reads = method in SAFE_METHODS
    if path.startswith(IMPORTS) and not reads:
        return BY_NAME["imports"]
    if reads and (path.endswith(".zip") or any(sort in wanted for sort in EXPORTED)):
        return BY_NAME["exports"]
    if path.startswith(SEARCH):
        return BY_NAME["search"]
    # An assistant posts whatever it asks.
    return BY_NAME["reads" if reads or path.rstrip("/") == limits.ASSISTANTS_PATH else "writes"]


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether a request may be answered, how many more may, and when a new minute begins."""

    rate: Rate
    most: int
    left: int
    ends_in_s: int
    whose: str
    is_allowed: bool


@dataclass(slots=True)
class _Counted:
    """`mine` of this process since it told the others, `known` of all until then."""

    near: int
    mine: int = 0
    known: int = 0


@dataclass(slots=True)
class Counts:
    """What this process counts in the present minute."""

    minute: int = 0
    by: dict[str, _Counted] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, rate: Rate, counting: Iterable[tuple[str, str, int]], now: datetime) -> Taken:
        """Count a request for each of `counting`: whose, a name for it, and how many are the most.

        What is refused does not count, so that a limit ends by itself.
        """
        seconds = now.timestamp()
        minute, ends_in_s = int(seconds // limits.RATE_WINDOW_S), _left(seconds)
        with self.lock:
            if minute != self.minute:
                self.minute, self.by = minute, {}
            found = [(whose, most, self._of(f"{rate.name} {name}", most)) for whose, name, most in counting]
            for whose, most, counted in found:
                if counted.known + counted.mine >= most:
                    return Taken(rate, most, 0, ends_in_s, whose, is_allowed=False)
            for _, _, counted in found:
                counted.mine += 1
            # What is told is the limit that is nearest.
            whose, most, counted = min(found, key=lambda one: one[1] - one[2].known - one[2].mine)
            return Taken(rate, most, most - counted.known - counted.mine, ends_in_s, whose, is_allowed=True)

    def _of(self, name: str, most: int) -> _Counted:
        counted = self.by.get(name)
        if counted is None:
            if len(self.by) >= MOST_COUNTED:
                name = f"{name.partition(' ')[0]} {OTHERS}"
            counted = self.by.setdefault(name, _Counted(max(1, most * NEAR // 100)))
        return counted

    def to_tell(self) -> tuple[int, dict[str, int]]:
        """The minute, and what is not told yet of those who are near their limit."""
        with self.lock:
            near = {
                name: each
                for name, each in self.by.items()
                if each.mine and each.known + each.mine >= each.near
            }
            told = {name: each.mine for name, each in near.items()}
            for each in near.values():
                each.known, each.mine = each.known + each.mine, 0
            return self.minute, told

    def learn(self, minute: int, known: dict[str, int]) -> None:
        """Take over how many requests all processes together have counted."""
        with self.lock:
            if minute == self.minute:
                for name, count in known.items():
                    if (counted := self.by.get(name)) is not None:
                        counted.known = max(counted.known, count)


counts = Counts()


def share() -> None:
    """Tell the other processes, and learn from them; opens a unit of work where something is to be told."""
    minute, told = counts.to_tell()
    if not told:
        return
    rows = [{"minute": minute, "who": who, "requests": count} for who, count in sorted(told.items())]
    table = RequestWindow.__table__
    assert isinstance(table, Table)
    mine = RequestWindow.minute == minute, RequestWindow.who.in_(told)
    try:
        with db.transaction() as session:
            session.execute(delete(RequestWindow).where(RequestWindow.minute < minute - 1))
            db.add_up(table, "requests", rows)
            found = session.execute(select(RequestWindow.who, RequestWindow.requests).where(*mine))
            known = {who: count for who, count in found}  # noqa: C416
    except SQLAlchemyError:
        # Until the database is back each process has its own limit.
        log.info("limits could not be shared", exc_info=True)
        return
    counts.learn(minute, known)


class Sharing:
    """The thread that shares what this process counts. Begin it after a fork."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="limits", daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(PAUSE_S):
            share()


def now_taken(rate: Rate, who: Iterable[tuple[str, str, int]], percent: int) -> Taken:
    """Count a request, by limits of so many hundredths of those in `limits`."""
    scaled = [(whose, name, max(1, most * percent // 100)) for whose, name, most in who]
    return counts.take(rate, scaled, clock.now())


def _left(seconds: float) -> int:
    return limits.RATE_WINDOW_S - int(seconds % limits.RATE_WINDOW_S)
