"""Late verdicts of shadow guards, shown with a decision and no part of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from postmortems.db.session import session
from postmortems.guards.models import Evaluation

# What an answer says of a guard that is judged after it.
TO_COME = "judged_later"


def with_late_verdicts(answer: Mapping[str, Any]) -> dict[str, Any]:
    """A stored answer, in which each guard that was judged after it says `later` what was found."""
    waited_for = {guard["guard"] for guard in answer.get("guards", []) if guard["reason_code"] == TO_COME}
    if not waited_for:
        return dict(answer)
    evaluations = select(Evaluation).where(
        Evaluation.decision_id == answer["id"], Evaluation.guard_slug.in_(waited_for)
    )
    # A decision that was judged more than once keeps what was said last.
    later = {row.guard_slug: _later(row) for row in session().scalars(evaluations.order_by(Evaluation.id))}
    guards = [
        guard | {"later": later.get(guard["guard"])} if guard["guard"] in waited_for else guard
        for guard in answer["guards"]
    ]
    return {**answer, "guards": guards}


def _later(row: Evaluation) -> dict[str, Any]:
    return {
        "verdict": row.verdict,
        "reason_code": row.reason_code,
        "summary": row.summary,
        "observed": row.observed,
        "expected": row.expected,
        "at": row.at.isoformat(),
    }
