"""Service accounts over HTTP: list, open, change and switch off. Tokens of theirs are made by a person."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems.accounts import permissions
from postmortems.accounts.operations import SERVICE_ROLES
from postmortems.accounts.programs import operations, queries
from postmortems.accounts.programs.models import ServiceAccount
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("programs", "Service accounts: of pipelines and scripts, with who answers for each")

Fields = dict[str, Any]
LONGEST = validate.Length(max=100)


class ServiceAccountEditSchema(Schema):
    class Meta:
        unknown = RAISE

    role = fields.String(
        validate=validate.OneOf(SERVICE_ROLES), metadata={"description": "an admin gives another than viewer"}
    )
    purpose = fields.String(
        validate=validate.Length(max=operations.LONGEST_PURPOSE), metadata={"example": "deploys of data8"}
    )
    owner = fields.String(validate=LONGEST, metadata={"description": "who answers for it", "example": "ada"})
    team = fields.String(validate=LONGEST, metadata={"description": "or which team", "example": "platform"})
    is_active = StrictBoolean(metadata={"description": "false revokes its tokens, for good"})


class ServiceAccountBodySchema(Schema):
    class Meta:
        unknown = RAISE

    name = fields.String(required=True, validate=LONGEST, metadata={"example": "data8-deploys"})
    role = fields.String(load_default="viewer", validate=validate.OneOf(SERVICE_ROLES))
    purpose = fields.String(load_default="", validate=validate.Length(max=operations.LONGEST_PURPOSE))
    owner = fields.String(load_default="", validate=LONGEST, metadata={"description": "who answers for it"})
    team = fields.String(load_default="", validate=LONGEST, metadata={"description": "or which team"})


class ServiceAccountSchema(Schema):
    name = fields.String(attribute="user.name")
    role = fields.String(attribute="user.role")
    is_active = fields.Boolean(attribute="user.is_active")
    created_at = fields.AwareDateTime(attribute="user.created_at")
    purpose = fields.String()
    owner = fields.Function(lambda account: operations.said_of(account)["owner"], metadata={"type": "string"})
    team = fields.Function(lambda account: operations.said_of(account)["team"], metadata={"type": "string"})


class ServiceAccountsQuerySchema(Schema):
    after = fields.String(
        load_default="", validate=LONGEST, metadata={"description": "`next` of the page before"}
    )


class ServiceAccountsSchema(Schema):
    service_accounts = fields.List(fields.Nested(ServiceAccountSchema))
    next = fields.String(metadata={"description": "the `after` of the next page; empty on the last"})


@blueprint.route("/service-accounts", methods=["GET"])
@contract(query=ServiceAccountsQuerySchema, returns=ServiceAccountsSchema, scope_note="admin", errors=())
def index(query: Fields) -> Fields:
    """Service accounts by name."""
    permissions.require(current_actor(), operations.MANAGE)
    found = queries.listing(after=query["after"], limit=queries.PAGE + 1)
    rows = found[: queries.PAGE]
    return {"service_accounts": rows, "next": rows[-1].user.name if len(found) > queries.PAGE else ""}


@blueprint.route("/service-accounts", methods=["POST"])
@contract(
    body=ServiceAccountBodySchema,
    returns=ServiceAccountSchema,
    status=201,
    scope_note="admin",
    errors=(409, 422),
)
def create(body: Fields) -> ServiceAccount:
    """Open a service account. Its tokens are made by an admin who is signed in, or by the command line."""
    return operations.add(body, actor=current_actor())


@blueprint.route("/service-accounts/<name>", methods=["PATCH"])
@contract(body=ServiceAccountEditSchema, returns=ServiceAccountSchema, scope_note="admin", errors=(404, 422))
def change(body: Fields, name: str) -> ServiceAccount:
    """Change what is named; `is_active: false` switches it off and revokes its tokens."""
    return operations.change(name, body, actor=current_actor())
