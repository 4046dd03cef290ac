"""CI identities over HTTP: add, list and remove them by program."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields

from postmortems.accounts import ci_identities, permissions
from postmortems.accounts.models import CiIdentity
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("people", "Who may come in: the CI jobs that are known by their signed identity.")

Fields = dict[str, Any]


class CiIdentityBody(Schema):
    class Meta:
        unknown = RAISE

    name = fields.String(required=True, metadata={"example": "data8-prod"})
    issuer = fields.String(required=True, metadata={"example": "https://token.actions.githubusercontent.com"})
    claims = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={
            "description": "what the signed identity must say, exactly",
            "example": {"repository_id": "123456789", "environment": "prod"},
        },
    )
    target = fields.String(
        load_default="",
        metadata={"description": "the only target such a job may speak of", "example": "data8/prod"},
    )
    scopes = fields.List(fields.String(), load_default=lambda: list(ci_identities.SCOPES))


class CiIdentityOut(Schema):
    name = fields.String()
    issuer = fields.String()
    claims = fields.Dict(keys=fields.String(), values=fields.String())
    target = fields.String()
    scopes = fields.List(fields.String())
    created_at = fields.AwareDateTime()
    last_used_at = fields.AwareDateTime(allow_none=True)


class CiIdentitiesOut(Schema):
    identities = fields.List(fields.Nested(CiIdentityOut))


@blueprint.route("/ci-identities", methods=["GET"])
@contract(returns=CiIdentitiesOut, scope_note="admin", errors=())
def list_identities() -> Fields:
    """The CI jobs that are known, by name."""
    permissions.require(current_actor(), "people.manage")
    return {"identities": ci_identities.listing()}


@blueprint.route("/ci-identities", methods=["POST"])
@contract(body=CiIdentityBody, returns=CiIdentityOut, status=201, scope_note="admin", errors=(409, 422))
def add_identity(body: Fields) -> CiIdentity:
    """Let jobs in whose signed identity has exactly these claims."""
    return ci_identities.add(**body, actor=current_actor())


@blueprint.route("/ci-identities/<name>", methods=["DELETE"])
@contract(status=204, scope_note="admin", errors=(404,))
def remove_identity(name: str) -> None:
    """Let such jobs in no longer."""
    ci_identities.remove(name, actor=current_actor())
