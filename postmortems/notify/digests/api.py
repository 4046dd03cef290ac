"""Digests over HTTP: what they would say now, and when they come."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems.notify.digests import operations, queries, schedule
from postmortems.notify.digests.models import DigestSchedule
from postmortems.notify.people import queries as people
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("digests", "Digests: when they come")

Fields = dict[str, Any]


class DigestScheduleBodySchema(Schema):
    class Meta:
        unknown = RAISE

    every = fields.String(required=True, validate=validate.OneOf(schedule.EVERY))
    weekday = fields.Integer(
        required=True, strict=True, metadata={"description": "Monday is 0; of every day no matter"}
    )
    hour = fields.Integer(required=True, strict=True, metadata={"description": "of the zone's clock"})
    zone = fields.String(
        required=True, validate=validate.Length(1, 100), metadata={"example": "Europe/Berlin"}
    )


class DigestScheduleSchema(Schema):
    team = fields.Function(lambda row: row.team and row.team.slug, metadata={"description": "or null"})
    every = fields.String(validate=validate.OneOf(schedule.EVERY))
    weekday = fields.Integer()
    hour = fields.Integer()
    zone = fields.String()
    due_at = fields.AwareDateTime(allow_none=True, metadata={"description": "the next one"})


class DigestSchedulesSchema(Schema):
    digests = fields.List(fields.Nested(DigestScheduleSchema))


@blueprint.route("/digests", methods=["GET"])
@contract(returns=DigestSchedulesSchema, errors=(), scope_note="read")
def index() -> Fields:
    """When your digest comes, and those of the teams that you lead"""
    actor = current_actor()
    people.own(actor)
    return {"digests": queries.stored_of(actor.user_id or 0)}


@blueprint.route("/digests/mine", methods=["PUT"])
@contract(body=DigestScheduleBodySchema, returns=DigestScheduleSchema, errors=(), scope_note="write")
def change_mine(body: Fields) -> DigestSchedule:
    """Change when your digest comes"""
    return operations.change(**body, actor=current_actor())


@blueprint.route("/digests/teams/<slug>", methods=["PUT"])
@contract(body=DigestScheduleBodySchema, returns=DigestScheduleSchema, errors=(404,), scope_note="write")
def change_teams(body: Fields, slug: str) -> DigestSchedule:
    """Change when the digest of a team that you lead comes"""
    return operations.change(team=slug, **body, actor=current_actor())
