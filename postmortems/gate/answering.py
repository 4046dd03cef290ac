"""Put the gate's answer together from what each guard said. Pure."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from postmortems.gate import rules, verdicts
from postmortems.gate.verdicts import Judged

# A decision holds at most this long, whatever the guards say.
LONGEST_VALID = timedelta(seconds=600)
# How long the answer may stay `wait` before it becomes `block`.
WAIT_FOR = timedelta(seconds=900)

Because = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """Why no guard was asked: a reason for the decision as a whole."""

    decision: str
    reason_code: str
    summary: str
    remedy: str

    def plain(self) -> dict[str, str]:
        return {"reason_code": self.reason_code, "summary": self.summary, "remedy": self.remedy}


def uncovered(target: str) -> Unanswerable:
    return Unanswerable(
        "allow_with_warnings",
        "uncovered",
        f"no guard covers {target}, so nothing was checked",
        "Give a guard this target in its scope.",
    )


def unknown_target(target: str, known: Sequence[str]) -> Unanswerable:
    """`known` are the full names of the service's targets; none when the service itself is unknown."""
    if known:
        summary = f"{target} is no target we know; there is {', '.join(known)}"
    else:
        summary = f"{target} is no target we know: no service has that name, or it has no targets"
    return Unanswerable(
        "block", "unknown_target", summary, "Correct the name, or have an admin register the target."
    )


def fingerprint(asked: Mapping[str, Any]) -> str:
    """The same for the same request, however its members were ordered."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def new_id(now: datetime) -> str:
    """A decision's id: it sorts by time and cannot be guessed."""
    return f"dec_{int(now.timestamp() * 1000):012x}{secrets.token_hex(8)}"


def valid_until(judged: Sequence[Judged], evaluated_at: datetime) -> datetime:
    """When the answer stops holding: the first guard's pass to end by itself, at most ten minutes on."""
    ends = [one.judgement.valid_until for one in judged if one.judgement.verdict in rules.GREEN]
    return min([end for end in ends if end is not None] + [evaluated_at + LONGEST_VALID])


def wait_for(asked: Mapping[str, Any]) -> timedelta:
    """How long the caller may come back for an answer before it becomes `block`."""
    return timedelta(seconds=asked["wait_s"]) if asked["wait_s"] else WAIT_FOR


def waited_out(judged: Sequence[Judged], deadline: datetime) -> Unanswerable:
    """The reason when nobody answered in time."""
    late = ", ".join(one.guard.slug for one in judged if one.effective == "wait")
    return Unanswerable(
        "block",
        "wait_deadline_passed",
        f"{late} had until {deadline.isoformat(timespec='seconds')} to answer",
        "Get the answer that is missing, then ask again with a new run.",
    )


def warnings(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """One for each guard that warns without stopping the deploy."""
    return [
        {
            "guard": one.guard.slug,
            "reason_code": one.judgement.reason_code,
            "summary": one.judgement.summary,
        }
        for one in judged
        if one.effective == "allow_with_warnings"
    ]


def answer(
    asked: Mapping[str, Any],
    judged: Sequence[Judged],
    because: Because,
    reason: Unanswerable | None,
    *,
    decision: str,
    decision_id: str,
    evaluated_at: datetime,
    wait_deadline: datetime | None,
) -> dict[str, Any]:
    """What the caller is told and what is stored, as plain JSON. `because` is by guard slug."""
    ordered = verdicts.worst_first(judged)
    told = [verdicts.plain(one, because.get(one.guard.slug, ())) for one in ordered]
    reasons = [reason.plain()] if reason else []
    without_guard = [{"guard": None, **one} for one in reasons if decision == "allow_with_warnings"]
    return {
        "id": decision_id,
        "decision": decision,
        "service": asked["service"],
        "target": f"{asked['service']}/{asked['target']}",
        "artifact": asked["artifact"],
        "dry_run": asked["dry_run"],
        "evaluated_at": evaluated_at.isoformat(),
        "valid_until": valid_until(judged, evaluated_at).isoformat(),
        "wait_deadline": wait_deadline.isoformat() if wait_deadline else None,
        "incidents": len({link["incident"]["slug"] for one in told for link in one["because"]}),
        "reasons": reasons,
        "guards": told,
        "warnings": [*without_guard, *warnings(ordered)],
        # Nobody can let a guard be passed for once yet; what blocks is answered by its remedy.
        "override": {"allowed": False, "roles": []},
    }
