"""Home over HTTP: what waits for you, as figures."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from postmortems.accounts import permissions
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.web.auth import current_actor
from postmortems.web.home import needs
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("home", "Home: what needs you today")


class NeedSchema(Schema):
    """A list that waits for you; only those are told that are not empty."""

    name = fields.String(metadata={"example": "overdue"})
    label = fields.String(metadata={"example": "Overdue"})
    whose = fields.String(metadata={"description": "the team whose it is; empty for your own"})
    definition = fields.String()
    count = fields.Integer()
    is_more = StrictBoolean(metadata={"description": "whether there are more than are counted"})
    url = fields.String(metadata={"description": "the page with these rows"})


class HomeSchema(Schema):
    needs = fields.List(fields.Nested(NeedSchema))


@blueprint.route("/home", methods=["GET"])
@contract(returns=HomeSchema, errors=(), scope_note="read")
def show() -> dict[str, Any]:
    """What needs you today, what is late first"""
    actor = current_actor()
    permissions.require(actor, "incident.read")
    return {"needs": needs.of(actor)}
