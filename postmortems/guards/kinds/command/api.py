"""Commands over HTTP: which to run, and how they ended."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from postmortems.accounts import permissions
from postmortems.errors import Invalid
from postmortems.guards import queries, schemas
from postmortems.guards.evidence.api import submitted, taking
from postmortems.guards.kinds.command import runs
from postmortems.guards.models import Evidence
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("commands", "What pipelines run for guards, and how it ended.")

Fields = dict[str, Any]


class CommandsQuery(schemas.Strict):
    target = fields.String(
        required=True,
        validate=validate.Length(max=201),
        metadata={"description": "a full name", "example": "data8/prod"},
    )


class CommandOut(schemas.Strict):
    guard = fields.String()
    argv = fields.List(fields.String(), metadata={"description": "no shell reads it"})
    cwd = fields.String()
    env_allow = fields.List(fields.String())
    timeout_s = fields.Integer()
    definition_sha256 = fields.String(
        metadata={"description": "of argv, cwd, env_allow and timeout_s as compact JSON with sorted names"}
    )


class CommandsOut(schemas.Strict):
    commands = fields.List(fields.Nested(CommandOut))


@blueprint.route("/commands", methods=["GET"])
@contract(query=CommandsQuery, returns=CommandsOut, scope_note="gate:read")
def list_commands(query: Fields) -> Fields:
    """What the guards over a target want to have run there."""
    permissions.require(current_actor(), "gate.ask")
    target = queries.target_named(query["target"])
    if target is None:
        raise Invalid(f"there is no target {query['target']}", "/target")
    return {"commands": runs.over(target.id)}


@blueprint.route("/evidence/commands", methods=["POST"])
@taking(body=runs.CommandBody)
def add_run(body: Fields) -> Evidence:
    """Say how a command ended. One whose definition has changed meanwhile is refused."""
    return submitted(runs.record, body)
