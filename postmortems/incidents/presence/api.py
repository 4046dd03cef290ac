"""Presence over HTTP: who edits an incident at this moment, and its newest version."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields

from postmortems.incidents.presence import operations, queries
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("presence", "Presence: who edits an incident at this moment")

PART = "the `id` of a section or block in the incident's JSON, or `AI-2`; empty for the whole"


class PersonSchema(Schema):
    """Somebody else who edits the incident."""

    name = fields.String(metadata={"example": "ben"})
    part = fields.String(metadata={"description": PART, "example": "5f3a9c01"})
    seen_at = fields.AwareDateTime()


class PresenceSchema(Schema):
    """Who edits beside you, by name, and the newest version: two clients need to ask nothing more."""

    version = fields.Integer(metadata={"description": "the incident's newest"})
    people = fields.List(fields.Nested(PersonSchema))


class EditedPartSchema(Schema):
    class Meta:
        unknown = RAISE

    part = fields.String(load_default="", metadata={"description": PART, "example": "5f3a9c01"})


@blueprint.route("/incidents/<slug>/presence", methods=["GET"])
@contract(returns=PresenceSchema, errors=(404,), scope_note="read")
def show(slug: str) -> dict[str, Any]:
    """Who else edits an incident, in which part, and its newest version"""
    return _told(queries.around(slug, current_actor()))


@blueprint.route("/incidents/<slug>/presence", methods=["POST"])
@contract(body=EditedPartSchema, returns=PresenceSchema, errors=(404, 422), scope_note="write")
def say(body: dict[str, Any], slug: str) -> dict[str, Any]:
    """Say that you edit a part of an incident; you are shown for 20 seconds

    It makes no version and no event.
    """
    return _told(operations.say(slug, body["part"], actor=current_actor()))


@blueprint.route("/incidents/<slug>/presence", methods=["DELETE"])
@contract(status=204, errors=(404,), scope_note="write")
def leave(slug: str) -> None:
    """Say that you edit an incident no longer"""
    operations.leave(slug, actor=current_actor())


def _told(around: queries.Around) -> dict[str, Any]:
    return {"version": around.version, "people": list(around.people)}
