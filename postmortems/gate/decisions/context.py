"""The context of a decision: all that is read before it is made, in few statements.

The statements that every decision needs are put together once; that takes longer than running them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.decisions import answer as decisions_answer
from postmortems.gate.decisions.answer import Unanswerable
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.models import Decision, ItemProtection, Waiver
from postmortems.gate.verdicts import active_waivers, judge
from postmortems.gate.verdicts.active_waivers import ActiveWaiver
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.guards import queries as guards
from postmortems.guards.judgement import EvidenceItem, Question
from postmortems.guards.models import Guard, GuardTarget, Service, Target
from postmortems.guards.services import known_services
from postmortems.incidents.models import ItemGuard

COVERING = (
    select(
        Service.is_demo.label("service_is_demo"),
        Guard.id,
        Guard.slug,
        Guard.title,
        Guard.kind,
        Guard.config,
        Guard.level,
        Guard.on_error,
        Guard.override,
        Guard.revision,
        Guard.max_age_s,
        Guard.remedy,
        Guard.flaps_since,
        Guard.passes_since,
        # Most guards are named by no item, and mostly nothing is waived: then nothing more has to be read.
        exists().where(ItemGuard.slug == Guard.slug).label("is_named"),
        exists(Waiver.id).where(*active_waivers.MAY_COUNT).label("has_waivers"),
    )
    .select_from(Service)
    .join(Target, Target.service_id == Service.id)
    .outerjoin(GuardTarget, GuardTarget.target_id == Target.id)
    .outerjoin(Guard, and_(Guard.id == GuardTarget.guard_id, Guard.is_enabled))
    .where(Service.name == bindparam("service"), Target.name == bindparam("target"))
    .order_by(Guard.slug)
)
WHY = guards.NAMING.add_columns(ItemGuard.item_id, ItemProtection.protection).outerjoin(
    ItemProtection, ItemProtection.item_id == ItemGuard.item_id
)
ITEMS_AT = (
    select(ItemProtection.item_id)
    .join(ItemGuard, ItemGuard.item_id == ItemProtection.item_id)
    .where(
        ItemProtection.protection == bindparam("protection"),
        ItemGuard.slug.in_(bindparam("slugs", expanding=True)),
    )
    .distinct()
)


@dataclass(frozen=True, slots=True)
class CoveringGuards:
    """The enabled guards over a target, by slug; as values their only target is this one.

    `named` are those that some item names; `has_waivers`: there are some that may count.
    """

    guards: tuple[GuardValue, ...]
    named: tuple[GuardValue, ...]
    has_waivers: bool
    is_demo: bool


def covering_guards(service: str, target: str, waived_by: Mapping[str, Any]) -> CoveringGuards | None:
    """The enabled guards over a target; None when there is no such target.

    `waived_by`: `active_waivers.about`.
    """
    rows = db.rows(COVERING, {"service": service, "target": target, **waived_by})
    if not rows:
        return None
    covered = frozenset({f"{service}/{target}"})
    guards = [(row.is_named, _value(row, covered)) for row in rows if row.id is not None]
    named = tuple(guard for is_named, guard in guards if is_named)
    return CoveringGuards(
        tuple(guard for _, guard in guards), named, rows[0].has_waivers, rows[0].service_is_demo
    )


def _value(row: Any, targets: frozenset[str]) -> GuardValue:
    return GuardValue(
        slug=row.slug,
        kind=row.kind,
        config=row.config,
        level=row.level,
        on_error=row.on_error,
        override=row.override,
        id=row.id,
        revision=row.revision,
        max_age_s=row.max_age_s,
        title=row.title,
        remedy=row.remedy,
        targets=targets,
        flaps_since=row.flaps_since,
        passes_since=row.passes_since,
    )


def wait_began(request: DeployRequest, asked_by: str, now: datetime) -> datetime | None:
    """When this caller first asked with this run, artifact and target and had to wait; None if it did not.

    Who has not asked for as long as one may wait begins anew.
    """
    artifact = request.artifact.digest or request.artifact.sha
    newest = (
        session()
        .scalars(
            select(Decision)
            .where(
                Decision.target == request.full_target,
                Decision.asked_by == asked_by,
                Decision.artifact == artifact,
                Decision.is_dry_run.is_(False),
            )
            .order_by(Decision.id.desc())
            .limit(1)
        )
        .one_or_none()
    )
    if newest is None or (earlier := DeployRequest.of(newest.request)).run != request.run:
        return None
    deadline = newest.answer.get("wait_deadline")
    waits = decisions_answer.wait_for(earlier)
    if deadline is None or now - newest.evaluated_at > waits:
        return None
    return datetime.fromisoformat(deadline) - waits


def targets_of(service: str) -> list[str]:
    """The full names of a service's targets in promotion order; none for an unknown service."""
    rows = session().execute(
        select(Service.name, Target.name)
        .join(Target.service)
        .where(Service.name == service)
        .order_by(Target.position)
    )
    return [f"{name}/{target}" for name, target in rows]


def evidence(values: Sequence[GuardValue], question: Question) -> dict[str, list[EvidenceItem]]:
    """By guard slug, the evidence that each guard needs, newest first."""
    needs = {guard.id: judge.needs(guard, question) for guard in values if guard.id}
    by_id = guards.evidence_for(needs, question)
    return {guard.slug: by_id.get(guard.id or 0, []) for guard in values}


def because(values: Sequence[GuardValue]) -> tuple[dict[str, list[dict[str, Any]]], list[int]]:
    """By guard slug, the incidents and items that each guard exists for, restricted ones withheld.

    And the ids of those items whose protection is proven.
    """
    if not values:
        return {}, []
    rows = db.rows(WHY, {"slugs": [guard.slug for guard in values]})
    by_id = guards.because(values, withheld=True, rows=rows)
    proven = sorted({row.item_id for row in rows if row.protection == "proven"})
    return {guard.slug: by_id.get(guard.id or 0, []) for guard in values}, proven


def items_at(protection: str, slugs: Collection[str]) -> list[int]:
    """The ids of items that name one of these guards and have this protection."""
    return [row.item_id for row in db.rows(ITEMS_AT, {"protection": protection, "slugs": list(slugs)})]


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What a decision is made from: the target's guards with their evidence, or why there are none."""

    guards: tuple[GuardValue, ...] = ()
    evidence: Mapping[str, Sequence[EvidenceItem]] = field(default_factory=dict)
    because: decisions_answer.Because = field(default_factory=dict)
    waivers: Sequence[ActiveWaiver] = ()
    reason: Unanswerable | None = None
    # Items that are proven and become enforced by a real decision.
    proven: Sequence[int] = ()
    is_demo: bool = False


def read(request: DeployRequest, question: Question) -> DecisionContext:
    """Read the context of a decision, in a fixed number of statements."""
    waived_by = active_waivers.about(question.target, request.artifact, question.now)
    covering = covering_guards(request.service, request.target, waived_by)
    if covering is None:
        known = targets_of(request.service)
        is_named = not known and known_services.is_named_openly(request.service)
        return DecisionContext(
            reason=decisions_answer.unknown_target(question.target, known, is_named=is_named)
        )
    if not covering.guards:
        return DecisionContext(reason=decisions_answer.uncovered(question.target), is_demo=covering.is_demo)
    answers, proven = because(covering.named)
    return DecisionContext(
        guards=covering.guards,
        evidence=evidence(covering.guards, question),
        because=answers,
        waivers=active_waivers.read(waived_by) if covering.has_waivers else (),
        proven=() if request.dry_run else proven,
        is_demo=covering.is_demo,
    )
