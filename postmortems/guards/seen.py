"""Find evidence, as the values that guards judge: newest first, bounded, however many guards ask.

One query a sort of evidence: the looks of all guards together, and all that is known of the artifact.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, select, union_all
from sqlalchemy.orm import aliased

from postmortems.db import session
from postmortems.guards.judging import Artifact, Question, Seen, Wanted
from postmortems.guards.models import Evidence, Guard, Service, Target

# Enough to find the newest that counts among those that do not.
NEWEST = 20
# An artifact is attested a few times. Whoever floods it can make the gate miss evidence, and so block.
ABOUT_ARTIFACT = 500
# Clocks differ: what a fast one calls two minutes ahead is taken as seen now.
SKEW = timedelta(seconds=120)


def evidence(wanted: Wanted, question: Question, guard_id: int | None = None) -> list[Seen]:
    """What one guard wants to judge; `guard_id` is whose observations, where those are wanted."""
    return evidence_for({guard_id or 0: wanted}, question)[guard_id or 0]


def evidence_for(wants: Mapping[int, Wanted], question: Question) -> dict[int, list[Seen]]:
    """By guard id, what each wants to judge, newest first."""
    found: dict[int, list[Seen]] = {guard_id: [] for guard_id in wants}
    looking = [guard_id for guard_id, wanted in wants.items() if wanted.kind == "observation"]
    if looking:
        found |= _looks(looking, question)
    others = {wanted for wanted in wants.values() if wanted.kind != "observation"}
    known: dict[Wanted, list[Seen]] = {}
    for kind in sorted({wanted.kind for wanted in others if wanted.of_artifact}):
        asked = {wanted for wanted in others if wanted.of_artifact and wanted.kind == kind}
        about = _about_artifact(kind, {wanted.predicate for wanted in asked}, question)
        known |= {wanted: [seen for seen in about if _fits(seen, wanted)] for wanted in asked}
    known |= {wanted: _newest(wanted, question) for wanted in others if not wanted.of_artifact}
    return found | {guard_id: known[wanted] for guard_id, wanted in wants.items() if wanted in known}


def deploys(target_ids: Collection[int]) -> dict[int, Seen]:
    """By target id, the newest deploy event; a target without one is left out."""
    newest = aliased(Evidence)
    of_target = select(newest.id).where(newest.kind == "deploy", newest.target_id == Target.id)
    of_target = of_target.order_by(newest.observed_at.desc(), newest.id.desc()).limit(1)
    chosen = Evidence.id == of_target.correlate(Target).scalar_subquery()
    rows = session().execute(
        select(*_columns(), Target.id.label("target_id"))
        .select_from(Target)
        .join(Service, Service.id == Target.service_id)
        .join(Evidence, chosen)
        .where(Target.id.in_(target_ids))
    )
    return {row.target_id: _seen(row) for row in rows}


def _looks(guard_ids: Collection[int], question: Question) -> dict[int, list[Seen]]:
    """The newest look of each guard that may be used for the question."""
    newest = aliased(Evidence)
    own = select(newest.id).where(newest.guard_id == Guard.id, newest.kind == "observation")
    own = own.where(newest.observed_at <= question.now + SKEW)
    if not question.is_replay:
        # What was seen before the guard was edited may not answer what it asks now: look again.
        own = own.where(newest.observed_at >= Guard.edited_at)
    own = own.order_by(newest.observed_at.desc(), newest.id.desc()).limit(1)
    rows = session().execute(
        select(Guard.id, Guard.max_age_s, Evidence.observed_at, Evidence.data)
        .join(Evidence, Evidence.id == own.correlate(Guard).scalar_subquery())
        .where(Guard.id.in_(guard_ids))
    )
    found: dict[int, list[Seen]] = {guard_id: [] for guard_id in guard_ids}
    for row in rows:
        # A replay may use what was recorded at its moment, not whatever was recorded some time before.
        if not question.is_replay or question.now - row.observed_at <= timedelta(seconds=row.max_age_s):
            found[row.id].append(Seen("observation", row.observed_at, data=row.data))
    return found


def _about_artifact(kind: str, predicates: Collection[str], question: Question) -> list[Seen]:
    """The newest evidence of a kind about the very artifact, newest first."""
    parts = []
    for same in _same(question.artifact):
        part = select(*_columns()).select_from(Evidence)
        part = part.outerjoin(Target, Target.id == Evidence.target_id)
        part = part.outerjoin(Service, Service.id == Target.service_id)
        part = part.where(Evidence.kind == kind, same, Evidence.observed_at <= question.now + SKEW)
        if "" not in predicates:
            part = part.where(Evidence.predicate.in_(sorted(predicates)))
        part = part.order_by(Evidence.observed_at.desc(), Evidence.id.desc()).limit(ABOUT_ARTIFACT)
        parts.append(select(part.subquery()))
    if not parts:
        return []
    found = _sorted(session().execute(union_all(*parts) if len(parts) > 1 else parts[0]).all())
    return [seen for seen in found if question.artifact.is_same_as(seen.digest, seen.sha)]


def _same(artifact: Artifact) -> list[Any]:
    """How evidence may name this artifact: by digest or by commit, each with an index of its own."""
    conditions: list[Any] = [Evidence.subject == artifact.digest] if artifact.digest else []
    if artifact.sha:
        # Not `subject == ""`: an index would be used for that, and most of a pipeline's evidence may be so.
        by_sha = Evidence.sha == artifact.sha
        conditions.append(and_(by_sha, Evidence.subject != artifact.digest) if artifact.digest else by_sha)
    return conditions


def _newest(wanted: Wanted, question: Question) -> list[Seen]:
    part: Select[Any] = select(*_columns()).select_from(Evidence)
    part = part.join(Target, Target.id == Evidence.target_id).join(Service, Service.id == Target.service_id)
    part = part.where(Evidence.kind == wanted.kind, Evidence.observed_at <= question.now + SKEW)
    if wanted.predicate:
        part = part.where(Evidence.predicate == wanted.predicate)
    if wanted.target:
        service, _, name = wanted.target.partition("/")
        part = part.where(Service.name == service, Target.name == name)
    part = part.order_by(Evidence.observed_at.desc(), Evidence.id.desc()).limit(NEWEST)
    return _sorted(session().execute(part).all())


def _fits(seen: Seen, wanted: Wanted) -> bool:
    return wanted.predicate in {"", seen.predicate} and wanted.target in {"", seen.target}


def _columns() -> list[Any]:
    return [
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
    ]


def _sorted(rows: Collection[Row[Any]]) -> list[Seen]:
    return [_seen(row) for row in sorted(rows, key=lambda row: (row.observed_at, row.id), reverse=True)]


def _seen(row: Any) -> Seen:
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
