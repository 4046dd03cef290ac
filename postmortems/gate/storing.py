"""Store a decision: what was seen for it, what each guard said, and the answer exactly as it is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

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
    """Add the decision. Flushes, so that a key that is taken is noticed here (IntegrityError)."""
    row = Decision(
        id=answer["id"],
        service=asked["service"],
        target=question.target,
        artifact=question.artifact.digest or question.artifact.sha,
        decision=answer["decision"],
        is_dry_run=asked["dry_run"],
        is_demo=is_demo,
        asked_by=actor.name,
        asked_at=now,
        evaluated_at=question.now,
        valid_until=datetime.fromisoformat(answer["valid_until"]),
        idempotency_key=key,
        request_hash=answering.fingerprint(asked),
        request=dict(asked),
        answer=dict(answer),
    )
    session().add(row)
    session().flush()


def observations(guards: Iterable[GuardValue], looks: Mapping[str, Look], now: datetime) -> None:
    """Add what guards saw as evidence; who was in trouble saw nothing."""
    for guard in guards:
        look = looks.get(guard.slug)
        if look is not None and not look.trouble:
            session().add(
                Evidence(
                    kind="observation",
                    guard_id=guard.id,
                    observed_at=look.at,
                    received_at=now,
                    data=dict(look.data),
                )
            )


def evaluations(
    judged: Iterable[Judged], question: Question, *, decision_id: str | None, purpose: str
) -> None:
    """Add every guard's verdict; `purpose` is decision, dry_run or test."""
    for one in judged:
        found = one.judgement
        session().add(
            Evaluation(
                guard_id=one.guard.id,
                guard_slug=one.guard.slug,
                guard_revision=one.guard.revision,
                decision_id=decision_id,
                purpose=purpose,
                target=question.target,
                at=question.now,
                level=one.guard.level,
                verdict=found.verdict,
                reason_code=found.reason_code,
                summary=found.summary,
                observed=found.observed,
                expected=found.expected,
                checked_at=found.checked_at,
            )
        )
    session().flush()
