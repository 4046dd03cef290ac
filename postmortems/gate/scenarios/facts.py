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
    by guard slug what each one's probe would have returned.
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


def evidence_item(row: Mapping[str, Any]) -> EvidenceItem:
    """A piece of recorded evidence as the value that guards judge."""
    subject = row.get("subject") or {}
    service, target = row.get("service", ""), row.get("target", "")
    return EvidenceItem(
        kind=row.get("kind", "attestation"),
        observed_at=schemas.instant(row["observed_at"]),
        target=f"{service}/{target}" if service else target,
        predicate=row.get("predicate", ""),
        digest=row.get("digest") or subject.get("digest", ""),
        sha=row.get("sha") or subject.get("sha", ""),
        result=row.get("result") or row.get("outcome", ""),
        issuer=row.get("issuer", ""),
        trust=row.get("trust", ""),
        data={"tests": row.get("tests"), "run": row.get("run") or {}, **row.get("data", {})},
    )
