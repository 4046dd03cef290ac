"""Verdicts of shadow guards, judged after the answer so that no deploy waits for them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace

from postmortems import clock
from postmortems.db import session as db
from postmortems.egress.client import Egress
from postmortems.gate.decisions import evaluate, probes
from postmortems.gate.decisions import store as decisions_store
from postmortems.gate.decisions.answer import DecisionAnswer
from postmortems.gate.decisions.conclude import PendingDecision
from postmortems.gate.decisions.context import DecisionContext
from postmortems.gate.decisions.probes import ProbeResult
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.verdicts.judge import GuardValue

log = logging.getLogger(__name__)


def apart(due: Sequence[GuardValue], request: DeployRequest) -> tuple[list[GuardValue], list[GuardValue]]:
    """Split due guards into those that the answer waits for and those judged later. A drill waits for all."""
    later = [guard for guard in due if guard.level == "shadow"] if request.drill is None else []
    return [guard for guard in due if guard not in later], later


def to_be_judged(later: Sequence[GuardValue]) -> dict[str, ProbeResult]:
    """Placeholder results, by guard slug, of the guards that are judged after the answer."""
    return {guard.slug: ProbeResult(clock.now(), is_later=True) for guard in later}


def watch(
    later: Sequence[GuardValue],
    context: DecisionContext,
    pending: PendingDecision,
    answer: DecisionAnswer,
    egress: Egress,
) -> None:
    """Probe these guards now, and store each one's verdict on the decision when its probe is done."""
    for guard in later:

        def store(found: Future[ProbeResult], guard: GuardValue = guard) -> None:
            _store(guard, probes.result(guard.slug, found), context, pending, answer)

        try:
            probes.begin(guard, pending.question, egress).add_done_callback(store)
        except Exception:
            # A server that ends begins no look any more; the answer stands already, and is given.
            log.exception("%s could not look", guard.slug)


def _store(
    guard: GuardValue,
    probe: ProbeResult,
    context: DecisionContext,
    pending: PendingDecision,
    answer: DecisionAnswer,
) -> None:
    question = replace(pending.question, now=clock.now())
    purpose = "dry_run" if pending.request.dry_run else "decision"
    try:
        result = evaluate.judge(guard, context, {guard.slug: probe}, question)
        with db.transaction():
            decisions_store.evaluations([result], question, decision_id=answer.id, purpose=purpose)
    except Exception:
        # The answer was given without it, and nobody waits; the next decision asks it again.
        log.exception("what %s says could not be stored", guard.slug)
