"""Accepts submitted evidence. Append-only: evidence is judged, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Invalid, NotFound
from postmortems.guards import queries, schemas
from postmortems.guards.evidence.refusals import Suspicious
from postmortems.guards.judgement import SKEW, Artifact
from postmortems.guards.models import Evidence, Guard, Target

# Whose word evidence is, where that is not just the sort of actor.
TRUST_OF = {"ci": "oidc"}
# What two sendings of the same event agree in.
SAME = ("target_id", "predicate", "subject", "sha", "result")


def attest(fields: Mapping[str, Any], *, actor: Actor) -> Evidence:
    """Keep an attestation (`schemas.AttestationBody`) by the actor. Raises `Invalid` with pointers."""
    permissions.require(actor, "evidence.write")
    loaded = schemas.load(schemas.AttestationBody(), fields)
    target, subject = _target(loaded, actor), loaded["subject"]
    evidence = _evidence(
        loaded,
        actor,
        kind="attestation",
        target=target,
        predicate=loaded["predicate"],
        subject=subject["digest"],
        sha=subject["sha"],
        result=loaded["result"],
        data={"tests": loaded["tests"], "run": loaded["run"]},
    )
    _note_wrong_issuer(evidence, actor)
    return evidence


def record_deploy(fields: Mapping[str, Any], *, actor: Actor) -> Evidence:
    """Keep a deploy event (`schemas.DeployBody`). Raises `Invalid` with pointers."""
    permissions.require(actor, "evidence.write")
    loaded = schemas.load(schemas.DeployBody(), fields)
    artifact = loaded["artifact"]
    if not (artifact["digest"] or artifact["sha"]):
        raise Invalid("name the artifact by its digest, its commit or both", "/artifact")
    return _evidence(
        loaded,
        actor,
        kind="deploy",
        target=_target(loaded, actor),
        subject=artifact["digest"],
        sha=artifact["sha"],
        result=loaded["outcome"],
        decision_id=loaded["decision_id"],
        data={"components": artifact["components"], "run": loaded["run"]},
    )


def record_facts(fields: Mapping[str, Any], *, actor: Actor) -> Evidence:
    """Keep facts about a target's environment (`schemas.FactsBody`). Raises `Invalid` with pointers."""
    permissions.require(actor, "evidence.write")
    loaded = schemas.load(schemas.FactsBody(), fields)
    data = {"facts": loaded["facts"], "run": loaded["run"]}
    return _evidence(loaded, actor, kind="facts", target=_target(loaded, actor), data=data)


def resolve(fields: Mapping[str, Any], *, actor: Actor) -> Evidence:
    """Keep a person's word that the trouble on a target is over (`schemas.ResolutionBody`).

    It counts for every deploy that failed there until now.
    """
    permissions.require(actor, "evidence.sign")
    loaded = schemas.load(schemas.ResolutionBody(), fields)
    said = {**loaded, "observed_at": None, "event_id": ""}
    target, data = _target(loaded, actor), {"note": loaded["note"]}
    return _evidence(said, actor, kind="resolution", trust="person", target=target, data=data)


def record_command(loaded: Mapping[str, Any], *, actor: Actor) -> Evidence:
    """Keep how a command ended (`runs.CommandBody`, checked): the client's word, unless CI vouches."""
    artifact = loaded["artifact"]
    if not (artifact["digest"] or artifact["sha"]):
        raise Invalid("name the artifact by its digest, its commit or both", "/artifact")
    return _evidence(
        loaded,
        actor,
        kind="command",
        target=_target(loaded, actor),
        predicate=loaded["definition_sha256"],
        subject=artifact["digest"],
        sha=artifact["sha"],
        result=str(loaded["exit_code"]),
        trust="oidc" if _trust(actor) == "oidc" else "self_reported",
        data={"guard": loaded["guard"], "exit_code": loaded["exit_code"], "run": loaded["run"]},
    )


def sign(loaded: Mapping[str, Any], artifact: Artifact, data: dict[str, Any], *, actor: Actor) -> Evidence:
    """Keep a sign-off that `signoff.operations` has checked."""
    return _evidence(
        {**loaded, "observed_at": None, "event_id": ""},
        actor,
        kind="signoff",
        trust="person",
        target=_target(loaded, actor),
        predicate=loaded["guard"],
        subject=artifact.digest,
        sha=artifact.sha,
        result=loaded["result"],
        data=data,
    )


def _target(loaded: Mapping[str, Any], actor: Actor) -> Target:
    try:
        service = queries.service(loaded["service"])
    except NotFound as unknown:
        raise Invalid(unknown.detail, "/service") from None
    found = next((target for target in service.targets if target.name == loaded["target"]), None)
    if found is None:
        known = ", ".join(target.name for target in service.targets)
        raise Invalid(f"{service.name} has no target {loaded['target']}; it has {known}", "/target")
    if actor.bound_target and actor.bound_target != found.full_name:
        told = f"{actor.name} is bound to {actor.bound_target}, and may say nothing about another target"
        bound = {"bound_target": actor.bound_target}
        raise Suspicious(told, "/target", "evidence.wrong_target", ("target", found.full_name), **bound)
    return found


def _evidence(loaded: Mapping[str, Any], actor: Actor, *, target: Target, **columns: Any) -> Evidence:
    now = clock.now()
    observed_at = loaded["observed_at"] or now
    if observed_at > now + SKEW:
        told = f"lies in the future; the clock here says {now:%Y-%m-%dT%H:%M:%SZ}"
        said = {"observed_at": observed_at.isoformat(), "kind": columns["kind"]}
        raise Suspicious(
            told, "/observed_at", "evidence.from_the_future", ("target", target.full_name), **said
        )
    evidence = Evidence(
        observed_at=observed_at.astimezone(UTC),
        received_at=now,
        issuer=actor.name,
        target_id=target.id,
        event_id=loaded["event_id"] or None,
        **{"predicate": "", "subject": "", "sha": "", "result": "", "trust": _trust(actor), **columns},
    )
    if evidence.event_id and (earlier := _sent_before(evidence, target)):
        return earlier
    evidence.target = target
    try:
        with session().begin_nested():
            session().add(evidence)
    except IntegrityError:
        # The same was sent twice at once, and the other came first.
        if earlier := _sent_before(evidence, target):
            return earlier
        raise
    told_of = {"kind": evidence.kind, "predicate": evidence.predicate, "result": evidence.result}
    artifact = evidence.subject or evidence.sha
    audit.record(actor, "evidence.received", "target", target.full_name, artifact=artifact, **told_of)
    return evidence


def _trust(actor: Actor) -> str:
    return TRUST_OF.get(actor.kind, actor.kind)


def _sent_before(evidence: Evidence, target: Target) -> Evidence | None:
    """What came under this id before, if it is the same; another thing under it may be a forgery."""
    same_id = select(Evidence).where(
        Evidence.issuer == evidence.issuer,
        Evidence.kind == evidence.kind,
        Evidence.event_id == evidence.event_id,
    )
    earlier = session().scalar(same_id.options(joinedload(Evidence.target).joinedload(Target.service)))
    if earlier is None:
        return None
    differing = [name for name in SAME if getattr(earlier, name) != getattr(evidence, name)]
    if not differing:
        return earlier
    told = f"{evidence.event_id} was sent before and said something else: {', '.join(differing)}"
    verb, data = "evidence.id_reused", {"event_id": evidence.event_id, "differs": differing}
    raise Suspicious(told, "/event_id", verb, ("target", target.full_name), **data)


def _note_wrong_issuer(evidence: Evidence, actor: Actor) -> None:
    """An attestation from somebody who may not vouch is kept, counts for nothing, and is recorded."""
    predicate = Guard.config["predicate"].as_string()
    asking = select(Guard.slug, Guard.config).where(
        Guard.kind == "attestation", predicate == evidence.predicate
    )
    refusing = [
        slug
        for slug, config in session().execute(asking.order_by(Guard.slug).limit(100))
        if config.get("issuers") and actor.name not in config["issuers"]
    ]
    if refusing:
        audit.record(
            actor,
            "evidence.wrong_issuer",
            "guard",
            refusing[0],
            predicate=evidence.predicate,
            guards=refusing,
        )
