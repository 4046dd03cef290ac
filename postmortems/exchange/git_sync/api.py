"""Git sync over HTTP: repositories, sync now, and how the last one went."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields

from postmortems.exchange.git_sync import repositories
from postmortems.exchange.git_sync.models import Remote
from postmortems.exchange.git_sync.repositories import RemoteSettings
from postmortems.formats.page_query import NumberedPageQuery
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("syncs", "Git repositories that incidents are synchronised with")


class SyncBodySchema(Schema):
    class Meta:
        unknown = RAISE

    url = fields.String(
        required=True, metadata={"description": "over https", "example": "https://git.example.org/x.git"}
    )
    branch = fields.String(load_default="", metadata={"description": "by default the repository's own"})
    folder = fields.String(load_default="", metadata={"description": "where in it the reports lie"})
    service = fields.String(load_default="", metadata={"description": "where a file names none"})
    timezone = fields.String(load_default="", metadata={"description": "where a file states none"})
    secret = fields.String(
        load_default="", metadata={"description": "where it is, never what it is", "example": "store:git"}
    )
    with_drafts = StrictBoolean(load_default=False)
    every_s = fields.Integer(
        load_default=None, allow_none=True, metadata={"description": "null: only when asked"}
    )


class SyncSchema(SyncBodySchema):
    """A repository, and how its newest sync went."""

    id = fields.Integer()
    due_at = fields.AwareDateTime(allow_none=True)
    commit = fields.String(metadata={"description": "that both sides were brought to last"})
    synced_at = fields.AwareDateTime(allow_none=True)
    tried_at = fields.AwareDateTime(allow_none=True)
    result = fields.String()
    remarks = fields.String(metadata={"description": "what somebody should look at, one a line"})
    is_failed = fields.Boolean()


class SyncsSchema(Schema):
    syncs = fields.List(fields.Nested(SyncSchema))
    next = fields.Integer(allow_none=True, metadata={"description": "the `after` of the next page"})


@blueprint.route("/syncs", methods=["GET"])
@contract(query=NumberedPageQuery, returns=SyncsSchema, errors=(422,), scope_note="admin")
def index(query: dict[str, Any]) -> dict[str, Any]:
    """Repositories, in the order in which they were added"""
    found = repositories.listing(actor=current_actor(), after=query["after"], limit=query["limit"])
    return {"syncs": found, "next": found[-1].id if len(found) == query["limit"] else None}


@blueprint.route("/syncs", methods=["POST"])
@contract(body=SyncBodySchema, returns=SyncSchema, status=201, errors=(409, 422), scope_note="admin")
def create(body: dict[str, Any]) -> Remote:
    """Synchronise a repository"""
    return repositories.save(None, RemoteSettings(**body), actor=current_actor())


@blueprint.route("/syncs/<int:remote_id>", methods=["GET"])
@contract(returns=SyncSchema, errors=(404,), scope_note="admin")
def show(remote_id: int) -> Remote:
    """One repository, and how its newest sync went"""
    return repositories.one(remote_id, actor=current_actor())


@blueprint.route("/syncs/<int:remote_id>", methods=["PUT"])
@contract(body=SyncBodySchema, returns=SyncSchema, scope_note="admin")
def change(body: dict[str, Any], remote_id: int) -> Remote:
    """Say something else of a repository; its address and folder stay"""
    return repositories.save(remote_id, RemoteSettings(**body), actor=current_actor())


@blueprint.route("/syncs/<int:remote_id>", methods=["DELETE"])
@contract(status=204, errors=(404,), scope_note="admin")
def remove(remote_id: int) -> None:
    """Keep it in step no more; files and incidents stay"""
    repositories.remove(remote_id, actor=current_actor())


@blueprint.route("/syncs/<int:remote_id>/runs", methods=["POST"])
@contract(returns=SyncSchema, status=202, errors=(404,), scope_note="admin")
def run(remote_id: int) -> Remote:
    """Let the worker sync it as soon as it can"""
    return repositories.ask(remote_id, actor=current_actor())
