"""Live drills: ask the gate for a bad deploy, marked as a drill: real guards and probes, without effect.

A replay shows that the guards would have stopped it then. This shows that the gate is there, asks them, and
says no now. It proves and disproves no item's fix, for a window may be open by now: so it is shown, in the
history of the scenario and of the items, and counts nowhere.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import exists, select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import insert, session
from postmortems.errors import Invalid, NotFound
from postmortems.gate import deploy_request
from postmortems.gate import models as gate_models
from postmortems.gate.decisions import queries
from postmortems.gate.decisions.answer import DecisionAnswer
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.models import Decision, LiveDrill, Scenario
from postmortems.incidents.models import ActionItem, ItemGuard

# What a request says beside what its scenario recorded.
BESIDE = frozenset({"at", "dry_run", "wait_s", "drill"})


def question(scenario_id: int, *, actor: Actor) -> DeployRequest:
    """What to ask the gate for a live drill of this scenario. Raises `NotFound` and `Invalid`."""
    permissions.require(actor, "drill.run")
    scenario = queries.scenario(scenario_id)
    _refuse_good(scenario)
    return replace(deploy_request.load(scenario.facts["request"]), drill=scenario.id)


def admit(request: DeployRequest, *, actor: Actor) -> None:
    """Check that a request may be a live drill. Raises `Invalid` where it is not that of a bad scenario."""
    permissions.require(actor, "drill.run")
    if request.at:
        raise Invalid("a live drill is about now; leave at out", "/at")
    try:
        scenario = queries.scenario(request.drill or 0)
    except NotFound as unknown:
        raise Invalid(unknown.detail, "/drill") from None
    _refuse_good(scenario)
    recorded, sent = deploy_request.load(scenario.facts["request"]).as_json(), request.as_json()
    other = [name for name in recorded if name not in BESIDE and recorded[name] != sent[name]]
    if other:
        problem = f"scenario {scenario.id} recorded another {other[0]}; ask what it says, and nothing else"
        raise Invalid(problem, "/drill")


def _refuse_good(scenario: Scenario) -> None:
    if scenario.kind != "bad":
        problem = "only a bad deploy is asked for live: what let a good one through is not there any more"
        raise Invalid(problem, "/drill")


def keep(scenario_id: int, answer: DecisionAnswer, *, actor: Actor) -> LiveDrill:
    """Store the answer to a live drill, also in the history of the incident's items that name a guard."""
    scenario = queries.scenario(scenario_id)
    done = LiveDrill(
        scenario_id=scenario.id,
        at=clock.now(),
        by=actor.name,
        decision_id=answer.id,
        decision=answer.decision,
        is_as_expected=answer.decision in gate_models.EXPECTED[scenario.kind],
    )
    insert(done)
    why = summary(scenario.name, answer)
    data = {"decision": answer.id, "is_as_expected": done.is_as_expected, "why": why}
    # By the incident it is known from whom the name in these words is withheld, once the item is gone, too.
    data |= {"incident": scenario.incident.slug}
    audit.record(actor, "scenario.drilled_live", "scenario", str(scenario.id), **data)
    names_guard = exists().where(ItemGuard.item_id == ActionItem.id)
    items = select(ActionItem).where(ActionItem.incident_id == scenario.incident_id, names_guard)
    for item in session().scalars(items.order_by(ActionItem.number)):
        audit.record(actor, "item.drilled_live", "item", item.ref, **data)
    return done


def summary(name: str, answer: DecisionAnswer) -> str:
    """The gate's answer to a live drill, in a sentence."""
    stopping = ", ".join(answer.stopping)
    if answer.decision == "block":
        return f"the gate stopped “{name}”: {stopping}"
    if answer.decision == "wait":
        return f"the gate would wait before it let “{name}” through, for {stopping}"
    return f"the gate would let “{name}” through now: {answer.decision.replace('_', ' ')}"


def newest(scenario: Scenario, limit: int = 20) -> list[LiveDrill]:
    """A scenario's live drills, newest first."""
    found = select(LiveDrill).where(LiveDrill.scenario_id == scenario.id)
    return list(session().scalars(found.order_by(LiveDrill.id.desc()).limit(limit)))


def of_decision(decision: Decision) -> Scenario | None:
    """The scenario that a decision drilled; None for any other decision, and where it is gone or hidden."""
    drilled = select(LiveDrill.scenario_id).where(LiveDrill.decision_id == decision.id)
    number = decision.request.get("drill") and session().scalar(drilled)
    return session().scalars(select(Scenario).where(Scenario.id == number)).one_or_none() if number else None
