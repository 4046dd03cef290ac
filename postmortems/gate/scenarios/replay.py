"""Scenario replay: what a guard says to recorded facts. Nothing is probed."""

from __future__ import annotations

from postmortems.gate.scenarios.facts import ScenarioFacts
from postmortems.gate.verdicts import judge as verdicts_judge
from postmortems.gate.verdicts.judge import GuardResult, GuardValue
from postmortems.guards.evidence.find import newest_first
from postmortems.guards.judgement import EvidenceItem, EvidenceNeed, Question


def judge(guard: GuardValue, facts: ScenarioFacts) -> GuardResult:
    """The guard's verdict on recorded facts, by the code that judges live deploys."""
    question = verdicts_judge.question(facts.request, facts.at, is_replay=True)
    return verdicts_judge.judge(guard, evidence(guard, question, facts), question)


def evidence(guard: GuardValue, question: Question, facts: ScenarioFacts) -> list[EvidenceItem]:
    """The recorded evidence that the guard needs, as it was at that instant, newest first."""
    needs = verdicts_judge.needs(guard, question)
    recorded = [item for slug, item in facts.evidence if slug in {"", guard.slug}]
    if (probe := facts.probes.get(guard.slug)) is not None:
        recorded.insert(0, EvidenceItem("observation", question.now, target=question.target, data=probe))
    by_then = [item for item in newest_first(recorded) if item.observed_at <= question.now]
    return [item for item in by_then if any(_fits(item, need, question) for need in needs)]


def _fits(item: EvidenceItem, need: EvidenceNeed, question: Question) -> bool:
    is_about = not need.of_artifact or question.artifact.is_same_as(item.digest, item.sha)
    return need.fits(item) and is_about
