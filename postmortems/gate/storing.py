"""Store a decision: what was seen for it, what each guard said, and the answer exactly as it is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from postmortems.actor import Actor
from postmortems.db import session
from postmortems.gate import answering
from postmortems.gate.models import Decision
from postmortems.gate.observing import Look
from postmortems.gate.verdicts import GuardValue, Judged
from postmortems.guards.judging import Question
from postmortems.guards.models import Evaluation, Evidence


def decision(
    asked: Mapping[str, Any],
    answer: Mapping[str, Any],
    question: Question,
    *,
    actor: Actor,
    key: str | None,
    now: datetime,
    is_demo: bool,
) -> None:
    """Add the decision. A key that is taken is noticed here (IntegrityError)."""
    row = {
        "id": answer["id"],
        "service": asked["service"],
        "target": question.target,
        "artifact": question.artifact.digest or question.artifact.sha,
        "decision": answer["decision"],
        "is_dry_run": asked["dry_run"],
        "is_demo": is_demo,
        "asked_by": actor.name,
        "asked_at": now,
        "evaluated_at": question.now,
        "valid_until": datetime.fromisoformat(answer["valid_until"]),
        "idempotency_key": key,
        "request_hash": answering.fingerprint(asked),
        "request": dict(asked),
        "answer": dict(answer),
    }
    session().execute(insert(Decision), [row])


def observations(guards: Iterable[GuardValue], looks: Mapping[str, Look], now: datetime) -> None:
    """Add what guards saw as evidence; who was in trouble saw nothing."""
    seen = [
        {
            "kind": "observation",
            "guard_id": guard.id,
            "observed_at": look.at,
            "received_at": now,
            "data": dict(look.data),
        }
        for guard in guards
        if (look := looks.get(guard.slug)) is not None and not look.trouble
    ]
    if seen:
        session().execute(insert(Evidence), seen)


def evaluations(
    judged: Iterable[Judged], question: Question, *, decision_id: str | None, purpose: str
) -> None:
    """Add every guard's verdict, in one statement; `purpose` is decision, dry_run or test."""
    verdicts = [
        {
            "guard_id": one.guard.id,
            "guard_slug": one.guard.slug,
            "guard_revision": one.guard.revision,
            "decision_id": decision_id,
            "purpose": purpose,
            "target": question.target,
            "at": question.now,
            "level": one.guard.level,
            "verdict": one.judgement.verdict,
            "reason_code": one.judgement.reason_code,
            "summary": one.judgement.summary,
            "observed": one.judgement.observed,
            "expected": one.judgement.expected,
            "checked_at": one.judgement.checked_at,
        }
        for one in judged
    ]
    if verdicts:
        session().execute(insert(Evaluation), verdicts)
