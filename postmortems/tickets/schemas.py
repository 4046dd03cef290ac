"""Shapes of trackers and tickets in the API. Secrets go in and never come out."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems.document import model
from postmortems.formats.choices import OneOfOrNothing
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.tickets import links, settlement, trackers
from postmortems.tickets.agreement import FIELDS
from postmortems.tickets.models import STANDINGS, Ticket, Tracker
from postmortems.trackers.services import SERVICES

MOST_AT_ONCE = 200
WORDS = {
    "creating": "being created",
    "linked": "linked, not looked at yet",
    "agreed": "in step",
    "disputed": "both sides changed it",
    "unproven": "ticket closed, not proven",
    "held": "nothing flows",
    "gone": "gone there",
}


class TrackerBody(Schema):
    class Meta:
        unknown = RAISE

    name = fields.String(
        required=True, validate=validate.Length(1, 100), metadata={"example": "infra-issues"}
    )
    service = fields.String(required=True, validate=validate.OneOf(list(SERVICES)))
    api = fields.String(
        validate=validate.Length(max=500),
        metadata={"description": "the service's own where it is left out; Jira's has to be given"},
    )
    place = fields.String(
        required=True,
        validate=validate.Length(1, 255),
        metadata={
            "description": "owner/repository, a project's path, number or key, or a team's key",
            "example": "data8/infrastructure",
        },
    )
    account = fields.String(
        validate=validate.Length(max=254),
        metadata={"description": "whose token it is: an address, for Jira in the cloud"},
    )
    issue_type = fields.String(
        validate=validate.Length(max=100), metadata={"description": "of new issues in Jira; Task by default"}
    )
    access_token = fields.String(validate=validate.Length(max=500), load_only=True)
    webhook_secret = fields.String(validate=validate.Length(max=200), load_only=True)
    is_enabled = StrictBoolean()
    sends_restricted = StrictBoolean(
        metadata={"description": "whether items of restricted incidents may be sent there"}
    )


class TrackerOut(Schema):
    id = fields.Integer()
    name = fields.String()
    service = fields.String()
    api = fields.String()
    place = fields.String()
    account = fields.String()
    issue_type = fields.String()
    is_enabled = fields.Boolean()
    sends_restricted = fields.Boolean()
    has_webhook_secret = fields.Boolean()
    webhook_path = fields.String(metadata={"example": "/hooks/trackers/1"})
    trouble = fields.String(metadata={"description": "why the last call failed"})
    looked_at = fields.AwareDateTime(allow_none=True)


class TrackersOut(Schema):
    trackers = fields.List(fields.Nested(TrackerOut))


class TrackerAccountBody(Schema):
    class Meta:
        unknown = RAISE

    theirs = fields.String(required=True, validate=validate.Length(1, 200))
    ours = fields.String(required=True, validate=validate.Length(1, 100))


class TrackerAccountOut(Schema):
    theirs = fields.String()
    ours = fields.String()


class TrackerAccountsOut(Schema):
    accounts = fields.List(fields.Nested(TrackerAccountOut))


class TicketPolicyBody(Schema):
    class Meta:
        unknown = RAISE

    service = fields.String(load_default="", validate=validate.Length(max=100))
    priority = fields.String(load_default="", validate=OneOfOrNothing(model.PRIORITIES))
    kind = fields.String(load_default="", validate=OneOfOrNothing(model.ITEM_KINDS))


class TicketPolicyOut(Schema):
    """Items that are accepted get a ticket, where they fit; empty fields fit all."""

    id = fields.Integer()
    service = fields.String()
    priority = fields.String()
    kind = fields.String()
    by = fields.String()
    at = fields.AwareDateTime()


class TicketPoliciesOut(Schema):
    policies = fields.List(fields.Nested(TicketPolicyOut))


class TicketBody(Schema):
    class Meta:
        unknown = RAISE

    tracker = fields.Integer(strict=True, required=True, validate=validate.Range(1, 2**31 - 1))
    issue = fields.String(
        load_default="",
        validate=validate.Length(max=2000),
        metadata={"description": "number, key or address of one that is there; left out, one is created"},
    )


class TicketsBody(Schema):
    class Meta:
        unknown = RAISE

    items = fields.List(
        fields.String(validate=validate.Length(1, 20)),
        required=True,
        validate=validate.Length(1, MOST_AT_ONCE),
        metadata={"example": ["AI-1", "AI-5"]},
    )


class TicketDecisionBody(Schema):
    class Meta:
        unknown = RAISE

    field = fields.String(required=True, validate=validate.OneOf(FIELDS))
    choice = fields.String(
        required=True,
        validate=validate.OneOf(links.CHOICES),
        metadata={"description": "ours is sent, theirs is taken, apart leaves both as they are"},
    )


class DisagreementOut(Schema):
    """A field that both sides changed since they last agreed."""

    field = fields.String()
    ours = fields.String()
    theirs = fields.String()


class TicketOut(Schema):
    id = fields.Integer()
    action_item = fields.String(metadata={"example": "AI-1"})
    tracker = fields.Integer()
    tracker_name = fields.String()
    service = fields.String()
    ticket = fields.String(metadata={"example": "#12"})
    url = fields.String()
    standing = fields.String(
        validate=validate.OneOf(STANDINGS),
        metadata={"description": "; ".join(f"{name}: {words}" for name, words in WORDS.items())},
    )
    title = fields.String(metadata={"description": "as the ticket said last; so all below"})
    state = fields.String(metadata={"description": "open, done, or dropped: closed as not planned"})
    assignee = fields.String(metadata={"description": "one of our accounts"})
    due = fields.String()
    disagreements = fields.List(fields.Nested(DisagreementOut))
    trouble = fields.String()
    twin = fields.String(
        metadata={"description": "the address of a second issue with the mark, if there is one"}
    )
    seen_at = fields.AwareDateTime(allow_none=True)
    by = fields.String()
    at = fields.AwareDateTime()


class TicketsOut(Schema):
    tickets = fields.List(fields.Nested(TicketOut))


class TicketLeftOut(Schema):
    action_item = fields.String()
    reason = fields.String()


class TicketsAskedOut(Schema):
    """What came of many: the tickets that are being created or were there, and who got none, and why."""

    tickets = fields.List(fields.Nested(TicketOut))
    left_out = fields.List(fields.Nested(TicketLeftOut))


def tracker(row: Tracker) -> dict[str, Any]:
    """A tracker as `TrackerOut` dumps it."""
    names = (*trackers.TEXTS, "id", "is_enabled", "sends_restricted", "trouble", "looked_at")
    told = {name: getattr(row, name) for name in names}
    return told | {
        "has_webhook_secret": bool(row.webhook_secret),
        "webhook_path": f"/hooks/trackers/{row.id}",
    }


def ticket(row: Ticket) -> dict[str, Any]:
    """A ticket as `TicketOut` dumps it."""
    said = {name: row.theirs.get(name, "") for name in FIELDS}
    return said | {
        "id": row.id,
        "action_item": row.item.ref,
        "tracker": row.tracker_id,
        "tracker_name": row.tracker.name,
        "service": row.tracker.service,
        "ticket": row.shown,
        "url": row.url,
        "standing": row.standing,
        "disagreements": [
            {"field": name, "ours": ours, "theirs": theirs} for name, ours, theirs in settlement.disputes(row)
        ],
        "trouble": row.trouble,
        "twin": row.twin,
        "seen_at": row.seen_at,
        "by": row.by,
        "at": row.at,
    }
