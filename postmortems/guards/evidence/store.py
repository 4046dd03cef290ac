"""Stores probe results and guards' own statements. Append-only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from postmortems import clock
from postmortems.db.session import insert
from postmortems.guards.judgement import Judgement
from postmortems.guards.models import Evaluation, Evidence


class EvaluatedGuard(Protocol):
    """A guard that gave a verdict, as a row or as a value."""

    @property
    def id(self) -> int | None: ...
    @property
    def slug(self) -> str: ...
    @property
    def revision(self) -> int: ...
    @property
    def level(self) -> str: ...


def record_observation(guard_id: int, data: Mapping[str, Any], at: datetime) -> Evidence:
    """Store the result of a guard's probe at `at`. No permission is needed: the service itself probed."""
    observation = Evidence(
        kind="observation", guard_id=guard_id, observed_at=at, received_at=clock.now(), data=dict(data)
    )
    insert(observation)
    return observation


def record_evaluation(
    guard: EvaluatedGuard,
    judgement: Judgement,
    *,
    purpose: str,
    at: datetime,
    target: str = "",
    decision_id: str | None = None,
) -> Evaluation:
    """Keep a verdict with what was observed and expected, as the guard stood then."""
    evaluation = Evaluation(
        guard_id=guard.id,
        guard_slug=guard.slug,
        guard_revision=guard.revision,
        level=guard.level,
        purpose=purpose,
        at=at,
        target=target,
        decision_id=decision_id,
        verdict=judgement.verdict,
        reason_code=judgement.reason_code,
        summary=judgement.summary,
        observed=judgement.observed,
        expected=judgement.expected,
        checked_at=judgement.checked_at,
    )
    insert(evaluation)
    return evaluation
