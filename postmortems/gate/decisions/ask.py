"""Makes a decision in three steps: read the context; probe, outside any unit of work; judge and store.

The gate always answers. Whatever a guard's kind does wrong is that guard's verdict `error`; what goes wrong
with the gate itself is a block that says so.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.errors import Conflict, Invalid, NotFound, Refusal
from postmortems.gate import deploy_request, schemas
from postmortems.gate.decisions import answer as decisions_answer
from postmortems.gate.decisions import (
    conclude,
    evaluate,
    idempotency,
    live_drill,
    probes,
    shadow_verdicts,
    store,
)
from postmortems.gate.decisions import context as decisions_context
from postmortems.gate.decisions.answer import DecisionAnswer
from postmortems.gate.decisions.conclude import PendingDecision
from postmortems.gate.decisions.context import DecisionContext
from postmortems.gate.decisions.idempotency import Key
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.protection import operations as protection_operations
from postmortems.gate.verdicts import judge
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.guards.judgement import Question
from postmortems.jobs import counts
from postmortems.signatures.jwt import Signer
from postmortems.vault.runtime import Runtime

log = logging.getLogger(__name__)

LONGEST_KEY = 200
# Another answer to the same key, or a guard that was deleted meanwhile: both are settled by a second round.
ROUNDS = 3
# All looks of a decision end this long after it began, so that the answer is there within 25 s.
PROBED_WITHIN_S = 22.0


def ask(
    request: Mapping[str, Any],
    *,
    actor: Actor,
    runtime: Runtime,
    idempotency_key: str | None = None,
) -> dict[str, Any]:
    """The gate's answer, stored before it is given. Opens its own units of work.

    Raises `Invalid` with pointers into the request, also for a key that was used for another request.
    """
    loaded = deploy_request.load(request)
    answered = ask_once(loaded, actor=actor, runtime=runtime, idempotency_key=idempotency_key)
    return dict(answered.body)


def ask_once(
    request: DeployRequest,
    *,
    actor: Actor,
    runtime: Runtime,
    idempotency_key: str | None = None,
) -> DecisionAnswer:
    """The answer to a request; ends the unit of work that may be open."""
    permissions.require(actor, "gate.ask")
    if request.at and not request.dry_run and request.drill is None:
        raise Invalid("only a dry run is judged as of another instant: set dry_run to true", "/at")
    if request.drill is not None:
        request = replace(request, dry_run=True)
    key = _key(request, idempotency_key)
    return _surely(request, runtime.signer, lambda ends: _round(request, actor, key, runtime, ends))


def poll(decision_id: str, *, actor: Actor, runtime: Runtime) -> DecisionAnswer:
    """What is decided by now: a decision that waits is judged once more, at its deadline it is a block."""
    permissions.require(actor, "gate.ask")
    with db.reading():
        earlier = idempotency.waiting(decision_id)
        request = idempotency.request_of(decision_id)
    if earlier is None or request is None:
        raise NotFound(f"there is no decision {decision_id}")
    if not earlier.waits:
        return earlier.answer
    return _surely(request, runtime.signer, lambda ends: _again(request, actor, decision_id, runtime, ends))


def _surely(
    request: DeployRequest, signer: Signer, one_round: Callable[[float], DecisionAnswer]
) -> DecisionAnswer:
    """An answer, whatever happens: only what the caller did wrong is refused."""
    ends = time.monotonic() + PROBED_WITHIN_S
    try:
        for _ in range(ROUNDS):
            try:
                answer = one_round(ends)
                _count(answer, request)
                return answer
            except (IntegrityError, store.Overtaken):
                continue
    except Refusal:
        raise
    except Exception as broken:
        # A pipeline that hears nothing cannot tell a broken gate from an open one.
        log.exception("the gate could not decide")
        counts.add("decisions", "error", _word(request))
        return decisions_answer.failed(request, _what(broken), clock.now(), signer)
    raise Conflict("this request was answered again and again meanwhile; ask once more")


def _count(answer: DecisionAnswer, request: DeployRequest) -> None:
    if not answer.is_replayed:
        counts.add("decisions", answer.decision, _word(request))


def _word(request: DeployRequest) -> str:
    return "yes" if request.dry_run else "no"


def _what(broken: Exception) -> str:
    """What is the matter, as far as it helps whoever waits and tells nobody where our database is."""
    if isinstance(broken, OperationalError | PoolTimeout):
        return "its database does not answer, or has no room to write"
    return type(broken).__name__


def _round(request: DeployRequest, actor: Actor, key: Key, runtime: Runtime, ends: float) -> DecisionAnswer:
    pending = PendingDecision(request, actor, key, _question(request, actor))
    with db.taking_over():
        if request.drill is not None:
            live_drill.admit(request, actor=actor)
        earlier = idempotency.earlier(request, actor, key)
        if earlier is not None and earlier.stands(key, clock.now()):
            return replace(earlier.answer, is_replayed=True)
        if earlier is not None and not earlier.waits:
            store.free_key(earlier.id)
        if earlier is not None and earlier.waits:
            pending = replace(pending, again=earlier)
        context = decisions_context.read(request, pending.question)
        due, later = shadow_verdicts.apart(evaluate.due(context, pending.question), request)
        if not due:
            answer = conclude.conclude(pending, context, shadow_verdicts.to_be_judged(later), runtime.signer)
        else:
            idempotency.claim(actor, key, clock.now())
    if due:
        answer = _probe_and_conclude(pending, context, due, later, runtime, ends)
    shadow_verdicts.watch(later, context, pending, answer, runtime.egress)
    _restate(context, answer, actor)
    return answer


def _again(
    request: DeployRequest, actor: Actor, decision_id: str, runtime: Runtime, ends: float
) -> DecisionAnswer:
    with db.taking_over():
        earlier = idempotency.waiting(decision_id)
        if earlier is None:
            raise NotFound(f"there is no decision {decision_id} any more")
        if not earlier.waits:
            return earlier.answer
        pending = PendingDecision(request, actor, Key(), _question(request, actor), earlier)
        context = decisions_context.read(request, pending.question)
        due, later = shadow_verdicts.apart(evaluate.due(context, pending.question), request)
        if not due:
            answer = conclude.conclude(pending, context, shadow_verdicts.to_be_judged(later), runtime.signer)
    if due:
        answer = _probe_and_conclude(pending, context, due, later, runtime, ends)
    shadow_verdicts.watch(later, context, pending, answer, runtime.egress)
    _restate(context, answer, actor)
    return answer


def _question(request: DeployRequest, actor: Actor) -> Question:
    at = schemas.instant(request.at) if request.at else None
    return judge.question(
        request, at or clock.now(), is_replay=at is not None, bound_target=actor.bound_target
    )


def _key(request: DeployRequest, key: str | None) -> Key:
    """The caller's key; of a run that sent none, one made of the request: its job asks the same again."""
    if key is not None:
        if not 0 < len(key) <= LONGEST_KEY:
            raise Invalid(f"an Idempotency-Key has 1 to {LONGEST_KEY} characters")
        return Key(key)
    if request.dry_run or request.run.id == "":
        return Key()
    return Key(f"run:{request.fingerprint}", is_ours=True)


def _probe_and_conclude(
    pending: PendingDecision,
    context: DecisionContext,
    due: Sequence[GuardValue],
    later: Sequence[GuardValue],
    runtime: Runtime,
    ends: float,
) -> DecisionAnswer:
    try:
        left = max(0.0, ends - time.monotonic())
        probed = probes.run(due, pending.question, runtime.egress, left)
        probed |= shadow_verdicts.to_be_judged(later)
        pending = replace(pending, question=replace(pending.question, now=clock.now()))
        with db.transaction():
            return conclude.conclude(pending, context, probed, runtime.signer)
    finally:
        if pending.key.text is not None:
            with db.transaction():
                idempotency.give_up(pending.actor, pending.key)


def _restate(context: DecisionContext, answer: DecisionAnswer, actor: Actor) -> None:
    """Restate the items that a real decision makes enforced, and those that an error speaks against."""
    if not context.proven and not answer.erred:
        return
    try:
        with db.transaction():
            protection_operations.touch(items=context.proven, guards=answer.erred, actor=actor)
    except Exception:
        # The answer stands already and the pipeline gets it; the worker restates these items in its time.
        log.exception("the items behind a decision could not be restated")
