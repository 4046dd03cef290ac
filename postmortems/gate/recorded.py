"""A scenario's facts as the values that guards judge: the question of that day, and what there was to see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postmortems.gate import schemas, verdicts
from postmortems.gate.verdicts import GuardValue, Judged
from postmortems.guards.judging import Question, Seen, Wanted


def question(facts: Mapping[str, Any]) -> Question:
    """What was asked then. A replay: nothing is looked at now."""
    asked = schemas.load(schemas.ASK, facts["request"], "/facts/request")
    return verdicts.question(asked, schemas.instant(facts["at"]), is_replay=True)


def judge(guard: GuardValue, facts: Mapping[str, Any]) -> Judged:
    """The guard's answer on that day, by the very code that judges live deploys."""
    asked = question(facts)
    return verdicts.judge(guard, evidence(guard, asked, facts), asked)


def evidence(guard: GuardValue, asked: Question, facts: Mapping[str, Any]) -> list[Seen]:
    """What the guard would have been shown: of its kind, seen by then, the newest first."""
    wanted = verdicts.wanted(guard, asked)
    if wanted is None:
        return []
    if wanted.kind == "observation":
        return _probed(guard, asked, facts)
    seen = [_seen(one) for one in facts.get("evidence", ())]
    fitting = [one for one in seen if one.observed_at <= asked.now and _fits(one, wanted, asked)]
    return sorted(fitting, key=lambda one: one.observed_at, reverse=True)


def _probed(guard: GuardValue, asked: Question, facts: Mapping[str, Any]) -> list[Seen]:
    answer = facts.get("probes", {}).get(guard.slug)
    if answer is None:
        return []
    return [Seen("observation", asked.now, target=asked.target, data=answer)]


def _seen(one: Mapping[str, Any]) -> Seen:
    subject = one.get("subject") or {}
    service = one.get("service", "")
    return Seen(
        kind=one.get("kind", "attestation"),
        observed_at=schemas.instant(one["observed_at"]),
        target=f"{service}/{one['target']}" if service else one["target"],
        predicate=one.get("predicate", ""),
        digest=one.get("digest") or subject.get("digest", ""),
        sha=one.get("sha") or subject.get("sha", ""),
        result=one.get("result") or one.get("outcome", ""),
        issuer=one.get("issuer", ""),
        trust=one.get("trust", ""),
        data={"tests": one.get("tests"), "run": one.get("run") or {}},
    )


def _fits(one: Seen, wanted: Wanted, asked: Question) -> bool:
    return (
        one.kind == wanted.kind
        and wanted.predicate in {"", one.predicate}
        and wanted.target in {"", one.target}
        and (not wanted.of_artifact or asked.artifact.is_same_as(one.digest, one.sha))
    )
