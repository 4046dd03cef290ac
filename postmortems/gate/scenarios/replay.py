"""Scenario replay: recorded facts as the values that guards judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postmortems.gate import deploy_request, schemas
from postmortems.gate.verdicts import judge as verdicts_judge
from postmortems.gate.verdicts.judge import GuardResult, GuardValue
from postmortems.guards.evidence.find import newest_first
from postmortems.guards.judgement import EvidenceItem, EvidenceNeed, Question


def question(facts: Mapping[str, Any]) -> Question:
    """What was asked then. A replay: nothing is looked at now."""
    asked = deploy_request.load(facts["request"], "/facts/request")
    return verdicts_judge.question(asked, schemas.instant(facts["at"]), is_replay=True)


def judge(guard: GuardValue, facts: Mapping[str, Any]) -> GuardResult:
    """The guard's answer on that day, by the very code that judges live deploys."""
    asked = question(facts)
    return verdicts_judge.judge(guard, evidence(guard, asked, facts), asked)


def evidence(guard: GuardValue, asked: Question, facts: Mapping[str, Any]) -> list[EvidenceItem]:
    """What the guard would have been shown: what it wants, seen by then, the newest first."""
    wants = verdicts_judge.wanted(guard, asked)
    recorded = [one for one in facts.get("evidence", ()) if one.get("guard", "") in {"", guard.slug}]
    known = newest_first([*_probed(guard, asked, facts), *(seen(one) for one in recorded)])
    by_then = [one for one in known if one.observed_at <= asked.now]
    return [one for one in by_then if any(_fits(one, wanted, asked) for wanted in wants)]


def _probed(guard: GuardValue, asked: Question, facts: Mapping[str, Any]) -> list[EvidenceItem]:
    answer = facts.get("probes", {}).get(guard.slug)
    return (
        [] if answer is None else [EvidenceItem("observation", asked.now, target=asked.target, data=answer)]
    )


def seen(one: Mapping[str, Any]) -> EvidenceItem:
    """A piece of recorded evidence as the value that guards judge."""
    subject = one.get("subject") or {}
    service, target = one.get("service", ""), one.get("target", "")
    return EvidenceItem(
        kind=one.get("kind", "attestation"),
        observed_at=schemas.instant(one["observed_at"]),
        target=f"{service}/{target}" if service else target,
        predicate=one.get("predicate", ""),
        digest=one.get("digest") or subject.get("digest", ""),
        sha=one.get("sha") or subject.get("sha", ""),
        result=one.get("result") or one.get("outcome", ""),
        issuer=one.get("issuer", ""),
        trust=one.get("trust", ""),
        data={"tests": one.get("tests"), "run": one.get("run") or {}, **one.get("data", {})},
    )


def _fits(one: EvidenceItem, wanted: EvidenceNeed, asked: Question) -> bool:
    is_about = not wanted.of_artifact or asked.artifact.is_same_as(one.digest, one.sha)
    return wanted.fits(one) and is_about
