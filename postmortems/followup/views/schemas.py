"""Schemas of saved views in the API."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems.followup.views.operations import LONGEST_NAME
from postmortems.followup.views.queries import View
from postmortems.formats.strict_fields import StrictBoolean

LONGEST_QUERY = 4_000


class ViewBodySchema(Schema):
    """A view to keep."""

    class Meta:
        unknown = RAISE

    name = fields.String(required=True, validate=validate.Length(1, LONGEST_NAME))
    query = fields.String(
        required=True,
        validate=validate.Length(max=LONGEST_QUERY),
        metadata={
            "example": "status=open,in_progress&sort=-age",
            "description": "filters and sort, as the query of the list's address",
        },
    )
    is_shared = StrictBoolean(
        load_default=False, metadata={"description": "everybody sees it, each with the items they may see"}
    )


class ViewEditSchema(Schema):
    """What to change of a view; what is left out stays."""

    class Meta:
        unknown = RAISE

    name = fields.String(validate=validate.Length(1, LONGEST_NAME))
    query = fields.String(validate=validate.Length(max=LONGEST_QUERY))
    is_shared = StrictBoolean()
    revision = fields.Integer(
        validate=validate.Range(1, 2**31 - 1), metadata={"description": "the one that was read, or If-Match"}
    )


class SavedViewSchema(Schema):
    """A saved view."""

    id = fields.Integer()
    name = fields.String()
    query = fields.String()
    owner = fields.String(metadata={"description": "whose it is"})
    is_mine = fields.Boolean()
    is_shared = fields.Boolean()
    is_default = fields.Boolean(metadata={"description": "that your list begins with it"})
    problem = fields.String(metadata={"description": "what of its query holds no longer, and is left out"})
    revision = fields.Integer(metadata={"description": "to be sent with an edit, also as the ETag"})
    saved_at = fields.DateTime()


class ViewsSchema(Schema):
    """Saved views, one's own first."""

    views = fields.List(fields.Nested(SavedViewSchema))


def shown(view: View) -> dict[str, Any]:
    """A view, as `SavedViewSchema` dumps it."""
    row = view.row
    plain = {
        name: getattr(row, name) for name in ("id", "name", "query", "is_shared", "revision", "saved_at")
    }
    beside = {name: getattr(view, name) for name in ("is_mine", "is_default", "problem")}
    return plain | beside | {"owner": row.user.name}
