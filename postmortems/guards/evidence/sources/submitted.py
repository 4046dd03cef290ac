"""Evidence that was submitted: about the artifact, or the newest on a target."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, literal_column, select, union_all

from postmortems.db.prepared import Asked, PreparedQuery
from postmortems.db.reads import KeptRows
from postmortems.guards.judgement import NEWEST, SKEW, EvidenceItem, EvidenceNeed, Question
from postmortems.guards.models import Evidence, Service, Target

# An artifact is attested a few times. Whoever floods it can make the gate miss evidence, and so block.
ABOUT_ARTIFACT = 500
# SQLite takes 500 parts a statement. Guards over one target watch a few others.
MOST_PARTS = 100


def find(wants: Collection[EvidenceNeed], question: Question) -> dict[EvidenceNeed, list[EvidenceItem]]:
    """What each wants, all of one kind: one query for what is about the artifact, one for the rest."""
    about = [wanted for wanted in wants if wanted.of_artifact]
    others = [wanted for wanted in wants if not wanted.of_artifact]
    found: dict[EvidenceNeed, list[EvidenceItem]] = {}
    if about:
        known = _about_artifact(about[0].kind, {wanted.predicate for wanted in about}, question)
        found |= {wanted: [seen for seen in known if wanted.fits(seen)] for wanted in about}
    for start in range(0, len(others), MOST_PARTS):
        found |= _newest(others[start : start + MOST_PARTS], question)
    return found


def _about_artifact(kind: str, predicates: Collection[str], question: Question) -> list[EvidenceItem]:
    """The newest evidence of a kind about the very artifact, newest first."""
    artifact = question.artifact
    if not (artifact.digest or artifact.sha):
        return []
    named = [] if "" in predicates else sorted(predicates)
    statement = _about(bool(artifact.digest), bool(artifact.sha), len(named))
    values = {"kind": kind, "digest": artifact.digest, "sha": artifact.sha, "until": question.now + SKEW}
    values |= {f"predicate_{number}": predicate for number, predicate in enumerate(named)}
    found = statement.found(values)
    return [seen for seen in found if artifact.is_same_as(seen.digest, seen.sha)]


# Putting a statement together takes longer than running it; there are few that differ in more than values.
@lru_cache(maxsize=256)
def _about(has_digest: bool, has_sha: bool, predicates: int) -> KeptRows[list[EvidenceItem]]:
    """By how the artifact is named, and to how many predicates it is narrowed; 0 is to none."""
    parts = []
    for same in _same(has_digest, has_sha):
        part = select(*columns()).select_from(Evidence)
        part = part.outerjoin(Target, Target.id == Evidence.target_id)
        part = part.outerjoin(Service, Service.id == Target.service_id)
        part = part.where(
            Evidence.kind == bindparam("kind"), same, Evidence.observed_at <= bindparam("until")
        )
        if predicates:
            # A parameter each: a list as one is put into the text again for each question.
            part = part.where(
                Evidence.predicate.in_([bindparam(f"predicate_{n}") for n in range(predicates)])
            )
        parts.append(_limited(part, ABOUT_ARTIFACT))
    # A pipeline asks again about what it is about to deploy.
    return KeptRows(_together(parts), _ordered)


def _same(has_digest: bool, has_sha: bool) -> list[Any]:
    """How evidence may name the artifact: by digest or by commit, each with an index of its own."""
    digest: BindParameter[Any] = bindparam("digest")
    sha: BindParameter[Any] = bindparam("sha")
    conditions: list[Any] = [Evidence.subject == digest] if has_digest else []
    if has_sha:
        # Not `subject == ""`: an index would be used for that, and most of a pipeline's evidence may be so.
        by_sha = Evidence.sha == sha
        conditions.append(and_(by_sha, Evidence.subject != digest) if has_digest else by_sha)
    return conditions


def _newest(wants: list[EvidenceNeed], question: Question) -> dict[EvidenceNeed, list[EvidenceItem]]:
    shapes = [(*map(bool, (one.predicate, one.result, one.target)), min(one.newest, NEWEST)) for one in wants]
    values: dict[str, Any] = {"until": question.now + SKEW}
    for number, wanted in enumerate(wants):
        service, _, name = wanted.target.partition("/")
        named = {"kind": wanted.kind, "predicate": wanted.predicate, "result": wanted.result}
        named |= {"service": service, "name": name}
        values |= {f"{field}_{number}": value for field, value in named.items()}
    found = _newest_of(tuple(shapes)).rows(values)
    return {
        wanted: _ordered(row for row in found if row.part == number) for number, wanted in enumerate(wants)
    }


@lru_cache(maxsize=256)
def _newest_of(shapes: tuple[tuple[bool, bool, bool, int], ...]) -> PreparedQuery:
    """By whether each part is narrowed to a predicate, a result and a target, and how many it takes."""
    parts = []
    for number, (has_predicate, has_result, has_target, most) in enumerate(shapes):
        part = select(*columns(), literal_column(str(number)).label("part")).select_from(Evidence)
        part = part.join(Target, Target.id == Evidence.target_id)
        part = part.join(Service, Service.id == Target.service_id)
        part = part.where(Evidence.kind == bindparam(f"kind_{number}"))
        part = part.where(Evidence.observed_at <= bindparam("until"))
        if has_predicate:
            part = part.where(Evidence.predicate == bindparam(f"predicate_{number}"))
        if has_result:
            part = part.where(Evidence.result == bindparam(f"result_{number}"))
        if has_target:
            part = part.where(Evidence.target_id == _target_id(number))
        parts.append(_limited(part, most))
    return PreparedQuery(_together(parts))


def _target_id(number: int) -> Any:
    # As a value, so that the index over an evidence's kind and target is used and not the targets' own.
    named = select(Target.id).join(Service, Service.id == Target.service_id)
    named = named.where(
        Service.name == bindparam(f"service_{number}"), Target.name == bindparam(f"name_{number}")
    )
    return named.correlate(None).scalar_subquery()


def _limited(part: Select[Any], most: int) -> Select[Any]:
    return part.order_by(Evidence.observed_at.desc(), Evidence.id.desc()).limit(most)


def _together(parts: list[Select[Any]]) -> Asked:
    return parts[0] if len(parts) == 1 else union_all(*(select(part.subquery()) for part in parts))


def columns() -> list[Any]:
    """What `find` takes of a row."""
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


def _ordered(rows: Iterable[Any]) -> list[EvidenceItem]:
    return [seen(row) for row in sorted(rows, key=lambda row: (row.observed_at, row.id), reverse=True)]


def seen(row: Any) -> EvidenceItem:
    return EvidenceItem(
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
        id=row.id,
    )
