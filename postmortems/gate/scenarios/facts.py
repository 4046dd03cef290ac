"""The recorded facts of a scenario as values: when, what was asked, and what there was to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from postmortems.gate import deploy_request, schemas
from postmortems.gate.deploy_request import DeployRequest
from postmortems.guards.judgement import EvidenceItem


@dataclass(frozen=True, slots=True)
class ScenarioFacts:
    """One deploy as it was recorded.

    `evidence` is what was there to see, each with the slug of the guard whose it is, "" for any; `probes` is
    by guard slug what each would have seen by looking.
    """

    at: datetime
    request: DeployRequest
    evidence: tuple[tuple[str, EvidenceItem], ...]
    probes: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> ScenarioFacts:
        """The facts in JSON, as `schemas.FactsShape` loads them and they are stored. Raises `Invalid`."""
        return cls(
            schemas.instant(plain["at"]),
            deploy_request.load(plain["request"], "/facts/request"),
            tuple((one.get("guard", ""), evidence_item(one)) for one in plain.get("evidence", ())),
            plain.get("probes", {}),
        )


def evidence_item(one: Mapping[str, Any]) -> EvidenceItem:
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
