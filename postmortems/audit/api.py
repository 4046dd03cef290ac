"""The audit log over HTTP, for admins."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from postmortems.accounts import permissions
from postmortems.audit import log
from postmortems.audit.log import Filters
from postmortems.audit.models import Event
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("audit", "The audit log: who did what, to what, when and from where; for admins.")

Fields = dict[str, Any]
MOST = 200


class EventsQuery(Schema):
    actor = fields.String(
        load_default="", validate=validate.Length(max=100), metadata={"description": "a whole name"}
    )
    verb = fields.String(
        load_default="",
        validate=validate.Length(max=60),
        metadata={"description": "`item.closed`, or `item.*` for all of a kind"},
    )
    subject = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "what it was done to, whole: `AI-3`, a slug; no withheld events then"},
    )
    since = fields.Date(load_default=None, metadata={"description": "the first day, in UTC"})
    until = fields.Date(load_default=None, metadata={"description": "the last day, in UTC"})
    q = fields.String(
        load_default="",
        validate=validate.Length(max=100),
        metadata={
            "description": "words in the subject or the details; looks through 100,000 events at a time, so "
            "that a page can be empty and have a next one; no withheld events then"
        },
    )
    before = fields.Integer(load_default=None, validate=validate.Range(1, 2**31 - 1))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST))


class EventOut(Schema):
    id = fields.Integer()
    at = fields.AwareDateTime()
    actor_kind = fields.String(metadata={"example": "person"})
    actor = fields.String(metadata={"example": "ada"})
    verb = fields.String(metadata={"example": "item.closed"})
    subject_kind = fields.String(metadata={"example": "item"})
    subject = fields.String(metadata={"description": "empty where it is withheld", "example": "AI-3"})
    way = fields.String(metadata={"description": "web, api, assistant, command or worker; or empty"})
    credential = fields.String(metadata={"description": "of which session or token", "example": "token 12"})
    address = fields.String(metadata={"description": "empty once it is erased"})
    details = fields.Dict(keys=fields.String(), values=fields.Raw())
    is_withheld = fields.Boolean(metadata={"description": "about a restricted incident not shown to you"})


class EventsOut(Schema):
    events = fields.List(fields.Nested(EventOut))
    next = fields.Integer(
        allow_none=True, metadata={"description": "the `before` of the next page; null on the last"}
    )


@blueprint.route("/audit", methods=["GET"])
@contract(query=EventsQuery, returns=EventsOut, scope_note="admin", errors=(422,))
def list_events(query: Fields) -> Fields:
    """What was done, newest first"""
    permissions.require(current_actor(), "people.manage")
    limit, before = query.pop("limit"), query.pop("before")
    page = log.page(Filters(**query), limit=limit, before=before)
    return {"events": [_out(event, page.withheld) for event in page.events], "next": page.more}


def _out(event: Event, withheld: set[int]) -> Fields:
    is_withheld = event.id in withheld
    names = ("id", "at", "actor_kind", "actor", "verb", "subject_kind", "way", "credential", "address")
    said = {name: getattr(event, name) for name in names}
    subject, details = ("", {}) if is_withheld else (event.subject, event.data)
    return said | {"subject": subject, "details": details, "is_withheld": is_withheld}
