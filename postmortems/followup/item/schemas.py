"""Shapes of what the API tells of one action item beside its fields."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems.document import model
from postmortems.followup import rules
from postmortems.followup.item import blockers, merges
from postmortems.formats import page_query
from postmortems.formats.choices import OneOfOrNothing
from postmortems.incidents import page_keys
from postmortems.incidents.models import ActionItem

UNSEEN = "an item you may not see"


class ItemHistoryQuerySchema(Schema):
    class Meta:
        unknown = RAISE

    after = page_query.after("`next` of the page before")
    limit = fields.Integer(load_default=50, validate=validate.Range(1, page_keys.LARGEST))


class ItemChangeSchema(Schema):
    """A field with what it said before and after."""

    field = fields.String(metadata={"example": "owner"})
    old = fields.String(
        data_key="from",
        allow_none=True,
        metadata={
            "description": "of tickets and guards one a line; a long text is cut, but whole in the "
            "incident's versions; null in what was recorded without values"
        },
    )
    new = fields.String(data_key="to", allow_none=True)


class ItemActSchema(Schema):
    """One thing that happened to an item."""

    id = fields.Integer()
    at = fields.AwareDateTime()
    what = fields.String(metadata={"example": "assigned"})
    by = fields.String()
    by_kind = fields.String(
        metadata={
            "description": "person, token, ci, or system: the service itself; empty for who wrote it first"
        }
    )
    changes = fields.List(fields.Nested(ItemChangeSchema))
    version = fields.Integer(
        allow_none=True, metadata={"description": "of the incident, after it; null for what is no save"}
    )
    message = fields.String(metadata={"description": "of that version; it names a bulk edit or a policy"})
    why = fields.String()


class ItemHistorySchema(Schema):
    """What happened to an item, the newest first."""

    history = fields.List(fields.Nested(ItemActSchema))
    next = fields.String(metadata={"description": "`after` of the next page; empty on the last one"})


class ItemAcceptSchema(Schema):
    """What is said of an item in the same breath as it is accepted."""

    class Meta:
        unknown = RAISE

    owner = fields.String(validate=validate.Length(max=200))
    team = fields.String(validate=validate.Length(max=200))
    due = fields.Date(allow_none=True)
    priority = fields.String(validate=OneOfOrNothing(model.PRIORITIES))


class ItemConfirmSchema(Schema):
    class Meta:
        unknown = RAISE

    evidence = fields.String(
        load_default="",
        validate=validate.Length(max=2_000),
        metadata={"description": "what shows that it is done; without it what stands there stays"},
    )


class ItemDeclineSchema(Schema):
    class Meta:
        unknown = RAISE

    reason = fields.String(required=True, validate=validate.Length(1, 2000))


class ItemMergeSchema(Schema):
    class Meta:
        unknown = RAISE

    into = fields.String(
        required=True,
        validate=validate.Length(1, 20),
        metadata={"description": "the item that stands for this one", "example": "AI-5"},
    )


class LinkedItemSchema(Schema):
    """An item at the other end of a link; of one that you may not see, nothing but that it is there."""

    id = fields.String(allow_none=True, metadata={"example": "AI-5"})
    text = fields.String(metadata={"description": "Markdown"})
    status = fields.String(allow_none=True)
    incident = fields.String(allow_none=True, metadata={"description": "a slug"})
    is_closed = fields.Boolean(metadata={"description": "done or wont_do: nothing waits for it any more"})


class ItemLinksSchema(Schema):
    """What ties an item to others."""

    is_blocked = fields.Boolean(metadata={"description": "it waits for an item that is not closed"})
    blocked_by = fields.List(fields.Nested(LinkedItemSchema))
    blocks = fields.List(fields.Nested(LinkedItemSchema))
    merged_into = fields.Nested(LinkedItemSchema, allow_none=True)
    merged = fields.List(fields.Nested(LinkedItemSchema))


def links(item: ActionItem) -> dict[str, Any]:
    """What ties the item to others, as `ItemLinksSchema` dumps it."""
    found, into = blockers.of(item), merges.into(item)
    return {
        "is_blocked": found.is_blocked,
        "blocked_by": [_linked(each.item, is_closed=each.is_closed) for each in found.blocked_by],
        "blocks": [_linked(each.item, is_closed=each.is_closed) for each in found.blocks],
        "merged_into": None if into is None else _linked(into, is_closed=into.status in rules.CLOSED),
        "merged": [_linked(each.item, is_closed=True) for each in merges.of(item)],
    }


def _linked(item: ActionItem | None, *, is_closed: bool) -> dict[str, Any]:
    if item is None:
        return {"id": None, "text": UNSEEN, "status": None, "incident": None, "is_closed": is_closed}
    told = {"id": item.ref, "text": item.text, "status": item.status, "incident": item.incident.slug}
    return told | {"is_closed": is_closed}
