"""Schemas of action items in the API: list filters, a row, an edit."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from postmortems.document import model
from postmortems.followup import rules
from postmortems.followup.queries import Listed
from postmortems.formats import page_query
from postmortems.incidents import page_keys
from postmortems.search import query as search_query

FORMATS = {"json": "application/json", "csv": "text/csv", "ical": "text/calendar"}
PROTECTIONS = ("unguarded", "shadow", "guarded", "proven", "enforced", "regressed")


def several(values: tuple[str, ...]) -> validate.Validator:
    """One or more of the values, by comma."""
    one = "|".join(values)
    return validate.Regexp(
        rf"^(({one})(,({one}))*)?$", error=f"must be one or more of {', '.join(values)}, by comma"
    )


class FiltersSchema(Schema):
    """Which action items; the meaning of each figure is in the report's definitions."""

    status = fields.String(
        load_default="",
        validate=several(model.ITEM_STATUSES),
        metadata={"example": "open,in_progress", "description": "one or more, by comma"},
    )
    kind = fields.String(load_default="", validate=several(model.ITEM_KINDS), metadata={"example": "process"})
    owner = fields.String(load_default="", validate=validate.Length(max=200))
    service = fields.String(
        load_default="",
        validate=validate.Length(max=401),
        metadata={"description": "`data8`, one target `data8/prod`, or `-` for incidents that name none"},
    )
    incident = fields.String(
        load_default="", validate=validate.Length(max=200), metadata={"description": "an incident's slug"}
    )
    due_from = fields.Date(load_default=None, metadata={"description": "due on that day or later"})
    due_before = fields.Date(load_default=None, metadata={"description": "due on an earlier day"})
    opened_from = fields.Date(
        load_default=None, metadata={"description": "its present life began then or later"}
    )
    opened_before = fields.Date(load_default=None)
    closed_from = fields.Date(load_default=None)
    closed_before = fields.Date(load_default=None)
    protection = fields.String(load_default="", validate=several(PROTECTIONS))
    priority = fields.String(load_default="", validate=several(model.PRIORITIES))
    severity = fields.String(
        load_default="",
        validate=several((*model.SEVERITIES, "-")),
        metadata={"description": "of the incident; `-` where it states none"},
    )
    team = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "named as team or as owner, by any name of the team"},
    )
    overdue = fields.Boolean(load_default=False, metadata={"description": rules.is_overdue.__doc__})
    unowned = fields.Boolean(load_default=False, metadata={"description": rules.is_unowned.__doc__})
    unproven = fields.Boolean(load_default=False, metadata={"description": rules.is_unproven.__doc__})
    reopened = fields.Boolean(load_default=False, metadata={"description": rules.is_reopened.__doc__})
    undated = fields.Boolean(load_default=False, metadata={"description": "without a due date"})
    q = fields.String(
        load_default="",
        validate=validate.Length(max=search_query.LONGEST),
        metadata={"description": f"what has to occur in its text or fields: {search_query.RULE}"},
    )


class ListQuerySchema(FiltersSchema):
    """A page of action items."""

    after = page_query.after("`next` of the page before")
    limit = fields.Integer(load_default=50, validate=validate.Range(1, page_keys.LARGEST))
    format = page_query.form(
        FORMATS,
        "instead of Accept; csv and ical have every row that the filters let through, "
        "whatever `after` and `limit` say; ical has those with a due date",
    )
    bom = page_query.bom()
    restricted = fields.Boolean(
        load_default=False,
        metadata={"description": "in files also the items of restricted incidents that name you"},
    )


class IncidentOfItemSchema(Schema):
    """Where an item comes from."""

    slug = fields.String()
    title = fields.String()
    occurred_on = fields.Date()
    services = fields.List(fields.String())


class ItemSchema(Schema):
    """An action item."""

    id = fields.String(metadata={"example": "AI-2"})
    text = fields.String(metadata={"description": "Markdown"})
    category = fields.String()
    kind = fields.String(validate=validate.OneOf(model.ITEM_KINDS))
    owner = fields.String()
    team = fields.String()
    due = fields.Date(allow_none=True)
    priority = fields.String()
    status = fields.String(validate=validate.OneOf(model.ITEM_STATUSES))
    reason = fields.String()
    done_when = fields.String()
    guardability = fields.String()
    outcome = fields.String()
    tickets = fields.List(fields.String())
    guards = fields.List(fields.String(), metadata={"description": "slugs"})
    protection = fields.String(validate=validate.OneOf(PROTECTIONS))
    opened_at = fields.DateTime()
    closed_at = fields.DateTime(allow_none=True)
    closed_by = fields.String()
    closed_unproven = fields.Boolean()
    reopened_at = fields.DateTime(allow_none=True)
    reopened_because = fields.String()
    incident = fields.Nested(IncidentOfItemSchema)


class ListSchema(Schema):
    """A page of action items by due date, those without one last."""

    action_items = fields.List(fields.Nested(ItemSchema))
    next = fields.String(metadata={"description": "`after` of the next page; empty on the last one"})


class EditSchema(Schema):
    """What to change of an item; what is left out stays as it is."""

    text = fields.String(validate=validate.Length(1, 200_000))
    kind = fields.String(validate=validate.OneOf(["", *model.ITEM_KINDS]))
    owner = fields.String(validate=validate.Length(max=200))
    team = fields.String(validate=validate.Length(max=200))
    due = fields.Date(allow_none=True)
    priority = fields.String(validate=validate.OneOf(["", *model.PRIORITIES]))
    status = fields.String(validate=validate.OneOf(model.ITEM_STATUSES))
    reason = fields.String(validate=validate.Length(max=2000))
    done_when = fields.String(validate=validate.Length(max=2000))
    guardability = fields.String(validate=validate.OneOf(["", *model.GUARDABILITIES]))
    outcome = fields.String(validate=validate.Length(max=2000))
    tickets = fields.List(fields.String(validate=validate.Length(1, 2000)), validate=validate.Length(max=200))
    guards = fields.List(fields.String(validate=validate.Length(1, 200)), validate=validate.Length(max=200))


def row(listed: Listed) -> dict[str, Any]:
    """A row of the list, as `ItemSchema` dumps it."""
    item = listed.item
    names = [name for name in ItemSchema._declared_fields if name not in {"id", "guards", "protection"}]
    plain = {name: getattr(item, name) for name in names}
    slugs = [guard.slug for guard in item.guards]
    return plain | {"id": item.ref, "guards": slugs, "protection": listed.protection}
