"""Runs the probes of a decision side by side, outside any unit of work, within the deadline.

Two decisions that need the same probe share it: the second waits for the first one's, and both cite the same
evidence. Other processes share it once it is stored. One host is asked two things at once, not more: what is
beyond that waits without holding a thread, so that hosts that hang hold up none but themselves.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from postmortems import clock, limits
from postmortems.db import session as db
from postmortems.egress.client import Egress
from postmortems.gate.decisions import store
from postmortems.gate.verdicts import flapping
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.guards.judgement import EvidenceItem, Question
from postmortems.guards.kinds.registry import KINDS
from postmortems.jobs import counts

log = logging.getLogger(__name__)

# A pipeline waits this long for all probes of a decision together.
DEADLINE_S = float(limits.PROBES_WITHIN_S)
A_HOST_AT_ONCE = 2
# More than any decision has guards; who asks about ever other artifacts must not fill the memory.
A_HOST_WAITING = 1000
# Of the whole process: hosts that hang have to be many before they hold up the others. Guards that only watch
# hold up none but each other.
THREADS, SHADOW_THREADS = 64, 16


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a guard's probe returned, or why it failed (`trouble`, which makes the verdict an error).

    `evidence_id` is what is stored of it; None where that was not possible.
    """

    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    trouble: str = ""
    evidence_id: int | None = None
    # The guard is at shadow, and is probed after the answer.
    is_later: bool = False

    def as_evidence(self, question: Question) -> EvidenceItem:
        return EvidenceItem("observation", self.at, target=question.target, data=self.data)


class ProbePool:
    """The probes that are running or waiting in this process."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="look")
        self._lock = Lock()
        self._shared: dict[object, Future[ProbeResult]] = {}
        self._looking: defaultdict[str, int] = defaultdict(int)
        self._waiting: defaultdict[str, deque[Callable[[], None]]] = defaultdict(deque)

    def share(self, what: object, host: str, probe: Callable[[], ProbeResult]) -> Future[ProbeResult]:
        """The running probe of `what`; else one that begins now, or as soon as its host has room."""
        with self._lock:
            under_way = self._shared.get(what)
            if under_way is not None:
                return under_way
            mine = self._shared[what] = Future[ProbeResult]()
            task = lambda: self._do(what, host, probe, mine)  # noqa: E731
            if len(self._waiting[host]) >= A_HOST_WAITING:
                mine = self._shared.pop(what)
                mine.set_result(
                    ProbeResult(clock.now(), trouble="too many looks wait for the host to answer")
                )
                return mine
            if self._looking[host] >= A_HOST_AT_ONCE:
                self._waiting[host].append(task)
                return mine
            self._looking[host] += 1
        self._pool.submit(task)
        return mine

    def _do(
        self, what: object, host: str, probe: Callable[[], ProbeResult], mine: Future[ProbeResult]
    ) -> None:
        try:
            outcome: ProbeResult | Exception = probe()
        except Exception as broken:
            # It is the guard's fault, and told to everybody who waits for it.
            outcome = broken
        with self._lock:
            del self._shared[what]
            following = self._waiting[host].popleft() if self._waiting[host] else None
            if following is None:
                self._looking[host] -= 1
                if not self._looking[host]:
                    del self._looking[host], self._waiting[host]
        if following is not None:
            self._pool.submit(following)
        if isinstance(outcome, Exception):
            mine.set_exception(outcome)
        else:
            mine.set_result(outcome)


_pool, _shadow_pool = ProbePool(THREADS), ProbePool(SHADOW_THREADS)


def is_due(guard: GuardValue, question: Question, newest: EvidenceItem | None) -> bool:
    """Whether the guard needs a new probe before it is judged; never in a replay."""
    if not guard.probes or question.is_replay:
        return False
    kind = KINDS[guard.kind]
    if newest is None or not kind.answers(guard.config, newest.data, question):
        return True
    return (question.now - newest.observed_at).total_seconds() > guard.max_age_s


def run(
    guards: Sequence[GuardValue], question: Question, egress: Egress, deadline_s: float = DEADLINE_S
) -> dict[str, ProbeResult]:
    """Probe guards side by side: results by slug. One that misses the deadline (seconds) has `trouble`."""
    if not guards:
        return {}
    if db.is_open():
        raise RuntimeError("nothing may be looked at while a unit of work is open")
    ends = time.monotonic() + deadline_s
    started = {guard.slug: begin(guard, question, egress) for guard in guards}
    return {slug: result(slug, future, ends) for slug, future in started.items()}


def begin(guard: GuardValue, question: Question, egress: Egress) -> Future[ProbeResult]:
    """Begin the guard's probe, or share the one that is running."""
    # Of this database: an id means another guard in another one.
    what: list[object] = [str(db.engine().url), guard.id or guard.slug, guard.revision]
    if KINDS[guard.kind].asks_about_artifact:
        what += [question.target, question.artifact, question.change_kind]
    pool = _shadow_pool if guard.level == "shadow" else _pool
    return pool.share(repr(what), host_of(guard), lambda: _observe(guard, question, egress))


def host_of(guard: GuardValue) -> str:
    """The host that the guard probes, if its configuration names one; else the guard's slug."""
    url, host = guard.config.get("url"), guard.config.get("host")
    try:
        named = urlsplit(url).hostname if isinstance(url, str) else host
    except ValueError:
        named = None
    return named if isinstance(named, str) and named else guard.slug


def _observe(guard: GuardValue, question: Question, egress: Egress) -> ProbeResult:
    began = time.perf_counter()
    try:
        raw = KINDS[guard.kind].observe(guard.config, question, egress)
    finally:
        counts.took("probes", guard.kind, seconds=time.perf_counter() - began)
    data = flapping.doubted(raw, egress, clock.now())
    probed = ProbeResult(clock.now(), data)
    if not KINDS[guard.kind].is_worth_keeping(data):
        return probed
    try:
        with db.transaction():
            return replace(probed, evidence_id=store.observation(guard.id, data, probed.at, clock.now()))
    except Exception:
        # What was seen counts for those who wait for it, though it could not be kept for others.
        log.exception("what %s saw could not be stored", guard.slug)
        return probed


def result(slug: str, future: Future[ProbeResult], ends: float = 0.0) -> ProbeResult:
    """The probe's result; `trouble` where it failed or is not done at `ends` (monotonic seconds)."""
    try:
        return future.result(timeout=max(0.0, ends - time.monotonic()))
    except TooLate:
        return ProbeResult(clock.now(), trouble="it was not back within the time for a decision")
    except Exception as broken:
        # A kind's fault is this guard's verdict `error`; the other guards still answer.
        log.error("guard %s could not look", slug, exc_info=broken)
        return ProbeResult(clock.now(), trouble=f"it could not look: {type(broken).__name__}")
