"""The context of a decision: all that is read before it is made, in few statements.

The statements that every decision needs are put together once; that takes longer than running them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.decisions import answer as decisions_answer
from postmortems.gate.decisions.answer import Unanswerable
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.models import Decision, ItemProtection
from postmortems.gate.verdicts import active_waivers, guard_sets
from postmortems.gate.verdicts.active_waivers import ActiveWaiver
from postmortems.gate.verdicts.guard_sets import Because, GuardSet
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.gate.verdicts.kept_passes import Passes
from postmortems.guards import queries as guards
from postmortems.guards.judgement import EvidenceItem, Question
from postmortems.guards.models import Service, Target
from postmortems.guards.services import known_services
from postmortems.incidents.models import ItemGuard

ITEMS_AT = (
    select(ItemProtection.item_id)
    .join(ItemGuard, ItemGuard.item_id == ItemProtection.item_id)
    .where(
        ItemProtection.protection == bindparam("protection"),
        ItemGuard.slug.in_(bindparam("slugs", expanding=True)),
    )
    .distinct()
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


def evidence(covering: GuardSet, question: Question) -> dict[str, Sequence[EvidenceItem]]:
    """By guard slug, the evidence that each guard needs, newest first."""
    by_id = guards.evidence_for(covering.plan, question)
    return {guard.slug: by_id.get(guard.id or 0, ()) for guard in covering.guards}


def items_at(protection: str, slugs: Collection[str]) -> list[int]:
    """The ids of items that name one of these guards and have this protection."""
    return [row.item_id for row in db.rows(ITEMS_AT, {"protection": protection, "slugs": list(slugs)})]


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What a decision is made from: the target's guards with their evidence, or why there are none."""

    guards: tuple[GuardValue, ...] = ()
    evidence: Mapping[str, Sequence[EvidenceItem]] = field(default_factory=dict)
    because: Because = field(default_factory=dict)
    waivers: Sequence[ActiveWaiver] = ()
    reason: Unanswerable | None = None
    # Items that are proven and become enforced by a real decision.
    proven: Sequence[int] = ()
    is_demo: bool = False
    passes: Passes = field(default_factory=dict)
    # Slugs of guards whose verdicts other guards ask for.
    asked_about: frozenset[str] = frozenset()


def read(request: DeployRequest, question: Question) -> DecisionContext:
    """Read the context of a decision, in a fixed number of statements."""
    covering = guard_sets.of_target(request.service, request.target)
    if covering is None:
        known = targets_of(request.service)
        is_named = not known and known_services.is_named_openly(request.service)
        return DecisionContext(
            reason=decisions_answer.unknown_target(question.target, known, is_named=is_named)
        )
    if not covering.guards:
        return DecisionContext(reason=decisions_answer.uncovered(question.target), is_demo=covering.is_demo)
    return DecisionContext(
        guards=covering.guards,
        evidence=evidence(covering, question),
        because=covering.because,
        waivers=waivers(covering, request, question),
        proven=() if request.dry_run else covering.proven,
        is_demo=covering.is_demo,
        passes=covering.passes,
        asked_about=covering.asked_about,
    )


def waivers(covering: GuardSet, request: DeployRequest, question: Question) -> Sequence[ActiveWaiver]:
    """The waivers that may count; of a moment in the past, those of then."""
    granted = covering.waivers
    if question.is_replay:
        granted = tuple(active_waivers.granted(question.target, question.now))
    return active_waivers.active(granted, question.target, request.artifact, question.now)
