"""Teams over HTTP: people with their leads, and whom the names in reports mean."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for
from marshmallow import RAISE, Schema, fields, validate

from postmortems.accounts import permissions
from postmortems.accounts.teams import operations, queries
from postmortems.accounts.teams.models import OwnerName, Team
from postmortems.actor import TEAM_ROLES
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.incidents.items import owners
from postmortems.web.auth import current_actor
from postmortems.web.openapi import etags
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("teams", "Teams: people with their leads, and whom the names in reports mean")

Fields = dict[str, Any]
HIGHEST = 2**31 - 1


class TeamMemberSchema(Schema):
    class Meta:
        unknown = RAISE

    account = fields.String(required=True, validate=validate.Length(1, 100), metadata={"example": "ada"})
    is_lead = StrictBoolean(load_default=False, metadata={"description": "hears of what is late first"})
    role = fields.String(
        validate=validate.OneOf(
            ["", *TEAM_ROLES],
            error="is reviewer, author, admin or empty: all others are roles for the service as a whole",
        ),
        metadata={
            "description": "counts for what belongs to the team, beside the account's own; empty for none, "
            "left out to stay as it is",
            "example": "author",
        },
    )


class TeamBodySchema(Schema):
    class Meta:
        unknown = RAISE

    name = fields.String(required=True, validate=validate.Length(1, 100), metadata={"example": "Platform"})
    members = fields.List(
        fields.Nested(TeamMemberSchema),
        load_default=list,
        validate=validate.Length(max=operations.MOST_MEMBERS),
    )


class TeamCreateSchema(TeamBodySchema):
    id = fields.String(
        required=True,
        validate=validate.Length(1, 80),
        metadata={"description": "small letters, digits and -; it stays", "example": "platform"},
    )


class TeamEditSchema(TeamBodySchema):
    version = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, HIGHEST),
        metadata={"description": "the one you edited: refused where another was saved since"},
    )


class TeamSchema(Schema):
    id = fields.String(attribute="slug", metadata={"example": "platform"})
    name = fields.String()
    version = fields.Integer()
    members = fields.Method("_members", metadata={"description": "by name"})

    def _members(self, team: Team) -> list[dict[str, Any]]:
        members = sorted(team.members, key=lambda member: member.user.name)
        return [{"account": each.user.name, "is_lead": each.is_lead, "role": each.role} for each in members]


class TeamsQuerySchema(Schema):
    after = fields.String(
        load_default="",
        validate=validate.Length(max=80),
        metadata={"description": "`next` of the page before"},
    )


class TeamsSchema(Schema):
    teams = fields.List(fields.Nested(TeamSchema))
    next = fields.String(metadata={"description": "the `after` of the next page; empty on the last"})


class OwnerNameBodySchema(Schema):
    class Meta:
        unknown = RAISE

    name = fields.String(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "as reports have it, with or without @", "example": "Yuvi"},
    )
    account = fields.String(
        load_default="", validate=validate.Length(max=100), metadata={"example": "yuvi-p"}
    )
    team = fields.String(
        load_default="", validate=validate.Length(max=80), metadata={"description": "its id"}
    )


class OwnerNameSchema(Schema):
    name = fields.String()
    account = fields.Function(lambda row: row.user and row.user.name, metadata={"description": "or null"})
    team = fields.Function(lambda row: row.team and row.team.slug, metadata={"description": "or null"})


class OwnerNamesQuerySchema(Schema):
    after = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "`next` of the page before"},
    )


class OwnerNamesSchema(Schema):
    owner_names = fields.List(fields.Nested(OwnerNameSchema))
    next = fields.String(metadata={"description": "the `after` of the next page; empty on the last"})


class ForgottenNameSchema(Schema):
    class Meta:
        unknown = RAISE

    name = fields.String(required=True, validate=validate.Length(1, 200), metadata={"example": "Yuvi"})


@blueprint.route("/teams", methods=["GET"])
@contract(query=TeamsQuerySchema, returns=TeamsSchema, errors=(), scope_note="read")
def index(query: Fields) -> Response:
    """Teams by id with their members"""
    permissions.require(current_actor(), "team.read")
    found = queries.teams(after=query["after"])
    more = found[-1].slug if len(found) == queries.PAGE else ""
    return etags.answered(TeamsSchema, {"teams": found, "next": more})


@blueprint.route("/teams", methods=["POST"])
@contract(body=TeamCreateSchema, returns=TeamSchema, status=201, errors=(409,), scope_note="admin")
def create(body: Fields) -> Response:
    """Make a team"""
    made = owners.create_team(body["id"], body["name"], _members(body), _roles(body), actor=current_actor())
    response = etags.answered(TeamSchema, made, 201)
    response.headers["Location"] = url_for("teams_api.show", slug=made.slug)
    return response


@blueprint.route("/teams/<slug>", methods=["GET"])
@contract(returns=TeamSchema, errors=(404,), scope_note="read")
def show(slug: str) -> Response:
    """One team"""
    permissions.require(current_actor(), "team.read")
    return etags.answered(TeamSchema, queries.team(slug))


@blueprint.route("/teams/<slug>", methods=["PUT"])
@contract(body=TeamEditSchema, returns=TeamSchema, errors=(404, 409, 412), scope_note="admin")
def change(body: Fields, slug: str) -> Response:
    """Give a team another name or other members; send `version` or If-Match, so that nobody's edit is lost"""
    permissions.require(current_actor(), "team.read")
    etags.refuse_changed(TeamSchema, lambda: queries.team(slug), "the team")
    changed = owners.change_team(
        slug, body["name"], _members(body), _roles(body), version=body["version"], actor=current_actor()
    )
    return etags.answered(TeamSchema, changed)


@blueprint.route("/teams/<slug>", methods=["DELETE"])
@contract(status=204, errors=(404,), scope_note="admin")
def delete(slug: str) -> None:
    """Delete a team; its services and items stay, without a team"""
    owners.delete_team(slug, actor=current_actor())


@blueprint.route("/owner-names", methods=["GET"])
@contract(query=OwnerNamesQuerySchema, returns=OwnerNamesSchema, errors=(), scope_note="read")
def owner_names(query: Fields) -> Fields:
    """Names in reports that somebody said the meaning of"""
    permissions.require(current_actor(), "team.read")
    found = queries.owner_names(after=query["after"])
    return {"owner_names": found, "next": found[-1].key if len(found) == queries.PAGE else ""}


@blueprint.route("/owner-names", methods=["PUT"])
@contract(body=OwnerNameBodySchema, returns=OwnerNameSchema, errors=(409,), scope_note="admin")
def name_owner(body: Fields) -> OwnerName:
    """Say which account or team a name means, wherever a report has it"""
    return owners.name_owner(body["name"], account=body["account"], team=body["team"], actor=current_actor())


@blueprint.route("/owner-names/forget", methods=["POST"])
@contract(body=ForgottenNameSchema, status=204, errors=(404,), scope_note="admin")
def forget_owner(body: Fields) -> None:
    """Let a name mean nobody again"""
    owners.forget_owner(body["name"], actor=current_actor())


def _members(body: Fields) -> dict[str, bool]:
    return {each["account"]: each["is_lead"] for each in body["members"]}


def _roles(body: Fields) -> dict[str, str]:
    return {each["account"]: each["role"] for each in body["members"] if "role" in each}
