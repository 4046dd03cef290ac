"""Trial of a guard: probe, judge and keep the verdict now; it decides nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Egress
from postmortems.errors import Invalid, NotFound, TooMany
from postmortems.guards import operations, queries, schemas
from postmortems.guards.judgement import Artifact, EvidenceItem, Judgement, Question
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evaluation, Guard, GuardTarget, LastSaid, Service, Target

log = logging.getLogger(__name__)

# Whoever may test a guard can make this server call an address; not more often than this.
MOST_A_MINUTE = 30


@dataclass(frozen=True, slots=True)
class Trial:
    """What the first beat read: the guard as it stands, what it is asked, and what there is to judge."""

    id: int
    slug: str
    revision: int
    level: str
    kind: str
    config: Mapping[str, Any]
    question: Question
    evidence: Sequence[EvidenceItem]


def run(slug: str, fields: Mapping[str, Any], *, actor: Actor, egress: Egress) -> Evaluation:
    """The guard's verdict on `schemas.TrialBody`'s question, at this moment. Opens its own units of work.

    Raises `NotFound`, `Invalid` with pointers, and `TooMany` after 30 tests of its service in a minute.
    """
    permissions.require(actor, "guard.test")
    asked = schemas.load(schemas.TrialBody(), fields)
    with db.reading():
        trial = _read(queries.by_slug(slug), asked, actor, clock.now())
    seen, judgement = _look(trial, egress)
    with db.transaction():
        return _record(trial, seen, judgement or _judged(trial, seen), actor)


def _read(guard: Guard, asked: Mapping[str, Any], actor: Actor, now: datetime) -> Trial:
    covered = [target.full_name for target in operations.in_order(guard.targets)]
    if asked["target"] and asked["target"] not in covered:
        raise Invalid(f"the guard covers {', '.join(covered)}", "/target")
    target = asked["target"] or next(iter(covered), "")
    _refuse_haste(target.partition("/")[0], now)
    question = Question(
        now=now,
        target=target,
        declared_target=asked["declared_target"],
        artifact=Artifact(**asked["artifact"]),
        change_kind=asked["change_kind"],
        actor=actor.name,
    )
    kind = KINDS.get(guard.kind)
    wants = kind.needs(guard.config, question) if kind else ()
    evidence = queries.evidence(wants, question, guard.id)
    return Trial(
        guard.id, guard.slug, guard.revision, guard.level, guard.kind, guard.config, question, evidence
    )


def _refuse_haste(service: str, now: datetime) -> None:
    """Each service has its own measure, so that nobody uses up another team's."""
    recent = select(func.count()).select_from(Evaluation)
    recent = recent.where(Evaluation.purpose == "test", Evaluation.at > now - timedelta(minutes=1))
    recent = recent.where(Evaluation.target.startswith(f"{service}/", autoescape=True))
    if (session().scalar(recent) or 0) >= MOST_A_MINUTE:
        told = f"guards of {service} were tested {MOST_A_MINUTE} times in the last minute"
        raise TooMany(told, retry_after_s=60)


def _look(trial: Trial, egress: Egress) -> tuple[EvidenceItem | None, Judgement | None]:
    """The result of a probe now, or the judgement `error` where the probe itself failed."""
    kind = KINDS.get(trial.kind)
    if kind is None or not kind.probes(trial.config):
        return None, None
    try:
        data = kind.observe(trial.config, trial.question, egress)
    except Exception as broken:
        # A fault in one kind is that guard's verdict, and no reason to answer nothing.
        log.exception("guard %s could not look", trial.slug)
        return None, Judgement("error", "not_observed", f"it could not look: {type(broken).__name__}")
    return EvidenceItem("observation", clock.now(), target=trial.question.target, data=data), None


def _judged(trial: Trial, seen: EvidenceItem | None) -> Judgement:
    kind = KINDS.get(trial.kind)
    if kind is None:
        return Judgement("error", "unknown_kind", f"there is no kind of guard called {trial.kind}")
    try:
        return kind.judge(trial.config, [*([seen] if seen else []), *trial.evidence], trial.question)
    except Exception as broken:
        log.exception("guard %s could not be judged", trial.slug)
        told = f"{trial.slug} could not be evaluated: {type(broken).__name__}"
        return Judgement("error", "guard_failed", told)


def _record(trial: Trial, seen: EvidenceItem | None, judgement: Judgement, actor: Actor) -> Evaluation:
    question = trial.question
    # Before the guard's row is held by what names it, as a decision does.
    _forget_what_it_said(trial.id)
    try:
        if seen is not None:
            operations.record_observation(trial.id, seen.data, seen.observed_at)
        evaluation = operations.record_evaluation(
            trial, judgement, purpose="test", at=question.now, target=question.target
        )
    except IntegrityError:
        raise NotFound(f"the guard {trial.slug} was deleted meanwhile") from None
    audit.record(actor, "guard.tested", "guard", trial.slug, verdict=judgement.verdict)
    return evaluation


def _forget_what_it_said(guard_id: int) -> None:
    """Have decisions store again what it says: its newest verdict is this one until then."""
    its = select(Service.name + "/" + Target.name).join(Target.service)
    its = its.join(GuardTarget, GuardTarget.target_id == Target.id).where(GuardTarget.guard_id == guard_id)
    # In the same order as whoever else forgets some of them, so that nobody waits for each other.
    rows = select(LastSaid.target).where(LastSaid.target.in_(its)).order_by(LastSaid.target)
    targets = session().scalars(rows.order_by(LastSaid.is_dry_run).with_for_update()).all()
    session().execute(update(LastSaid).where(LastSaid.target.in_(targets)).values(said=""))
