"""Evidence from stored probe results."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from postmortems.db import session as db
from postmortems.guards.judgement import SKEW, EvidenceItem, Question
from postmortems.guards.models import Evidence, Guard


def find(guard_ids: Collection[int], question: Question) -> dict[int, list[EvidenceItem]]:
    """The newest probe result of each guard that may be used for the request."""
    values = {"until": question.now + SKEW, "guard_ids": list(guard_ids)}
    found: dict[int, list[EvidenceItem]] = {}
    for row in db.rows(_newest(question.is_replay), values):
        # A replay may use what was recorded at its moment, not whatever was recorded some time before.
        if not question.is_replay or question.now - row.observed_at <= timedelta(seconds=row.max_age_s):
            found[row.guard_id] = [EvidenceItem("observation", row.observed_at, data=row.data, id=row.id)]
    return found


# Put together once: that takes longer than running it.
@cache
def _newest(is_replay: bool) -> Any:
    newest = aliased(Evidence)
    own = select(newest.id).where(newest.guard_id == Guard.id, newest.kind == "observation")
    own = own.where(newest.observed_at <= bindparam("until"))
    if not is_replay:
        # A result from before the guard was edited may not answer what it asks now: probe again.
        own = own.where(newest.observed_at >= Guard.edited_at)
    own = own.order_by(newest.observed_at.desc(), newest.id.desc()).limit(1)
    return (
        select(Guard.id.label("guard_id"), Guard.max_age_s, Evidence.id, Evidence.observed_at, Evidence.data)
        .join(Evidence, Evidence.id == own.correlate(Guard).scalar_subquery())
        .where(Guard.id.in_(bindparam("guard_ids", expanding=True)))
    )
