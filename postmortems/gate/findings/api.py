"""Findings over HTTP."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from postmortems.accounts import permissions
from postmortems.gate import schemas
from postmortems.gate.enforcement import guard_changes
from postmortems.gate.findings import operations as findings_operations
from postmortems.gate.models import Finding
from postmortems.guards.schemas import PageQuery
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("findings", "Deploys that no decision let pass, and errors that let one pass.")

Fields = dict[str, Any]


class FindingsQuery(PageQuery):
    state = fields.String(load_default="open", validate=validate.OneOf(["open", "settled"]))
    target = schemas.text(201, description="a full name", example="data8/prod")


class SettleBody(schemas.Strict):
    reason = fields.String(
        required=True,
        validate=validate.Length(1, findings_operations.LONGEST_REASON),
        metadata={"description": "what was done about it", "example": "The script asks the gate now."},
    )


class FindingOut(Schema):
    id = fields.Integer()
    kind = fields.String(metadata={"description": "bypass or allowed_on_error", "example": "bypass"})
    at = fields.AwareDateTime()
    target = fields.String(metadata={"example": "data8/prod"})
    guard = fields.String(metadata={"description": "the guard it is about; empty for all at the target"})
    artifact = fields.String()
    decision_id = fields.String()
    summary = fields.String()
    settled_at = fields.AwareDateTime(allow_none=True)
    settled_by = fields.String()
    reason = fields.String()


class FindingsOut(Schema):
    findings = fields.List(fields.Nested(FindingOut))
    next = fields.String(metadata={"description": "the `after` of the next page; empty on the last"})


@blueprint.route("/gate/findings", methods=["GET"])
@contract(query=FindingsQuery, returns=FindingsOut, scope_note="gate:read", errors=(422,))
def list_findings(query: Fields) -> Fields:
    """Findings, newest first: the open ones, or those that are settled."""
    permissions.require(current_actor(), "gate.read")
    page = findings_operations.page(
        is_open=query["state"] == "open", target=query["target"], after=query["after"], limit=query["limit"]
    )
    return {"findings": page.rows, "next": page.after}


@blueprint.route("/gate/findings/<int:finding_id>/settle", methods=["POST"])
@contract(body=SettleBody, returns=FindingOut, scope_note="admin", errors=(404, 409))
def settle_finding(body: Fields, finding_id: int) -> Finding:
    """Say what was done about a finding: from then on it speaks against no item."""
    return guard_changes.settle(finding_id, body["reason"], actor=current_actor())
