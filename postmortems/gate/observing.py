"""Let guards look outside: at the same time, outside any unit of work, and never longer than the deadline."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from postmortems import clock, db
from postmortems.egress import Egress
from postmortems.gate.verdicts import GuardValue
from postmortems.guards.judging import Question, Seen
from postmortems.guards.kinds import KINDS

log = logging.getLogger(__name__)

# A pipeline waits this long for all probes of a decision together.
DEADLINE_S = 25.0
AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Look:
    """What a guard saw just now, or why it could not look (`trouble`, which makes it an error)."""

    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    trouble: str = ""

    def seen(self, question: Question) -> Seen:
        return Seen("observation", self.at, target=question.target, data=self.data)


def is_due(guard: GuardValue, question: Question, newest: Seen | None) -> bool:
    """Whether the guard has to look before it can be judged. A replay only knows what was recorded."""
    kind = KINDS.get(guard.kind)
    if kind is None or not kind.observes or question.is_replay:
        return False
    return newest is None or (question.now - newest.observed_at).total_seconds() > guard.max_age_s


def look(
    guards: Sequence[GuardValue], question: Question, egress: Egress, deadline_s: float = DEADLINE_S
) -> dict[str, Look]:
    """By guard slug, what each saw. Whoever is not back by the deadline (seconds) is in trouble."""
    if not guards:
        return {}
    if db.is_open():
        raise RuntimeError("nothing may be looked at while a unit of work is open")
    pool = ThreadPoolExecutor(max_workers=min(AT_ONCE, len(guards)), thread_name_prefix="look")
    try:
        ends = time.monotonic() + deadline_s
        started = {guard.slug: pool.submit(_observe, guard, question, egress) for guard in guards}
        return {slug: _result(slug, future, ends) for slug, future in started.items()}
    finally:
        # Those that hang end by their own time limit; nobody waits for them here.
        pool.shutdown(wait=False, cancel_futures=True)


def _observe(guard: GuardValue, question: Question, egress: Egress) -> Look:
    data = KINDS[guard.kind].observe(guard.config, question, egress)
    return Look(clock.now(), data)


def _result(slug: str, future: Future[Look], ends: float) -> Look:
    try:
        return future.result(timeout=max(0.0, ends - time.monotonic()))
    except TooLate:
        return Look(clock.now(), trouble="it was not back within the time for a decision")
    except Exception as broken:
        # A kind's fault is this guard's verdict `error`; the other guards still answer.
        log.exception("guard %s could not look", slug)
        return Look(clock.now(), trouble=f"it could not look: {type(broken).__name__}")
