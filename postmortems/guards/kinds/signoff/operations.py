"""Records sign-offs: a named person's yes or no to one artifact on one target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.errors import Invalid, NotAllowed
from postmortems.guards import queries, schemas
from postmortems.guards.evidence import submit
from postmortems.guards.judgement import Artifact, Question
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.kinds.signoff import schemas as signoff_schemas
from postmortems.guards.kinds.signoff.kind import why_not
from postmortems.guards.models import Evidence


def sign(fields: Mapping[str, Any], *, actor: Actor) -> Evidence:
    """Keep a sign-off (`signoff_schemas.SignoffBody`). Raises `Invalid` with pointers and `NotFound`.

    `NotAllowed` where this person's word would not count.
    """
    permissions.require(actor, "evidence.sign")
    loaded = schemas.load(signoff_schemas.SignoffBody(), fields)
    guard = queries.by_slug(loaded["guard"])
    config = KINDS["signoff"].filled(guard.config)
    if guard.kind != "signoff" or config["mode"] != "approval":
        raise Invalid(f"{guard.slug} does not ask for approvals", "/guard")
    name = f"{loaded['service']}/{loaded['target']}"
    if name not in [target.full_name for target in guard.targets]:
        raise Invalid(f"{guard.slug} does not stand over {name}", "/target")
    artifact = Artifact(loaded["artifact"]["digest"], loaded["artifact"]["sha"])
    if not (artifact.digest or artifact.sha):
        raise Invalid("name the artifact by its digest, its commit or both", "/artifact")
    _check(config, loaded)
    barred = why_not(config, Question(clock.now(), name), actor.name, actor.role)
    if barred:
        raise NotAllowed(f"{actor.name} {barred}")
    said = {name: loaded[name] for name in ("checklist", "note")}
    return submit.sign(loaded, artifact, {**said, "guard": guard.slug, "role": actor.role}, actor=actor)


def _check(config: Mapping[str, Any], loaded: Mapping[str, Any]) -> None:
    unknown = [line for line in loaded["checklist"] if line not in config["checklist"]]
    if unknown:
        raise Invalid(f"the checklist has no line {unknown[0]!r}", "/checklist")
    missing = [line for line in config["checklist"] if line not in loaded["checklist"]]
    if missing and loaded["result"] == "approved":
        raise Invalid(f"tick every line to approve; {missing[0]!r} is not ticked", "/checklist")
    if loaded["result"] == "rejected" and not loaded["note"].strip():
        raise Invalid("say why it is rejected", "/note")
