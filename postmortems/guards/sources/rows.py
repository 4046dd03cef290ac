"""What was sent in: the rows of `evidence`, all that is about the artifact, or the newest on a target."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Row, Select, and_, literal, select, union_all

from postmortems.db import session
from postmortems.guards.judging import NEWEST, SKEW, Artifact, Question, Seen, Wanted
from postmortems.guards.models import Evidence, Service, Target

# An artifact is attested a few times. Whoever floods it can make the gate miss evidence, and so block.
ABOUT_ARTIFACT = 500
# SQLite takes 500 parts a statement. Guards over one target watch a few others.
MOST_PARTS = 100


def find(wants: Collection[Wanted], question: Question) -> dict[Wanted, list[Seen]]:
    """What each wants, all of one kind: one query for what is about the artifact, one for the rest."""
    about = [wanted for wanted in wants if wanted.of_artifact]
    others = [wanted for wanted in wants if not wanted.of_artifact]
    found: dict[Wanted, list[Seen]] = {}
    if about:
        known = _about_artifact(about[0].kind, {wanted.predicate for wanted in about}, question)
        found |= {wanted: [seen for seen in known if wanted.fits(seen)] for wanted in about}
    for start in range(0, len(others), MOST_PARTS):
        found |= _newest(others[start : start + MOST_PARTS], question)
    return found


def _about_artifact(kind: str, predicates: Collection[str], question: Question) -> list[Seen]:
    """The newest evidence of a kind about the very artifact, newest first."""
    parts = []
    for same in _same(question.artifact):
        part = select(*columns()).select_from(Evidence)
        part = part.outerjoin(Target, Target.id == Evidence.target_id)
        part = part.outerjoin(Service, Service.id == Target.service_id)
        part = part.where(Evidence.kind == kind, same, Evidence.observed_at <= question.now + SKEW)
        if "" not in predicates:
            part = part.where(Evidence.predicate.in_(sorted(predicates)))
        parts.append(_limited(part, ABOUT_ARTIFACT))
    if not parts:
        return []
    found = _ordered(session().execute(_together(parts)).all())
    return [seen for seen in found if question.artifact.is_same_as(seen.digest, seen.sha)]


def _same(artifact: Artifact) -> list[Any]:
    """How evidence may name this artifact: by digest or by commit, each with an index of its own."""
    conditions: list[Any] = [Evidence.subject == artifact.digest] if artifact.digest else []
    if artifact.sha:
        # Not `subject == ""`: an index would be used for that, and most of a pipeline's evidence may be so.
        by_sha = Evidence.sha == artifact.sha
        conditions.append(and_(by_sha, Evidence.subject != artifact.digest) if artifact.digest else by_sha)
    return conditions


def _newest(wants: list[Wanted], question: Question) -> dict[Wanted, list[Seen]]:
    parts = []
    for number, wanted in enumerate(wants):
        part = select(*columns(), literal(number).label("part")).select_from(Evidence)
        part = part.join(Target, Target.id == Evidence.target_id)
        part = part.join(Service, Service.id == Target.service_id)
        part = part.where(Evidence.kind == wanted.kind, Evidence.observed_at <= question.now + SKEW)
        if wanted.predicate:
            part = part.where(Evidence.predicate == wanted.predicate)
        if wanted.result:
            part = part.where(Evidence.result == wanted.result)
        if wanted.target:
            part = part.where(Evidence.target_id == _target_id(wanted.target))
        parts.append(_limited(part, min(wanted.newest, NEWEST)))
    rows = session().execute(_together(parts)).all()
    return {
        wanted: _ordered(row for row in rows if row.part == number) for number, wanted in enumerate(wants)
    }


def _target_id(full_name: str) -> Any:
    # As a value, so that the index over an evidence's kind and target is used and not the targets' own.
    service, _, name = full_name.partition("/")
    named = select(Target.id).join(Service, Service.id == Target.service_id)
    return named.where(Service.name == service, Target.name == name).correlate(None).scalar_subquery()


def _limited(part: Select[Any], most: int) -> Select[Any]:
    part = part.order_by(Evidence.observed_at.desc(), Evidence.id.desc()).limit(most)
    return select(part.subquery())


def _together(parts: list[Select[Any]]) -> Any:
    return union_all(*parts) if len(parts) > 1 else parts[0]


def columns() -> list[Any]:
    """What `seen` takes of a row."""
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


def _ordered(rows: Iterable[Row[Any]]) -> list[Seen]:
    return [seen(row) for row in sorted(rows, key=lambda row: (row.observed_at, row.id), reverse=True)]


def seen(row: Any) -> Seen:
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
