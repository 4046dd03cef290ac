"""What a look by the clock is worth: nothing without our own network, little while a guard flaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select

from postmortems import clock
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session
from postmortems.egress import Egress, Refused, Unreachable
from postmortems.gate.verdicts import Judged
from postmortems.guards.judging import Judgement
from postmortems.guards.models import Evaluation, Guard

# A guard flaps when it turned this often within so many looks, or within this time.
FLIPS, LOOKS, SPAN = 3, 10, timedelta(minutes=30)
MOST = 60
# If nobody else got through for this long, the fault may be ours.
QUIET = timedelta(minutes=1)
CONTROL_TIMEOUT_S = 5.0

# When a guard looked, and whether it passed; the newest first.
Looks = Sequence[tuple[datetime, bool]]


def is_flapping(looks: Looks, now: datetime) -> bool:
    """Whether a guard turned from pass to fail or back three times in ten looks, or in half an hour."""
    lately = [passed for at, passed in looks if at > now - SPAN]
    return _flips([passed for _, passed in looks[:LOOKS]]) >= FLIPS or _flips(lately) >= FLIPS


def _flips(passed: Sequence[bool]) -> int:
    return sum(one != other for one, other in pairwise(passed))


def flaps(guard_id: int) -> bool:
    """Whether the guard flaps at this moment."""
    return is_flapping(looks_of(guard_id), clock.now())


def looks_of(guard_id: int) -> Looks:
    """The newest looks by the clock that passed or failed. A pass that was not believed is one here."""
    rows = session().execute(
        select(Evaluation.at, Evaluation.verdict, Evaluation.reason_code)
        .where(Evaluation.guard_id == guard_id, Evaluation.purpose == "schedule")
        .order_by(Evaluation.id.desc())
        .limit(MOST)
    )
    return [
        (at, verdict == "pass" or code == "flapping")
        for at, verdict, code in rows
        if verdict in {"pass", "fail"} or code == "flapping"
    ]


def steadied(judged: Judged, looks: Looks, now: datetime, actor: Actor) -> Judged:
    """The verdict as it is kept: while a guard flaps, a pass counts from the second on.

    Says once, when it begins, that it flaps, and to whom that matters.
    """
    found = judged.judgement
    if found.verdict not in {"pass", "fail"}:
        return judged
    with_this = [(now, found.verdict == "pass"), *looks]
    if not is_flapping(with_this, now):
        return judged
    if not is_flapping(looks, now):
        slug = judged.guard.slug
        owner = session().scalar(select(Guard.owner).where(Guard.slug == slug)) or ""
        audit.record(actor, "guard.flapping", "guard", slug, tells=[owner] if owner else [])
    if found.verdict == "fail" or (looks and looks[0][1]):
        return judged
    told = f"it flaps, and passed only once by now: {found.summary}"
    return Judged(judged.guard, replace(found, verdict="inconclusive", reason_code="flapping", summary=told))


def somebody_got_through(kinds: Iterable[str], now: datetime) -> bool:
    """Whether any guard that looks outside got an answer within the last minute."""
    answered = (
        select(Evaluation.id)
        .join(Guard, Guard.id == Evaluation.guard_id)
        .where(
            Guard.kind.in_(list(kinds)),
            Evaluation.purpose == "schedule",
            Evaluation.at > now - QUIET,
            Evaluation.verdict.in_(["pass", "fail"]),
            Evaluation.reason_code != "unreachable",
        )
    )
    return session().scalar(answered.limit(1)) is not None


def is_offline(egress: Egress, control_url: str) -> bool:
    """Whether the control address is out of reach too, so that it is we who have lost the network."""
    try:
        egress.get(control_url, timeout_s=CONTROL_TIMEOUT_S)
    except Unreachable:
        return True
    except Refused:
        return False  # The operator has not allowed it: it tells us nothing.
    return False


def offline(judged: Judged, control_url: str) -> Judged:
    """What a look is worth that we made without a network."""
    told = f"we reach nothing at this moment, not even {control_url}"
    return Judged(judged.guard, Judgement("inconclusive", "prober_offline", told, checked_at=None))
