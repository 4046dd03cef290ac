"""The last step of a decision: judges each guard, decides, and stores the answer before it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from postmortems import clock
from postmortems.actor import Actor
from postmortems.gate.decisions import answer as decisions_answer
from postmortems.gate.decisions import context, evaluate, late_verdicts, live_drill, store
from postmortems.gate.decisions.answer import DecisionAnswer, Unanswerable
from postmortems.gate.decisions.context import DecisionContext
from postmortems.gate.decisions.idempotency import Earlier, Key
from postmortems.gate.decisions.probes import ProbeResult
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.findings import operations as findings_operations
from postmortems.gate.verdicts import judge
from postmortems.gate.verdicts.judge import GuardResult
from postmortems.guards.judgement import Question


@dataclass(frozen=True, slots=True)
class PendingDecision:
    """One request on its way. `again` is the decision that is judged once more, when it is not a new one."""

    request: DeployRequest
    actor: Actor
    key: Key
    question: Question
    again: Earlier | None = None


def conclude(
    asking: PendingDecision, posed: DecisionContext, looks: Mapping[str, ProbeResult]
) -> DecisionAnswer:
    """The last step: what was judged, and the answer exactly as it is given."""
    request, question, again = asking.request, asking.question, asking.again
    judged = [evaluate.judge(guard, posed, looks, question) for guard in posed.guards]
    now = clock.now()
    decision, reason, wait_deadline = _decide(asking, posed, judged)
    answer = decisions_answer.answer(
        request,
        judged,
        posed.because,
        reason,
        decision=decision,
        decision_id=again.id if again is not None else decisions_answer.new_id(now),
        evaluated_at=question.now,
        wait_deadline=wait_deadline,
    )
    stored = store.Told(answer, question, asking.actor, asking.key.text, now, posed.is_demo)
    if again is None:
        store.decision(request, stored)
    else:
        store.decided_again(stored, again)
    store.use_overrides(judged, stored)
    store.cite(judged, stored)
    purpose = "dry_run" if request.dry_run else "decision"
    now_judged = [one for one in judged if one.judgement.reason_code != late_verdicts.TO_COME]
    store.evaluations(now_judged, question, decision_id=answer.id, purpose=purpose)
    if request.drill is not None:
        live_drill.keep(request.drill, answer, actor=asking.actor)
    found = (
        []
        if request.dry_run
        else findings_operations.of_decision(answer.id, answer.decision, judged, question.target)
    )
    return replace(answer, erred=tuple(one.guard for one in found))


def _decide(
    asking: PendingDecision, posed: DecisionContext, judged: Sequence[GuardResult]
) -> tuple[str, Unanswerable | None, datetime | None]:
    if posed.reason is not None:
        return posed.reason.decision, posed.reason, None
    decision = judge.combine(judged)
    if decision != "wait":
        return decision, None, None
    now = asking.question.now
    deadline = asking.again.answer.wait_deadline if asking.again is not None else None
    if deadline is None:
        is_new = asking.request.dry_run
        began = None if is_new else context.wait_began(asking.request, asking.actor.name, now)
        deadline = (began or now) + decisions_answer.wait_for(asking.request)
    if now < deadline:
        return decision, None, deadline
    return "block", decisions_answer.waited_out(judged, deadline), deadline
