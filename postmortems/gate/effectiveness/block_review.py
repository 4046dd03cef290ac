"""Reviews of blocks: whether a guard stopped a real problem, by people's word and by what followed.

`DEFINITIONS` says how each number is counted. Nothing here is typed in but a person's yes or no.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed, Problem
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.models import Confirmation, Decision, Override, Waiver
from postmortems.gate.verdicts import decision_table
from postmortems.guards.models import Evaluation, Evidence, Guard, Service, Target

WITHIN = timedelta(days=90)
OVERRIDDEN_WITHIN = timedelta(hours=1)
# A deploy that has lived so long without a failure stayed healthy.
HEALTHY_FOR = timedelta(hours=1)
# The newest overrides that are looked at, and the deploys that followed them.
MOST_OVERRIDES, MOST_DEPLOYS = 200, 2000

LATELY = "of the last 90 days"
DEFINITIONS = {
    "blocks": f"real decisions {LATELY} that blocked, in which this guard at soft or hard said fail or stale",
    "true_blocks": "blocks of which a person said that they stopped a real problem, and that nobody overrode",
    "false_blocks": "blocks of which a person said that they stopped none; and, where nobody said anything, "
    "those that were overridden within an hour and whose deploy succeeded and did not fail or go back for an "
    "hour and since",
    "undecided": "the other blocks: nobody has said yet, or a real problem was overridden",
    "precision": "true blocks among true and false ones; none before there is one of them",
}


@dataclass(frozen=True, slots=True)
class Blocks:
    """How often a guard blocked, and how often rightly, as `DEFINITIONS` counts."""

    blocks: int = 0
    true_blocks: int = 0
    false_blocks: int = 0

    @property
    def undecided(self) -> int:
        return self.blocks - self.true_blocks - self.false_blocks

    @property
    def precision(self) -> float | None:
        known = self.true_blocks + self.false_blocks
        return self.true_blocks / known if known else None


@dataclass(frozen=True, slots=True)
class Passed:
    """A block that was overridden: when, whether people called it right, and which deploy followed."""

    guard: str
    decision_id: str
    blocked_at: datetime
    granted_at: datetime
    is_real: bool | None
    target: str
    artifact: str


@dataclass(frozen=True, slots=True)
class Deployed:
    """A deploy event; `artifacts` are its digest and its commit."""

    target: str
    artifacts: frozenset[str]
    outcome: str
    at: datetime


def of_guard(guard: Guard) -> Blocks:
    """The guard's blocks, in three queries."""
    return of_guards([guard])[guard.slug]


def of_guards(
    guards: Collection[Guard], since: datetime | None = None, until: datetime | None = None
) -> dict[str, Blocks]:
    """By slug the blocks of each of these guards, in three queries, however many they are.

    Those from `since`, without it of the last 90 days, and before `until`, without it to this moment.
    """
    now = clock.now()
    span = (since or now - WITHIN, until or now + timedelta(days=1))
    said = _said(guards, *span)
    passed = _passed(guards, *span)
    deploys = _deploys(passed) if passed else []
    found = {}
    for guard in guards:
        counts, own = said.get(guard.slug, {}), [one for one in passed if one.guard == guard.slug]
        passed_though_real = len({one.decision_id for one in own if one.is_real})
        went_well = len({one.decision_id for one in own if was_needless(one, deploys, now)})
        true_blocks = counts.get(True, 0) - passed_though_real
        found[guard.slug] = Blocks(sum(counts.values()), true_blocks, counts.get(False, 0) + went_well)
    return found


def was_needless(passed: Passed, deploys: Iterable[Deployed], now: datetime) -> bool:
    """Whether what followed shows that there was no need to block: nobody said so, but it went well."""
    if passed.is_real is not None or passed.granted_at - passed.blocked_at > OVERRIDDEN_WITHIN:
        return False
    after = [
        one
        for one in deploys
        if one.target == passed.target and passed.artifact in one.artifacts and one.at >= passed.granted_at
    ]
    succeeded = min((one.at for one in after if one.outcome == "succeeded"), default=None)
    went_wrong = any(one.outcome in {"failed", "rolled_back"} for one in after)
    return succeeded is not None and now - succeeded >= HEALTHY_FOR and not went_wrong


def stopping(decision: Decision) -> list[str]:
    """The slugs of the guards that blocked this real decision; none for any other decision."""
    if decision.is_dry_run or decision.decision != "block":
        return []
    told = decision.answer.get("guards", ())
    return [
        one["guard"] for one in told if one["effective"] == "block" and one["verdict"] in decision_table.RED
    ]


def confirmations(decision_id: str) -> list[Confirmation]:
    """What people said of one block, by guard."""
    said = select(Confirmation).where(Confirmation.decision_id == decision_id)
    return list(session().scalars(said.order_by(Confirmation.guard)))


def confirm(
    decision_id: str, is_real: bool, slugs: Sequence[str] = (), *, actor: Actor
) -> list[Confirmation]:
    """Say whether a block stopped a real problem: by these guards, or by all that blocked.

    The last word counts. Raises `NotAllowed`, `Conflict` where no guard blocked, `Invalid` for one that
    did not.
    """
    permissions.require(actor, "block.confirm")
    if not actor.is_person:
        raise NotAllowed("what a block was worth is said by a person who is signed in, not by a token")
    decision = decisions_queries.decision(decision_id)
    stopped_by = stopping(decision)
    if not stopped_by:
        raise Conflict("no guard stopped this deploy by its verdict, so there is nothing to confirm")
    wrong = [
        Problem(f"/guards/{place}", f"{slug} did not stop this deploy; {', '.join(stopped_by)} did")
        for place, slug in enumerate(slugs)
        if slug not in stopped_by
    ]
    if wrong:
        raise Invalid(wrong)
    about = [slug for slug in stopped_by if not slugs or slug in slugs]
    now = clock.now()
    for slug in about:
        session().merge(
            Confirmation(decision_id=decision.id, guard=slug, is_real=is_real, by=actor.name, at=now)
        )
    session().flush()
    audit.record(actor, "decision.confirmed", "decision", decision.id, is_real=is_real, guards=about)
    return confirmations(decision_id)


def _said(guards: Collection[Guard], since: datetime, until: datetime) -> dict[str, dict[bool | None, int]]:
    """By slug how many blocks there are, by what people said of them; None for nothing."""
    counted = (
        select(Guard.slug, Confirmation.is_real, func.count(func.distinct(Decision.id)))
        .select_from(Evaluation)
        .join(Guard, Guard.id == Evaluation.guard_id)
        .join(Decision, Decision.id == Evaluation.decision_id)
        .outerjoin(Confirmation, _is_about(Guard.slug))
        .where(
            Evaluation.guard_id.in_([guard.id for guard in guards]),
            Evaluation.at >= since,
            Evaluation.at < until,
            Evaluation.purpose == "decision",
            Evaluation.level.in_(decision_table.ENFORCING),
            Evaluation.verdict.in_(decision_table.RED),
            Decision.decision == "block",
        )
        .group_by(Guard.slug, Confirmation.is_real)
    )
    found: dict[str, dict[bool | None, int]] = {}
    for slug, is_real, count in session().execute(counted):
        found.setdefault(slug, {})[is_real] = count
    return found


def _passed(guards: Collection[Guard], since: datetime, until: datetime) -> list[Passed]:
    """The blocks that an override let a later deploy past, the newest first."""
    wanted = (
        select(
            Waiver.guard,
            Decision.id,
            Decision.evaluated_at,
            Waiver.made_at,
            Confirmation.is_real,
            Override.target,
            Override.artifact,
        )
        .select_from(Waiver)
        .join(Override, Override.id == Waiver.override_id)
        .join(Decision, Decision.id == Override.decision_id)
        .outerjoin(Confirmation, _is_about(Waiver.guard))
        .where(Waiver.guard.in_([guard.slug for guard in guards]), Waiver.used_by != "")
        .where(Waiver.made_at >= since, Decision.evaluated_at.between(since, until))
        .where(Decision.decision == "block")
        .order_by(Waiver.id.desc())
        .limit(MOST_OVERRIDES * len(guards))
    )
    return [Passed(*row) for row in session().execute(wanted)]


def _deploys(passed: Sequence[Passed]) -> list[Deployed]:
    """What was reported of the artifacts that were let past, at the targets they went to."""
    artifacts, began = {one.artifact for one in passed}, min(one.granted_at for one in passed)
    wanted = (
        select(Evidence, Service.name, Target.name)
        .join(Target, Target.id == Evidence.target_id)
        .join(Service, Service.id == Target.service_id)
        .where(
            Evidence.kind == "deploy",
            or_(Evidence.subject.in_(artifacts), Evidence.sha.in_(artifacts)),
            Evidence.observed_at >= began,
        )
        .order_by(Evidence.id.desc())
        .limit(MOST_DEPLOYS)
    )
    return [
        Deployed(f"{service}/{target}", frozenset({one.subject, one.sha} - {""}), one.result, one.observed_at)
        for one, service, target in session().execute(wanted)
    ]


def _is_about(slug: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    return and_(Confirmation.decision_id == Decision.id, Confirmation.guard == slug)
