"""Stored secrets over HTTP: keep, replace and delete; never read."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems.accounts import permissions
from postmortems.accounts.models import StoredSecret
from postmortems.vault import operations as vault_operations
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint("secrets", "What guards send to prove who they are: kept here, never told again.")

Fields = dict[str, Any]


class SecretBody(Schema):
    class Meta:
        unknown = RAISE

    origin = fields.String(
        required=True,
        validate=validate.Length(max=500),
        metadata={
            "description": "the only scheme, host and port it is sent to",
            "example": "https://staging.example.org",
        },
    )
    value = fields.String(
        required=True,
        load_only=True,
        validate=validate.Length(max=4000),
        metadata={"description": "what is sent; no address gives it back", "example": "s3cr3t-t0k3n"},
    )


class SecretsQuery(Schema):
    class Meta:
        unknown = RAISE

    after = fields.String(load_default="", metadata={"description": "the `next` of the page before"})
    limit = fields.Integer(
        load_default=vault_operations.PAGE, validate=validate.Range(1, vault_operations.PAGE)
    )


class SecretOut(Schema):
    name = fields.String()
    origin = fields.String()
    created_at = fields.AwareDateTime()
    edited_at = fields.AwareDateTime()


class SecretsOut(Schema):
    secrets = fields.List(fields.Nested(SecretOut))
    next = fields.String()


@blueprint.route("/secrets", methods=["GET"])
@contract(query=SecretsQuery, returns=SecretsOut, scope_note="admin")
def list_secrets(query: Fields) -> Fields:
    """Stored secrets by name: where each may be sent, never what it is."""
    permissions.require(current_actor(), "secret.manage")
    limit = query["limit"]
    found = list(vault_operations.listing(query["after"], limit + 1))
    return {"secrets": found[:limit], "next": found[limit - 1].name if len(found) > limit else ""}


@blueprint.route("/secrets/<name>", methods=["PUT"])
@contract(body=SecretBody, returns=SecretOut, scope_note="admin")
def keep_secret(body: Fields, name: str) -> StoredSecret:
    """Keep a secret, or replace it and the origin it is for."""
    return vault_operations.keep(
        name, body["origin"], body["value"], actor=current_actor(), vault=runtime().vault
    )


@blueprint.route("/secrets/<name>", methods=["DELETE"])
@contract(status=204, scope_note="admin", errors=(404,))
def forget_secret(name: str) -> None:
    """Forget a secret; guards that name it cannot look from then on."""
    vault_operations.forget(name, actor=current_actor())
