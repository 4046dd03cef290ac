"""Scenarios and drills: keep recorded deploys, and replay them against today's guards without network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import insert, session
from postmortems.errors import Conflict, Invalid, Problem, Stale
from postmortems.formats import strict_yaml
from postmortems.gate import models as gate_models
from postmortems.gate import schemas
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.decisions import redaction
from postmortems.gate.models import Drill, Scenario
from postmortems.gate.protection import operations as protection_operations
from postmortems.gate.protection.inputs import asked_target
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.gate.scenarios import replay
from postmortems.gate.scenarios import schemas as scenarios_schemas
from postmortems.gate.scenarios.facts import ScenarioFacts
from postmortems.gate.tallies import changes as changes
from postmortems.gate.verdicts import judge
from postmortems.gate.verdicts.judge import GuardResult, GuardValue
from postmortems.guards import kind as guards_kind
from postmortems.guards import queries as guards
from postmortems.guards.kinds.registry import KINDS
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import Incident

EDIT = "scenario.edit"
EDITABLE = ("name", "kind", "description", "facts")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The guards' verdicts on a scenario, and the decision they lead to. `judged` is worst first."""

    decision: str
    judged: tuple[GuardResult, ...]
    is_as_expected: bool


def rehearse(kind: str, facts: ScenarioFacts, guards: Sequence[GuardValue]) -> Rehearsal:
    """Judge a scenario (`bad` or `good`) by the guards that cover its target. Pure."""
    target = facts.request.full_target
    covering = [guard for guard in guards if guard.is_enabled and target in guard.targets]
    judged = judge.worst_first(replay.judge(guard, facts) for guard in covering)
    decision = judge.combine(judged) if judged else "allow_with_warnings"
    return Rehearsal(decision, tuple(judged), decision in gate_models.EXPECTED[kind])


def drill(scenario_id: int, *, actor: Actor) -> Drill:
    """Run today's guards against one scenario, and keep what came of it."""
    permissions.require_anywhere(actor, "drill.run")
    scenario = decisions_queries.scenario(scenario_id)
    team_rights.require(actor, "drill.run", scenario.incident)
    return run(scenario, actor=actor)


def drill_incident(incident: Incident, *, actor: Actor) -> list[Drill]:
    """Run all scenarios of an incident, in their order."""
    team_rights.require(actor, "drill.run", incident)
    return [run(scenario, actor=actor) for scenario in scenarios_queries.scenarios(incident)]


def run(scenario: Scenario, *, actor: Actor) -> Drill:
    """Run and store one drill, and touch the incident's items. The caller has checked permission."""
    facts = ScenarioFacts.of(scenario.facts)
    rehearsal = rehearse(scenario.kind, facts, judge.guards_over(facts.request.full_target))
    done = Drill(
        scenario_id=scenario.id,
        at=clock.now(),
        by=actor.name,
        decision=rehearsal.decision,
        is_as_expected=rehearsal.is_as_expected,
        results=[_result(one) for one in rehearsal.judged],
    )
    insert(done)
    session().expire(scenario, ["drills"])
    data = {"drill": done.id, "decision": done.decision, "is_as_expected": done.is_as_expected}
    data |= {"incident": scenario.incident.slug}
    audit.record(actor, "scenario.drilled", "scenario", str(scenario.id), **data)
    _touch(scenario.incident, actor)
    return redaction.drill(done)


def _touch(incident: Incident, actor: Actor) -> None:
    """Scenarios speak for the incident's items, and against those of the one that it repeats."""
    protection_operations.touch(incidents=[incident.slug, incident.recurrence_of], actor=actor)


def _result(result: GuardResult) -> dict[str, Any]:
    plain = judge.plain(result)
    kept = (
        "guard",
        "revision",
        "kind",
        "level",
        "verdict",
        "effective",
        "reason_code",
        "summary",
        "observed",
        "expected",
        "next_possible_at",
    )
    return {name: plain[name] for name in kept}


def record(fields: Mapping[str, Any], *, actor: Actor) -> Scenario:
    """Keep a new scenario of an incident: {incident, name, kind, description, facts}. Raises `Invalid`."""
    permissions.require_anywhere(actor, EDIT)
    checked = _checked(fields)
    slug = checked.pop("incident")
    incident = session().scalars(select(Incident).where(Incident.slug == slug)).one_or_none()
    if incident is None:
        raise Invalid(f"there is no incident {slug}", "/incident")
    team_rights.require(actor, EDIT, incident)
    _refuse_unknown_target(asked_target(checked["facts"]), incident)
    _refuse_double(incident.id, checked["name"], but=None)
    scenario = Scenario(incident=incident, edited_at=clock.now(), **checked)
    insert(scenario)
    audit.record(actor, "scenario.recorded", "scenario", str(scenario.id), incident=slug, name=scenario.name)
    run(scenario, actor=actor)
    return scenario


def edit(
    scenario_id: int, changes: Mapping[str, Any], revision: int | None = None, *, actor: Actor
) -> Scenario:
    """Change a scenario's name, kind, description or facts, and drill it anew.

    `revision` is the one that was read; None changes whatever is there. Raises `Stale` when somebody edited
    it in between, unless both made the same of it.
    """
    permissions.require_anywhere(actor, EDIT)
    scenario = decisions_queries.scenario(scenario_id)
    team_rights.require(actor, EDIT, scenario.incident)
    stored = {name: getattr(scenario, name) for name in EDITABLE}
    if "facts" in changes:
        changes = {**changes, "facts": redaction.facts_kept(changes["facts"], scenario.facts)}
    merged = _checked({"incident": scenario.incident.slug, **stored, **changes})
    if merged.pop("incident") != scenario.incident.slug:
        raise Invalid("a scenario stays with its incident; record it there anew", "/incident")
    _refuse_unknown_target(asked_target(merged["facts"]), scenario.incident)
    if merged == stored:
        return scenario
    if revision is not None and revision != scenario.revision:
        why = f"it was edited in between and is at revision {scenario.revision} now"
        mine, theirs = (
            strict_yaml.write({**one, "facts": redaction.facts(one["facts"])}) for one in (merged, stored)
        )
        raise Stale(why, version=scenario.revision, mine=mine, theirs=theirs)
    _refuse_double(scenario.incident_id, merged["name"], but=scenario.id)
    for name, value in merged.items():
        setattr(scenario, name, value)
    scenario.edited_at = clock.now()
    try:
        session().flush()
    except StaleDataError:
        raise Conflict("somebody else is editing this scenario at this moment; read it again") from None
    changed = [name for name in EDITABLE if merged[name] != stored[name]]
    of = {"incident": scenario.incident.slug}
    audit.record(actor, "scenario.edited", "scenario", str(scenario.id), fields=changed, **of)
    run(scenario, actor=actor)
    return scenario


def delete(scenario_id: int, *, actor: Actor) -> None:
    """Take a scenario away with its drills; what they proved is proven no longer."""
    permissions.require_anywhere(actor, EDIT)
    scenario = decisions_queries.scenario(scenario_id)
    team_rights.require(actor, EDIT, scenario.incident)
    incident, name = scenario.incident, scenario.name
    session().delete(scenario)
    session().flush()
    audit.record(actor, "scenario.deleted", "scenario", str(scenario_id), incident=incident.slug, name=name)
    _touch(incident, actor)


def _checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    checked = schemas.load(scenarios_schemas.ScenarioShape(), dict(fields))
    if wrong := list(_odd_probes(checked["facts"]["probes"])):
        raise Invalid(wrong)
    return checked


def _refuse_unknown_target(target: str, incident: Incident) -> None:
    """A scenario is about a target that is registered, or about a service that its incident names and nobody
    has registered yet: then no guard covers it, and the drill says so.
    """
    service = target.partition("/")[0]
    if guards.target_named(target) is not None:
        return
    names = {name.partition("/")[0] for name in incident.services}
    if service not in names or guards.is_registered(service):
        told = f"{target} is no target we know; an admin registers it, or the incident names its service"
        raise Invalid(told, "/facts/request/target")


def _odd_probes(probes: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Problems of recorded probes that no probe of that kind returns: a status that is text, and the like."""
    known = guards.by_slugs(list(probes)) if probes else {}
    for slug, guard in known.items():
        if guard.kind in KINDS:
            messages = KINDS[guard.kind].Observed().validate(dict(probes[slug]))
            yield from guards_kind.problems(messages, f"/facts/probes/{slug}")


def _refuse_double(incident_id: int, name: str, *, but: int | None) -> None:
    same = select(Scenario.id).where(Scenario.incident_id == incident_id, Scenario.name == name)
    if session().scalar(same) not in {None, but}:
        raise Conflict(f"the incident has a scenario called {name} already")
