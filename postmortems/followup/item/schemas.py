"""Shapes of what the API tells of one action item beside its fields."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

from postmortems.document import model
from postmortems.formats import page_query
from postmortems.incidents import page_keys


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
    by_kind = fields.String(metadata={"description": "person, token, ci, or system: the service itself"})
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
    priority = fields.String(validate=validate.OneOf(["", *model.PRIORITIES]))


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
