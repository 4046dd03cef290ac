"""The last step of a decision: judges each guard, decides, and stores the answer before it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from postmortems import clock
from postmortems.actor import Actor
from postmortems.gate.decisions import answer as decisions_answer
from postmortems.gate.decisions import context as decisions_context
from postmortems.gate.decisions import evaluate, late_verdicts, live_drill, store
from postmortems.gate.decisions.answer import DecisionAnswer, Unanswerable
from postmortems.gate.decisions.context import DecisionContext
from postmortems.gate.decisions.idempotency import Earlier, Key
from postmortems.gate.decisions.probes import ProbeResult
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.findings import operations as findings_operations
from postmortems.gate.verdicts import judge, repeated
from postmortems.gate.verdicts.judge import GuardResult
from postmortems.guards import answers
from postmortems.guards.judgement import Question
from postmortems.signatures.jwt import Signer


@dataclass(frozen=True, slots=True)
class PendingDecision:
    """A request that is being decided; `again` is the waiting decision that is judged once more, if any."""

    request: DeployRequest
    actor: Actor
    key: Key
    question: Question
    again: Earlier | None = None


def conclude(
    pending: PendingDecision, context: DecisionContext, probed: Mapping[str, ProbeResult], signer: Signer
) -> DecisionAnswer:
    """Judge every guard, then store the decision with its verdicts; returns the answer as it is given."""
    request, question, again = pending.request, pending.question, pending.again
    results = [evaluate.judge(guard, context, probed, question) for guard in context.guards]
    now = clock.now()
    decision, reason, wait_deadline = _decide(pending, context, results)
    answer = decisions_answer.answer(
        request,
        results,
        context.because,
        reason,
        decision=decision,
        decision_id=again.id if again is not None else decisions_answer.new_id(now),
        evaluated_at=question.now,
        wait_deadline=wait_deadline,
        signer=signer,
    )
    record = store.DecisionRecord(answer, question, pending.actor, pending.key.text, now, context.is_demo)
    known = None
    if again is None:
        known = store.decision(request, record)
    else:
        store.decided_again(record, again)
    store.use_overrides(results, record)
    store.cite(results, record)
    purpose = "dry_run" if request.dry_run else "decision"
    store.evaluations(
        _to_store(pending, context, results, answer, known), question, decision_id=answer.id, purpose=purpose
    )
    if request.drill is not None:
        live_drill.keep(request.drill, answer, actor=pending.actor)
    findings = (
        []
        if request.dry_run
        else findings_operations.of_decision(answer.id, answer.decision, results, question.target)
    )
    return replace(answer, erred=tuple(one.guard for one in findings)) if findings else answer


def _to_store(
    pending: PendingDecision,
    context: DecisionContext,
    results: Sequence[GuardResult],
    answer: DecisionAnswer,
    known: str | None,
) -> Sequence[GuardResult]:
    """The verdicts that are not in the answer alone; `known` is what was said last over the target."""
    judged = [one for one in results if one.judgement.reason_code != late_verdicts.TO_COME]
    # An answer that is replaced, is about another instant, is cut short, or is not found by its id does not
    # keep what guards said.
    if not judged or answer.decision == "wait" or pending.again is not None or pending.question.is_replay:
        return judged
    if answer.is_cut or not answers.is_found(answer.id, pending.question.now):
        return judged
    return repeated.unsaid(
        judged,
        pending.question,
        known,
        is_dry_run=pending.request.dry_run,
        asked_about=context.asked_about,
    )


def _decide(
    pending: PendingDecision, context: DecisionContext, results: Sequence[GuardResult]
) -> tuple[str, Unanswerable | None, datetime | None]:
    if context.reason is not None:
        return context.reason.decision, context.reason, None
    decision = judge.combine(results)
    if decision != "wait":
        return decision, None, None
    now = pending.question.now
    deadline = pending.again.answer.wait_deadline if pending.again is not None else None
    if deadline is None:
        is_new = pending.request.dry_run
        began = None if is_new else decisions_context.wait_began(pending.request, pending.actor.name, now)
        deadline = (began or now) + decisions_answer.wait_for(pending.request)
    if now < deadline:
        return decision, None, deadline
    return "block", decisions_answer.waited_out(results, deadline), deadline
