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


def apart(looking: Sequence[GuardValue], request: DeployRequest) -> tuple[list[GuardValue], list[GuardValue]]:
    """The guards whose looks are waited for, and those that are judged later. A drill waits for all."""
    later = [guard for guard in looking if guard.level == "shadow"] if request.drill is None else []
    return [guard for guard in looking if guard not in later], later


def to_come(later: Sequence[GuardValue]) -> dict[str, ProbeResult]:
    """In place of their looks, by guard slug."""
    return {guard.slug: ProbeResult(clock.now(), is_to_come=True) for guard in later}


def watch(
    later: Sequence[GuardValue],
    posed: DecisionContext,
    asking: PendingDecision,
    answered: DecisionAnswer,
    egress: Egress,
) -> None:
    """Let them look now, and store each one's verdict on the decision when it has looked."""
    for guard in later:

        def store(found: Future[ProbeResult], guard: GuardValue = guard) -> None:
            _store(guard, probes.result(guard.slug, found), posed, asking, answered)

        try:
            probes.begin(guard, asking.question, egress).add_done_callback(store)
        except Exception:
            # A server that ends begins no look any more; the answer stands already, and is given.
            log.exception("%s could not look", guard.slug)


def _store(
    guard: GuardValue,
    look: ProbeResult,
    posed: DecisionContext,
    asking: PendingDecision,
    answered: DecisionAnswer,
) -> None:
    question = replace(asking.question, now=clock.now())
    purpose = "dry_run" if asking.request.dry_run else "decision"
    try:
        judged = evaluate.judge(guard, posed, {guard.slug: look}, question)
        with db.transaction():
            decisions_store.evaluations([judged], question, decision_id=answered.id, purpose=purpose)
    except Exception:
        # The answer was given without it, and nobody waits; the next decision asks it again.
        log.exception("what %s says could not be stored", guard.slug)
