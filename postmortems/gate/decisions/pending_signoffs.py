"""Pending sign-offs: what decisions of the last day wait for, and who may sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.models import Decision
from postmortems.gate.verdicts import judge
from postmortems.guards.evidence.find import newest_first
from postmortems.guards.evidence.sources import submitted
from postmortems.guards.judgement import EvidenceItem, Question
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.kinds.signoff.kind import why_not
from postmortems.guards.models import Evaluation, Evidence, Guard, Target

# Nobody waits longer than this; what is asked for again shows up again.
WITHIN = timedelta(days=1)
MOST_READ, MOST_SHOWN = 200, 50


@dataclass(frozen=True, slots=True)
class Asked:
    """A sign-off that a decision waits for. `why_not` says why this person's word would not count."""

    guard: Guard
    decision: Decision
    question: Question
    summary: str
    why_not: str


def signoffs(actor: Actor, now: datetime) -> list[Asked]:
    """Unanswered sign-offs that decisions wait for, newest first, one a guard, target and artifact.

    A fixed number of queries.
    """
    rows = session().execute(
        select(Guard, Decision)
        .join(Evaluation, Evaluation.guard_id == Guard.id)
        .join(Decision, Decision.id == Evaluation.decision_id)
        .where(
            Guard.kind == "signoff",
            Guard.is_enabled,
            Evaluation.verdict == "pending",
            Evaluation.purpose == "decision",
            Evaluation.at > now - WITHIN,
        )
        .order_by(Evaluation.id.desc())
        .limit(MOST_READ)
    )
    newest_by_subject: dict[tuple[int, str, str], tuple[Guard, Decision]] = {}
    for guard, decision in rows:
        if guard.config.get("mode") == "approval":
            newest_by_subject.setdefault((guard.id, decision.target, decision.artifact), (guard, decision))
    newest = list(newest_by_subject.values())[:MOST_SHOWN]
    given = _given([decision for _, decision in newest])
    pending = [_asked(guard, decision, given, actor, now) for guard, decision in newest]
    return [one for one in pending if one is not None]


def for_me(pending: Sequence[Asked], actor: Actor) -> list[Asked]:
    """Those that this person may sign with effect."""
    return [one for one in pending if not one.why_not] if permissions.may(actor, "evidence.sign") else []


def _given(decisions: Sequence[Decision]) -> list[EvidenceItem]:
    """All that was signed about these artifacts."""
    artifacts = [DeployRequest.of(decision.request).artifact for decision in decisions]
    named = [name for artifact in artifacts for name in (artifact.digest, artifact.sha) if name]
    if not named:
        return []
    about = select(*submitted.columns()).select_from(Evidence).join(Evidence.target).join(Target.service)
    about = about.where(Evidence.kind == "signoff", or_(Evidence.subject.in_(named), Evidence.sha.in_(named)))
    found = session().execute(about.order_by(Evidence.id.desc()).limit(submitted.ABOUT_ARTIFACT))
    return newest_first([submitted.seen(row) for row in found])


def _asked(
    guard: Guard, decision: Decision, given: list[EvidenceItem], actor: Actor, now: datetime
) -> Asked | None:
    question = judge.question(DeployRequest.of(decision.request), now)
    judgement = KINDS["signoff"].judge(guard.config, given, question)
    if judgement.verdict != "pending":
        return None
    config = KINDS["signoff"].filled(guard.config)
    mine = [one for one in given if one.issuer == actor.name and one.target == question.target]
    is_mine = any(question.artifact.is_same_as(one.digest, one.sha) for one in mine)
    barred = "has answered already" if is_mine else why_not(config, question, actor.name, actor.role)
    return Asked(guard, decision, question, judgement.summary, barred)
