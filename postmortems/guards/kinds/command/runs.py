"""Runs of commands: what pipelines are asked to run, and what they reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.errors import Invalid, NotFound
from postmortems.guards import queries, schemas
from postmortems.guards.evidence import submit
from postmortems.guards.kinds.command.kind import definition, fingerprint
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evidence

SLUG = "command"


class CommandBody(schemas.EvidenceBody):
    """A command ended, which a guard asked for."""

    guard = fields.String(required=True, validate=schemas.SLUG, metadata={"example": "smoke-test"})
    definition_sha256 = fields.String(
        required=True,
        validate=validate.Length(max=100),
        metadata={"description": "of what was run", "example": f"sha256:{'0' * 64}"},
    )
    artifact = fields.Nested(schemas.ArtifactBody, required=True)
    exit_code = fields.Integer(
        strict=True, required=True, validate=validate.Range(0, 255), metadata={"example": 0}
    )


def over(target_id: int) -> list[dict[str, Any]]:
    """The definitions of the enabled command guards over a target, by slug."""
    return [
        {
            "guard": guard.slug,
            **definition(KINDS[SLUG].filled(guard.config)),
            "definition_sha256": fingerprint(KINDS[SLUG].filled(guard.config)),
        }
        for guard in queries.covering(target_id)
        if guard.kind == SLUG
    ]


def record(said: Mapping[str, Any], *, actor: Actor) -> Evidence:
    """Keep how a command ended. Raises `Invalid` with pointers, also for what the guard does not say."""
    permissions.require(actor, "evidence.write")
    loaded = schemas.load(CommandBody(), said)
    try:
        guard = queries.by_slug(loaded["guard"])
    except NotFound as unknown:
        raise Invalid(unknown.detail, "/guard") from None
    if guard.kind != SLUG:
        raise Invalid(f"{guard.slug} is no guard that asks for a command", "/guard")
    if loaded["definition_sha256"] != fingerprint(KINDS[SLUG].filled(guard.config)):
        raise Invalid(
            "this is not what the guard asks for now; ask for its command again", "/definition_sha256"
        )
    return submit.record_command(loaded, actor=actor)
