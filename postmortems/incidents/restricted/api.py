"""Restricted incidents over HTTP, for admins: their existence, and breaking the glass."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from postmortems.incidents import page_keys
from postmortems.incidents.restricted import break_glass
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("restrictions", "Restricted incidents, for admins whom they do not name.")

Fields = dict[str, Any]


class RestrictionsQuery(Schema):
    after = fields.String(load_default="", validate=validate.Length(max=20))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, page_keys.LARGEST))


class RestrictionOut(Schema):
    id = fields.Integer(metadata={"description": "by which the glass is broken; no part of its address"})
    restricted_by = fields.String(metadata={"example": "ada"})
    restricted_at = fields.AwareDateTime()
    named = fields.Integer(metadata={"description": "how many people it is shown to"})
    active = fields.Integer(metadata={"description": "how many of these can sign in"})
    slug = fields.String(metadata={"description": "empty unless it is shown to you"})
    until = fields.AwareDateTime(
        allow_none=True, metadata={"description": "when your look through broken glass ends"}
    )


class RestrictionsOut(Schema):
    restrictions = fields.List(fields.Nested(RestrictionOut))
    next = fields.String(metadata={"description": "the `after` of the next page; empty on the last"})


class ReasonBody(Schema):
    reason = fields.String(
        required=True,
        validate=validate.Length(1, break_glass.LONGEST_REASON),
        metadata={"description": "why; those it names read it", "example": "Its last author has left."},
    )


class BrokenOut(Schema):
    slug = fields.String()


@blueprint.route("/restrictions", methods=["GET"])
@contract(query=RestrictionsQuery, returns=RestrictionsOut, scope_note="admin", errors=(422,))
def list_restrictions(query: Fields) -> Fields:
    """That there are restricted incidents, the newest first, and who restricted them; never their titles"""
    page = break_glass.listing(actor=current_actor(), after=query["after"], limit=query["limit"])
    return {"restrictions": page.rows, "next": page.after}


@blueprint.route("/restrictions/<int(max=2147483647):incident_id>/glass", methods=["POST"])
@contract(body=ReasonBody, returns=BrokenOut, scope_note="admin", errors=(404,))
def break_it(body: Fields, incident_id: int) -> Fields:
    """Break the glass: see a restricted incident for an hour. It is recorded, and those it names are told"""
    return {"slug": break_glass.begin(incident_id, body["reason"], actor=current_actor()).slug}


@blueprint.route("/restrictions/<int(max=2147483647):incident_id>/glass", methods=["DELETE"])
@contract(status=204, scope_note="admin", errors=(404,))
def end(incident_id: int) -> None:
    """Look into it no longer, before the hour is over"""
    break_glass.end(incident_id, actor=current_actor())
