"""Flapping: when a verdict turns too often to count, and probes that failed for lack of our own network."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise, takewhile
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select, update

from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import Base, session
from postmortems.egress.client import Egress, Refused, Unreachable
from postmortems.gate.verdicts.judge import GuardResult, GuardValue
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evaluation, Guard

# A guard flaps when it turned this often within so many probes, or within this time.
FLIPS, PROBES, SPAN = 3, 10, timedelta(minutes=30)
MOST = 60
# If nobody else got through for this long, the fault may be ours.
QUIET = timedelta(minutes=1)
CONTROL_TIMEOUT_S = 5.0
GUARDS = Base.metadata.tables["guards"]
_asking = Lock()
_known: WeakKeyDictionary[Egress, tuple[float, bool]] = WeakKeyDictionary()

# When a guard was probed, and whether it passed; the newest first.
ProbeHistory = Sequence[tuple[datetime, bool]]


def is_flapping(history: ProbeHistory, now: datetime) -> bool:
    """Whether a guard turned from pass to fail or back three times in ten probes, or in half an hour."""
    lately = [passed for at, passed in history if at > now - SPAN]
    return _flips([passed for _, passed in history[:PROBES]]) >= FLIPS or _flips(lately) >= FLIPS


def _flips(passed: Sequence[bool]) -> int:
    return sum(one != other for one, other in pairwise(passed))


def history_of(guard: GuardValue) -> ProbeHistory:
    """The newest scheduled probes that passed or failed, since the guard was last edited.

    A pass that was not believed is one here.
    """
    rows = session().execute(
        select(Evaluation.at, Evaluation.verdict, Evaluation.reason_code)
        .where(
            Evaluation.guard_id == guard.id,
            Evaluation.guard_revision == guard.revision,
            Evaluation.purpose == "schedule",
        )
        .order_by(Evaluation.id.desc())
        .limit(MOST)
    )
    return [
        (at, verdict == "pass" or code == "flapping")
        for at, verdict, code in rows
        if verdict in {"pass", "fail"} or code == "flapping"
    ]


def steadied(result: GuardResult, at: datetime, actor: Actor) -> GuardResult:
    """The verdict of a scheduled probe as it is stored; notes when the guard begins or ceases to flap.

    Its owner is told when it begins, and when it is over.
    """
    guard, verdict = result.guard, result.judgement.verdict
    if verdict not in {"pass", "fail"}:
        return result
    history = [(at, verdict == "pass"), *history_of(guard)]
    flaps = is_flapping(history, at)
    noted = replace(
        guard,
        flaps_since=(guard.flaps_since or at) if flaps else None,
        passes_since=_passes_since(history) if flaps else None,
    )
    if (guard.flaps_since is None) is flaps:
        audit.record(
            actor, "guard.flapping" if flaps else "guard.steady", "guard", guard.slug, tells=_owner(guard)
        )
    if noted != guard:
        # Past the row's own count of revisions: nobody edited the guard. Who edits it now begins anew.
        row = update(GUARDS).where(GUARDS.c.id == guard.id, GUARDS.c.revision == guard.revision)
        session().execute(row.values(flaps_since=noted.flaps_since, passes_since=noted.passes_since))
    return counted(replace(result, guard=noted), at)


def _passes_since(history: ProbeHistory) -> datetime | None:
    """When the present row of passes began; None where the newest probe failed."""
    return next(reversed([at for at, _ in takewhile(lambda probe: probe[1], history)]), None)


def _owner(guard: GuardValue) -> list[str]:
    owner = session().scalar(select(Guard.owner).where(Guard.id == guard.id))
    return [owner] if owner else []


def counted(result: GuardResult, probed_at: datetime) -> GuardResult:
    """The verdict on a probe of this instant: while a guard flaps, a pass counts from the second on.

    The first is one by the clock, for that is what guards are asked by in between.
    """
    guard, judgement = result.guard, result.judgement
    if guard.flaps_since is None or judgement.verdict != "pass":
        return result
    if guard.passes_since is not None and probed_at > guard.passes_since:
        return result
    flaps = f"it flaps since {guard.flaps_since:%Y-%m-%d %H:%M} UTC, and"
    if guard.passes_since is None:
        flaps += " its newest look by the clock failed, so that this pass is not enough"
    else:
        flaps += " passed only once by now"
    summary = f"{flaps}: {judgement.summary}"
    return replace(
        result,
        judgement=replace(
            judgement, verdict="inconclusive", reason_code="flapping", summary=summary, valid_until=None
        ),
    )


def doubted(data: Mapping[str, Any], egress: Egress, now: datetime) -> Mapping[str, Any]:
    """The probe result, marked `offline` where nothing answered because our own network is down."""
    samples = data.get("samples", [data])
    if not egress.control_url or not all("unreachable" in sample for sample in samples):
        return data
    with db.reading():
        got_through = _somebody_got_through(now)
    if got_through or not _is_offline(egress):
        return data
    note = {"offline": egress.control_url}
    return (
        {**data, "samples": [sample | note for sample in samples]} if "samples" in data else {**data, **note}
    )


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
