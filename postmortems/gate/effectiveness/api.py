"""Effectiveness of guards over HTTP: reviews of blocks, and what happens when something fails."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from postmortems.accounts import permissions
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.gate import schemas
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.effectiveness import block_review
from postmortems.gate.verdicts import fail_modes
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.guards import queries as guards
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("blocks", "Whether blocks stopped a real problem, and how a guard itself can fail.")

Fields = dict[str, Any]


class ConfirmBody(schemas.Strict):
    is_real = StrictBoolean(
        required=True,
        metadata={"description": "whether it stopped a real problem"},
    )
    guards = fields.List(
        fields.String(validate=validate.Length(1, 100)),
        load_default=list,
        validate=validate.Length(max=100),
        metadata={"description": "the guards this is about; left out, all that stopped it"},
    )


class ConfirmationOut(Schema):
    guard = fields.String(metadata={"example": "lab-hours"})
    is_real = fields.Boolean()
    by = fields.String()
    at = fields.AwareDateTime()


class ConfirmationsOut(Schema):
    confirmations = fields.List(fields.Nested(ConfirmationOut))


class BlocksOut(Schema):
    blocks = fields.Integer()
    true_blocks = fields.Integer()
    false_blocks = fields.Integer()
    undecided = fields.Integer()
    precision = fields.Float(allow_none=True, metadata={"description": "from 0 to 1"})
    definitions = fields.Dict(keys=fields.String(), values=fields.String())


class FailModeOut(Schema):
    wrong = fields.String(metadata={"description": "guard, network, gate or clock"})
    verdict = fields.String(metadata={"description": "what the guard says then; empty where it depends"})
    effective = fields.String(metadata={"description": "what the gate does then; empty where it depends"})
    happens = fields.String()


class FailModesOut(Schema):
    fail_modes = fields.List(fields.Nested(FailModeOut))


@blueprint.route("/gate/decisions/<decision_id>/confirmations", methods=["POST"])
@contract(body=ConfirmBody, returns=ConfirmationsOut, scope_note="a signed-in author", errors=(404, 409, 422))
def confirm_block(body: Fields, decision_id: str) -> Fields:
    """Say whether a block stopped a real problem; the last word counts."""
    said = block_review.confirm(decision_id, body["is_real"], body["guards"], actor=current_actor())
    return {"confirmations": said}


@blueprint.route("/gate/decisions/<decision_id>/confirmations", methods=["GET"])
@contract(returns=ConfirmationsOut, scope_note="gate:read", errors=(404,))
def list_confirmations(decision_id: str) -> Fields:
    """What people said of a block, by guard."""
    permissions.require(current_actor(), "gate.read")
    return {"confirmations": block_review.confirmations(decisions_queries.decision(decision_id).id)}


@blueprint.route("/guards/<slug>/blocks", methods=["GET"])
@contract(returns=BlocksOut, scope_note="read", errors=(404,))
def show_blocks(slug: str) -> Fields:
    """How often a guard blocked in the last 90 days, and how often rightly, with the definitions."""
    permissions.require(current_actor(), "guard.read")
    found = block_review.of_guard(guards.by_slug(slug))
    names = ("blocks", "true_blocks", "false_blocks", "undecided", "precision")
    return {name: getattr(found, name) for name in names} | {"definitions": block_review.DEFINITIONS}


@blueprint.route("/guards/<slug>/fail-modes", methods=["GET"])
@contract(returns=FailModesOut, scope_note="read", errors=(404,))
def show_fail_modes(slug: str) -> Fields:
    """What happens if the guard cannot be evaluated, or the network, the gate or the clock is wrong."""
    permissions.require(current_actor(), "guard.read")
    return {"fail_modes": fail_modes.modes(GuardValue.of(guards.by_slug(slug)))}
