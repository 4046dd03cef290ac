"""Changes of guards under the gate's rules: only a guard that was watched blocking may block.

Wraps `guards.operations` with the same arguments. Afterwards the linked incidents' scenarios are drilled anew
and the items restated, so that no badge tells of a guard that is no longer like that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from postmortems import visibility
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Invalid
from postmortems.gate.decisions import context, verify
from postmortems.gate.findings import operations as findings_operations
from postmortems.gate.models import Finding, Scenario
from postmortems.gate.protection import operations as protection_operations
from postmortems.gate.protection.inputs import asked_target
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.gate.scenarios import replay
from postmortems.gate.scenarios.facts import ScenarioFacts
from postmortems.gate.tallies import changes as changes
from postmortems.gate.verdicts import decision_table
from postmortems.gate.verdicts.judge import GuardResult, GuardValue
from postmortems.guards import operations as guards
from postmortems.guards import queries as guard_queries
from postmortems.guards.judgement import Artifact
from postmortems.guards.models import Evidence, Guard
from postmortems.vault.encryption import Vault


def create(fields: Mapping[str, Any], *, actor: Actor, vault: Vault, is_demo: bool = False) -> Guard:
    """Make a guard. At soft or hard it must already go red where it should: else `Invalid` at `/level`."""
    # What is refused is undone here, so that a caller may show the refusal and go on.
    with session().begin_nested():
        guard = guards.create(fields, actor=actor, vault=vault, is_demo=is_demo)
        if guard.level in decision_table.ENFORCING:
            _refuse_unproven(guard)
    _drill_and_touch([guard.slug], actor)
    return guard


def edit(slug: str, fields: Mapping[str, Any], revision: int | None, *, actor: Actor, vault: Vault) -> Guard:
    """Change a guard. To be raised to soft or hard it must go red where it should: else `Invalid`."""
    permissions.require(actor, "guard.edit")
    before = guard_queries.by_slug(slug)
    old_level, old_revision = before.level, before.revision
    with session().begin_nested():
        guard = guards.edit(slug, fields, revision, actor=actor, vault=vault)
        if guard.level != old_level and guard.level in decision_table.ENFORCING:
            _refuse_unproven(guard)
    if guard.revision != old_revision:
        _drill_and_touch([slug], actor)
    return guard


def delete(slug: str, *, actor: Actor) -> None:
    """Remove a guard. Items that relied on it slide back, and are opened again if they were done."""
    guards.delete(slug, actor=actor)
    _drill_and_touch([slug], actor)


def record_deploy(fields: Mapping[str, Any], *, actor: Actor) -> Evidence:
    """Keep a deploy event; one that no decision let pass is a finding, and items may slide back by it."""
    evidence = guards.record_deploy(fields, actor=actor)
    _check_decision(evidence, actor)
    if evidence.target is not None:
        covering = guard_queries.covering(evidence.target.id)
        findings_operations.of_deploy(evidence, covering)
        over = [guard.slug for guard in covering]
        items = [*context.items_at("proven", over), *context.items_at("enforced", over)]
        protection_operations.touch(items=items, actor=actor)
    return evidence


def _check_decision(evidence: Evidence, actor: Actor) -> None:
    """A deploy happened, whatever let it through: one with another's decision is kept as one without."""
    if not evidence.decision_id or evidence.target is None:
        return
    target, claimed = evidence.target.full_name, evidence.decision_id
    wrong = verify.mismatch(claimed, target, Artifact(evidence.subject, evidence.sha))
    if not wrong:
        return
    evidence.decision_id = ""
    told = f"the decision {claimed} does not let this through: {wrong}"
    evidence.data = {**evidence.data, "claimed_decision": claimed, "warnings": [told]}
    session().flush()
    audit.record(actor, "evidence.wrong_decision", "target", target, decision=claimed, why=wrong)


def settle(finding_id: int, reason: str, *, actor: Actor) -> Finding:
    """Say what was done about a finding: it speaks against no item any more.

    Raises as `findings_operations.settle`.
    """
    finding = findings_operations.settle(finding_id, reason, actor=actor)
    target = guard_queries.target_named(finding.target)
    slugs = [finding.guard] if finding.guard else []
    slugs += [guard.slug for guard in guard_queries.covering(target.id)] if target else []
    protection_operations.touch(guards=slugs, actor=actor)
    return finding


def _drill_and_touch(slugs: Collection[str], actor: Actor) -> None:
    """Drill anew what the guards stand for, and touch every item of the incidents that name them."""
    with visibility.seen_by(visibility.EVERYTHING):
        incidents = [one for slug in slugs for one in scenarios_queries.incidents_naming(slug)]
        for scenario in scenarios_queries.scenarios_of([incident.id for incident in incidents]):
            scenarios_operations.run(scenario, actor=actor)
    protection_operations.touch(incidents=[incident.slug for incident in incidents], actor=actor)


def _refuse_unproven(guard: Guard) -> None:
    """Raise `Invalid` at `/level` saying what is missing, unless the guard proves itself as it is now."""
    value = GuardValue.of(guard)
    scenarios = scenarios_queries.scenarios_of(
        [one.id for one in scenarios_queries.incidents_naming(guard.slug)]
    )
    if refusal := missing_proof(value, scenarios):
        raise Invalid(f"{guard.level} needs a drill: {refusal}", "/level")


def missing_proof(guard: GuardValue, scenarios: Sequence[Scenario]) -> str:
    """What keeps the guard from blocking; "" when it goes red on a bad scenario, green on the good ones."""
    bad = [scenario for scenario in scenarios if scenario.kind == "bad"]
    if not bad:
        return (
            f"name {guard.slug} in an action item of the incident that it is there for, "
            "and record that incident's bad deploy as a scenario"
        )
    within = [scenario for scenario in scenarios if asked_target(scenario.facts) in guard.targets]
    results = [(scenario, replay.judge(guard, ScenarioFacts.of(scenario.facts))) for scenario in within]
    if not any(s.kind == "bad" and one.judgement.verdict in decision_table.RED for s, one in results):
        why = _summaries(results, "bad") or _elsewhere(bad)
        return f"it did not stop the bad deploy ({why}); correct the guard"
    stopped = [(s, one) for s, one in results if one.judgement.verdict not in decision_table.GREEN]
    if why := _summaries(stopped, "good"):
        return f"it would also stop a good deploy ({why}); correct the guard"
    return ""


def _summaries(results: Iterable[tuple[Scenario, GuardResult]], kind: str) -> str:
    return "; ".join(f"{s.name}: {result.judgement.summary}" for s, result in results if s.kind == kind)


def _elsewhere(scenarios: Iterable[Scenario]) -> str:
    names = sorted({asked_target(scenario.facts) for scenario in scenarios})
    return f"it does not cover {', '.join(names)}"
