"""Verifies that a decision still holds for an artifact and a target, just before it is applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import is_changed, session
from postmortems.gate.decisions import queries
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.models import Decision
from postmortems.gate.verdicts import decision_table
from postmortems.guards.judgement import Artifact

# Somebody shows a decision for what it was not given for: worth a look.
MISUSES = frozenset({"other_target", "other_artifact"})
USED = ("used", "it served once already; ask again")


@dataclass(frozen=True, slots=True)
class DeployClaim:
    """What is about to be deployed, as `schemas.VerifyShape` loads it; `use` uses the decision up."""

    service: str
    target: str
    artifact: Artifact
    use: bool

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> DeployClaim:
        return cls(**{**plain, "artifact": Artifact(**plain["artifact"])})


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether a decision is valid; `reason_code` is `valid`, or says why it is not."""

    id: str
    is_valid: bool
    decision: str
    reason_code: str
    summary: str
    valid_until: datetime | None


def verify(decision_id: str, claim: DeployClaim, *, actor: Actor) -> Verified:
    """Compare what was decided with what is about to happen. Raises `NotFound`."""
    permissions.require(actor, "gate.ask")
    decision = queries.decision(decision_id)
    code, summary = _judge(decision, claim, clock.now())
    if code in MISUSES:
        claimed = {name: value for name, value in asdict(claim).items() if value}
        data = {"target": decision.target, "claimed": claimed, "was": code}
        audit.record(actor, "decision.misused", "decision", decision.id, **data)
    if code == "valid" and (claim.use or decision.answer.get("single_use")) and not _use(decision):
        code, summary = USED
    return Verified(decision.id, code == "valid", decision.decision, code, summary, decision.valid_until)


def mismatch(decision_id: str, target: str, artifact: Artifact) -> str:
    """Why the decision cannot have let this artifact onto this target; "" where it may have.

    When it happened is not looked at: a deploy is told of after its decision has expired.
    """
    decision = session().get(Decision, decision_id)
    if decision is None:
        return "there is no such decision"
    if decision.target != target:
        return f"it was decided for {decision.target}"
    if not DeployRequest.of(decision.request).artifact.is_same_as(artifact.digest, artifact.sha):
        return f"it was decided for {decision.artifact or 'no named artifact'}"
    if decision.is_dry_run:
        return "it was a dry run"
    return (
        "" if decision.decision in decision_table.LETS_THROUGH else f"it was decided to {decision.decision}"
    )


def _use(decision: Decision) -> bool:
    """Whether it was not used before; of two at once, only one finds it so."""
    unused = update(Decision).where(Decision.id == decision.id, Decision.used_at.is_(None))
    return is_changed(unused.values(used_at=clock.now()))


def _judge(decision: Decision, claim: DeployClaim, now: datetime) -> tuple[str, str]:
    service, _, target = decision.target.partition("/")
    if (claim.service, claim.target) != (service, target):
        return "other_target", f"it was decided for {decision.target}"
    if not _is_same(claim.artifact, decision):
        return "other_artifact", f"it was decided for {decision.artifact or 'no named artifact'}"
    if decision.is_dry_run:
        return "dry_run", "it was a dry run, which lets nothing through"
    if decision.decision not in decision_table.LETS_THROUGH:
        return "not_allowed", f"it was decided to {decision.decision}"
    if decision.used_at is not None:
        return USED
    if decision.valid_until is None or now >= decision.valid_until:
        return "expired", "it holds no longer; ask again"
    return "valid", f"it holds until {decision.valid_until.isoformat(timespec='seconds')}"


def _is_same(claimed: Artifact, decision: Decision) -> bool:
    decided = DeployRequest.of(decision.request).artifact
    if dict(claimed.components) != dict(decided.components):
        return False
    return decided.is_same_as(claimed.digest, claimed.sha)
