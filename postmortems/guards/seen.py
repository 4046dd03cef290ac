"""Find evidence, as the values that guards judge: newest first, bounded, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, func, literal, or_, select, union_all

from postmortems.db import session
from postmortems.guards.judging import Question, Seen, Wanted
from postmortems.guards.models import Evidence, Guard, Service, Target

# Enough to find the newest that counts among those that do not.
NEWEST = 20
# Clocks differ: what a fast one calls two minutes ahead is taken as seen now.
SKEW = timedelta(seconds=120)
# SQLite puts at most 500 selects together.
TOGETHER = 200


def evidence(wanted: Wanted, question: Question, guard_id: int | None = None) -> list[Seen]:
    """What one guard wants to judge; `guard_id` is whose observations, where those are wanted."""
    return evidence_for({guard_id or 0: wanted}, question)[guard_id or 0]


def evidence_for(wants: Mapping[int, Wanted], question: Question) -> dict[int, list[Seen]]:
    """By guard id, what each wants to judge, newest first: at most 20 each, in one query for 200 guards."""
    found: dict[int, list[Seen]] = {guard_id: [] for guard_id in wants}
    asked = [_newest(guard_id, wanted, question) for guard_id, wanted in wants.items()]
    for first in range(0, len(asked), TOGETHER):
        parts = [select(part.subquery()) for part in asked[first : first + TOGETHER]]
        rows = session().execute(union_all(*parts) if len(parts) > 1 else parts[0]).all()
        for row in sorted(rows, key=lambda row: (row.observed_at, row.id), reverse=True):
            if not _is_too_old(row, question):
                found[row.wanted_by].append(_seen(row))
    return found


def deploys(target_ids: Collection[int]) -> dict[int, Seen]:
    """By target id, the newest deploy event; a target without one is left out."""
    ranked = (
        _evidence(0)
        .add_columns(
            Evidence.target_id,
            func.row_number()
            .over(partition_by=Evidence.target_id, order_by=(Evidence.observed_at.desc(), Evidence.id.desc()))
            .label("place"),
        )
        .where(Evidence.kind == "deploy", Evidence.target_id.in_(target_ids))
        .subquery()
    )
    rows = session().execute(select(ranked).where(ranked.c.place == 1))
    return {row.target_id: _seen(row) for row in rows}


def _newest(guard_id: int, wanted: Wanted, question: Question) -> Select[Any]:
    part = _evidence(guard_id).where(Evidence.kind == wanted.kind)
    if wanted.kind == "observation":
        part = part.where(Evidence.guard_id == guard_id)
        if not question.is_replay:
            # What was seen before the guard was edited may not answer what it asks now: look again.
            part = part.where(Evidence.observed_at >= Guard.edited_at)
    else:
        part = part.where(Evidence.guard_id.is_(None))
    if wanted.predicate:
        part = part.where(Evidence.predicate == wanted.predicate)
    if wanted.target:
        service, _, name = wanted.target.partition("/")
        part = part.where(Service.name == service, Target.name == name)
    if wanted.of_artifact:
        digest, sha = question.artifact.digest, question.artifact.sha
        by_sha = and_(Evidence.sha == sha, Evidence.sha != "")
        if digest:
            by_sha = and_(by_sha, Evidence.subject == "")
        part = part.where(or_(and_(Evidence.subject == digest, Evidence.subject != ""), by_sha))
    part = part.where(Evidence.observed_at <= question.now + SKEW)
    return part.order_by(Evidence.observed_at.desc(), Evidence.id.desc()).limit(NEWEST)


def _evidence(guard_id: int) -> Select[Any]:
    # Listed apart, for the types of fourteen columns are more than the checker follows.
    columns: list[Any] = [
        literal(guard_id).label("wanted_by"),
        Evidence.id,
        Evidence.kind,
        Evidence.observed_at,
        Evidence.predicate,
        Evidence.subject,
        Evidence.sha,
        Evidence.result,
        Evidence.issuer,
        Evidence.trust,
        Evidence.data,
        Service.name.label("service"),
        Target.name.label("target"),
        Guard.max_age_s,
    ]
    return (
        select(*columns)
        .select_from(Evidence)
        .outerjoin(Target, Target.id == Evidence.target_id)
        .outerjoin(Service, Service.id == Target.service_id)
        .outerjoin(Guard, Guard.id == Evidence.guard_id)
    )


def _is_too_old(row: Row[Any], question: Question) -> bool:
    """A replay may use what was recorded at its moment, not whatever was recorded some time before."""
    if row.kind != "observation" or not question.is_replay:
        return False
    return bool(question.now - row.observed_at > timedelta(seconds=row.max_age_s))


def _seen(row: Row[Any]) -> Seen:
    return Seen(
        kind=row.kind,
        observed_at=row.observed_at,
        target=f"{row.service}/{row.target}" if row.target else "",
        predicate=row.predicate,
        digest=row.subject,
        sha=row.sha,
        result=row.result,
        issuer=row.issuer,
        trust=row.trust,
        data=row.data,
    )
