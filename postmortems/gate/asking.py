"""May I deploy? Three beats: read; let guards look, outside any unit of work; judge and store.

The gate always answers. Whatever a guard's kind does wrong is that guard's verdict `error`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from postmortems import clock, db
from postmortems.actor import Actor
from postmortems.egress import Egress
from postmortems.egress import current as way_out
from postmortems.errors import Conflict, Invalid
from postmortems.gate import answering, observing, reading, schemas, standings, storing, verdicts
from postmortems.gate.answering import Unanswerable
from postmortems.gate.observing import Look
from postmortems.gate.verdicts import GuardValue, Judged
from postmortems.guards.judging import Judgement, Question, Seen
from postmortems.guards.kinds import KINDS
from postmortems.people import permissions

log = logging.getLogger(__name__)

LONGEST_KEY = 200
# Rollbacks and declared fixes are the cure: some kinds must not stand in their way.
CURES = frozenset({"rollback", "fix"})
# Another answer to the same key, or a guard that was deleted meanwhile: both are settled by a second round.
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Posed:
    """What the first beat read: the guards over the target with their evidence, or why there are none."""

    guards: tuple[GuardValue, ...] = ()
    evidence: Mapping[str, Sequence[Seen]] = field(default_factory=dict)
    because: answering.Because = field(default_factory=dict)
    reason: Unanswerable | None = None
    # Items that are proven and become enforced by a real decision.
    proven: Sequence[int] = ()
    is_demo: bool = False


def ask(
    request: Mapping[str, Any],
    *,
    actor: Actor,
    idempotency_key: str | None = None,
    egress: Egress | None = None,
) -> dict[str, Any]:
    """The gate's answer, stored before it is given. Opens its own units of work.

    Raises `Invalid` with pointers into the request, also for a key that was used for another request.
    """
    return ask_once(request, actor=actor, idempotency_key=idempotency_key, egress=egress)[0]


def ask_once(
    request: Mapping[str, Any],
    *,
    actor: Actor,
    idempotency_key: str | None = None,
    egress: Egress | None = None,
) -> tuple[dict[str, Any], bool]:
    """The answer, and whether it is the one that was given to the same key before."""
    permissions.require(actor, "gate.ask")
    asked = _checked(request)
    key = _checked_key(idempotency_key)
    for _ in range(ROUNDS):
        try:
            return _round(asked, actor, key, egress)
        except IntegrityError:
            continue
    raise Conflict("this request was answered again and again meanwhile; ask once more")


def _round(
    asked: Mapping[str, Any], actor: Actor, key: str | None, egress: Egress | None
) -> tuple[dict[str, Any], bool]:
    at = schemas.instant(asked["at"]) if asked["at"] else None
    question = verdicts.question(
        asked, at or clock.now(), is_replay=at is not None, bound_target=actor.bound_target
    )
    with db.reading():
        earlier = _earlier(asked, actor, key)
        if earlier is not None:
            return earlier, True
        posed = _read(asked, question, actor)
    looks = _look(posed, question, egress)
    if looks:
        question = replace(question, now=clock.now())
    judged = [_judge(guard, posed, looks, question) for guard in posed.guards]
    with db.transaction():
        answer = _store(asked, posed, judged, looks, question, actor, key)
    if posed.proven:
        _restate(posed.proven, actor)
    return answer, False


def _checked(request: Mapping[str, Any]) -> dict[str, Any]:
    asked = schemas.load(schemas.ASK, request)
    if asked["at"] and not asked["dry_run"]:
        raise Invalid("only a dry run is judged as of another instant: set dry_run to true", "/at")
    return asked


def _checked_key(key: str | None) -> str | None:
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise Invalid(f"an Idempotency-Key has 1 to {LONGEST_KEY} characters")
    return key


def _earlier(asked: Mapping[str, Any], actor: Actor, key: str | None) -> dict[str, Any] | None:
    if key is None:
        return None
    found = reading.decision_of_key(actor.name, key)
    if found is None:
        return None
    if found.request_hash != answering.fingerprint(asked):
        raise Invalid("this Idempotency-Key was used for another request; use a new key for a new question")
    return found.answer


def _read(asked: Mapping[str, Any], question: Question, actor: Actor) -> Posed:
    """The first beat: everything that has to be known, in a fixed number of queries."""
    posted = reading.posted(asked["service"], asked["target"])
    if posted is None:
        known = reading.targets_of(asked["service"])
        return Posed(reason=answering.unknown_target(question.target, known))
    if not posted.guards:
        return Posed(reason=answering.uncovered(question.target), is_demo=posted.is_demo)
    return Posed(
        guards=posted.guards,
        evidence=reading.evidence(posted.guards, question),
        because=reading.because(posted.guards),
        proven=()
        if asked["dry_run"]
        else reading.items_at("proven", [guard.slug for guard in posted.guards]),
        is_demo=posted.is_demo,
    )


def _look(posed: Posed, question: Question, egress: Egress | None) -> dict[str, Look]:
    due = [
        guard
        for guard in posed.guards
        if observing.is_due(guard, question, _newest_look(posed.evidence[guard.slug]))
    ]
    if not due:
        return {}
    return observing.look(due, question, egress or way_out())


def _newest_look(evidence: Sequence[Seen]) -> Seen | None:
    return next((seen for seen in evidence if seen.kind == "observation"), None)


def _judge(guard: GuardValue, posed: Posed, looks: Mapping[str, Look], question: Question) -> Judged:
    kind = KINDS.get(guard.kind)
    if kind is not None and question.change_kind in CURES and not kind.applies_to_rollback:
        passed = f"a {question.change_kind} is not held up by this guard"
        return Judged(guard, Judgement("not_applicable", "cure", passed))
    look = looks.get(guard.slug)
    if look is not None and look.trouble:
        return Judged(guard, verdicts.error("not_observed", f"{guard.slug}: {look.trouble}"))
    fresh = [look.seen(question)] if look is not None else []
    return verdicts.judge(guard, [*fresh, *posed.evidence[guard.slug]], question)


def _store(
    asked: Mapping[str, Any],
    posed: Posed,
    judged: Sequence[Judged],
    looks: Mapping[str, Look],
    question: Question,
    actor: Actor,
    key: str | None,
) -> dict[str, Any]:
    """The last beat: what was seen, what was judged, and the answer exactly as it is given."""
    now = clock.now()
    decision, reason, wait_deadline = _decide(asked, posed, judged, question.now, actor)
    answer = answering.answer(
        asked,
        judged,
        posed.because,
        reason,
        decision=decision,
        decision_id=answering.new_id(now),
        evaluated_at=question.now,
        wait_deadline=wait_deadline,
    )
    storing.decision(asked, answer, question, actor=actor, key=key, now=now, is_demo=posed.is_demo)
    storing.observations(posed.guards, looks, now)
    purpose = "dry_run" if asked["dry_run"] else "decision"
    storing.evaluations(judged, question, decision_id=answer["id"], purpose=purpose)
    return answer


def _decide(
    asked: Mapping[str, Any], posed: Posed, judged: Sequence[Judged], now: datetime, actor: Actor
) -> tuple[str, Unanswerable | None, datetime | None]:
    if posed.reason is not None:
        return posed.reason.decision, posed.reason, None
    decision = verdicts.combine(judged)
    if decision != "wait":
        return decision, None, None
    began = None if asked["dry_run"] else reading.wait_began(asked, actor.name, now)
    deadline = (began or now) + answering.wait_for(asked)
    if now < deadline:
        return decision, None, deadline
    return "block", answering.waited_out(judged, deadline), deadline


def _restate(items: Sequence[int], actor: Actor) -> None:
    try:
        with db.transaction():
            standings.restate(items, actor=actor, now=clock.now())
    except Exception:
        # The answer stands already and the pipeline gets it; the worker restates these items in its time.
        log.exception("the items behind a decision could not be restated")
