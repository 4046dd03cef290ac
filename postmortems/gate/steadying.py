"""What a look is worth: nothing without our own network; one by the clock, little while a guard flaps."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select

from postmortems import clock, db
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session
from postmortems.egress import Egress, Refused, Unreachable
from postmortems.gate.verdicts import Judged
from postmortems.guards.kinds import KINDS
from postmortems.guards.models import Evaluation, Guard

# A guard flaps when it turned this often within so many looks, or within this time.
FLIPS, LOOKS, SPAN = 3, 10, timedelta(minutes=30)
MOST = 60
# If nobody else got through for this long, the fault may be ours.
QUIET = timedelta(minutes=1)
CONTROL_TIMEOUT_S = 5.0
_asking = Lock()
_known: WeakKeyDictionary[Egress, tuple[float, bool]] = WeakKeyDictionary()

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


def doubted(data: Mapping[str, Any], egress: Egress, now: datetime) -> Mapping[str, Any]:
    """What was seen; where nothing answered because we have lost our own network, it says so (`offline`)."""
    looks = data.get("samples", [data])
    if not egress.control_url or not all("unreachable" in look for look in looks):
        return data
    with db.reading():
        got_through = _somebody_got_through(now)
    if got_through or not _is_offline(egress):
        return data
    told = {"offline": egress.control_url}
    return {**data, "samples": [look | told for look in looks]} if "samples" in data else {**data, **told}


def _somebody_got_through(now: datetime) -> bool:
    """Whether any guard that looks outside got an answer within the last minute."""
    answered = (
        select(Evaluation.id)
        .join(Guard, Guard.id == Evaluation.guard_id)
        .where(
            Guard.kind.in_([kind.slug for kind in KINDS.values() if kind.observes]),
            Evaluation.purpose.in_(["schedule", "decision"]),
            Evaluation.at > now - QUIET,
            Evaluation.checked_at > now - QUIET,
            Evaluation.verdict.in_(["pass", "fail"]),
            Evaluation.reason_code != "unreachable",
        )
    )
    return session().scalar(answered.limit(1)) is not None


def _is_offline(egress: Egress) -> bool:
    """Whether the control address is out of reach too. Who asks meanwhile waits for the same answer."""
    with _asking:
        at, is_offline = _known.get(egress, (0.0, False))
        if at and time.monotonic() - at < CONTROL_TIMEOUT_S:
            return is_offline
        try:
            egress.get(egress.control_url, timeout_s=CONTROL_TIMEOUT_S)
            is_offline = False
        except Unreachable:
            is_offline = True
        except Refused:
            is_offline = False  # The operator has not allowed it: it tells us nothing.
        _known[egress] = time.monotonic(), is_offline
        return is_offline
