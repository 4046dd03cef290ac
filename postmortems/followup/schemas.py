"""Schemas of action items in the API: list filters, a row, an edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from postmortems.document import model
from postmortems.errors import Invalid, Problem
from postmortems.followup import rules, sorts
from postmortems.followup.filters import NO_PRIORITY, Filters
from postmortems.followup.queries import Listed
from postmortems.followup.sorts import PROTECTIONS
from postmortems.formats import page_query
from postmortems.formats.choices import OneOfOrNothing
from postmortems.formats.strict_fields import AnyOf, Day
from postmortems.incidents import page_keys
from postmortems.search import query as search_query

TICKET_REFUSAL = "must be `any`, `-`, or how a ticket stands, by comma, such as disputed,unproven"
# A thousand years.
MOST_DAYS = 365_000
# The place of an item by its owner has the name, each of whose letters may take twelve.
LONGEST_PLACE = 3_000
FORMATS = {"json": "application/json", "csv": "text/csv", "ical": "text/calendar"}


def several(values: tuple[str, ...]) -> validate.Validator:
    """One or more of the values, by comma."""
    one = "|".join(values)
    return validate.Regexp(
        rf"^(({one})(,({one}))*)?$", error=f"must be one or more of {', '.join(values)}, by comma"
    )


class FiltersSchema(Schema):
    """Which action items; the meaning of each figure is in the report's definitions."""

    status = AnyOf(
        load_default="",
        validate=several(model.ITEM_STATUSES),
        metadata={"example": "open,in_progress", "description": "one or more, by comma; `any` is all"},
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
    due_from = Day(load_default=None, metadata={"description": "due on that day or later"})
    due_before = Day(load_default=None, metadata={"description": "due on an earlier day"})
    opened_from = Day(load_default=None, metadata={"description": "its present life began then or later"})
    opened_before = Day(load_default=None)
    closed_from = Day(load_default=None)
    closed_before = Day(load_default=None)
    protection = fields.String(load_default="", validate=several(PROTECTIONS))
    priority = fields.String(
        load_default="",
        validate=several((*model.PRIORITIES, NO_PRIORITY)),
        metadata={"description": "one or more, by comma; `-` where it states none"},
    )
    severity = fields.String(
        load_default="",
        validate=several((*model.SEVERITIES, "-")),
        metadata={"description": "of the incident; `-` where it states none"},
    )
    team = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "the team that answers for it, by any of its names"},
    )
    tag = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"example": "dns", "description": "that the incident has; one of several, by comma"},
    )
    age = fields.Integer(
        load_default=None,
        validate=validate.Range(0, MOST_DAYS),
        metadata={"description": "opened at least so many days (UTC) ago"},
    )
    overdue = fields.Boolean(load_default=False, metadata={"description": rules.is_overdue.__doc__})
    unowned = fields.Boolean(load_default=False, metadata={"description": rules.is_unowned.__doc__})
    unproven = fields.Boolean(load_default=False, metadata={"description": rules.is_unproven.__doc__})
    reopened = fields.Boolean(load_default=False, metadata={"description": rules.is_reopened.__doc__})
    undated = fields.Boolean(load_default=False, metadata={"description": "without a due date"})
    done = fields.String(
        load_default="",
        validate=OneOfOrNothing(rules.DONE),
        metadata={"description": "done by its due date (UTC), or after it"},
    )
    ticket = fields.String(
        load_default="",
        validate=validate.Regexp(r"^(|any|-|[a-z]{1,20}(,[a-z]{1,20}){0,9})$", error=TICKET_REFUSAL),
        metadata={"description": "how one of its tickets stands, by comma; `any`, or `-` for none"},
    )
    q = fields.String(
        load_default="",
        validate=validate.Length(max=search_query.LONGEST),
        metadata={"description": f"what has to occur in its text or fields: {search_query.RULE}"},
    )
    sort = fields.String(
        load_default="",
        validate=validate.OneOf(
            ["", *sorts.NAMES, *(f"-{name}" for name in sorts.NAMES)], error=sorts.REFUSAL
        ),
        metadata={"example": "-age", "description": sorts.MEANING},
    )


def filters(said: Mapping[str, str], at: str = "") -> Filters:
    """What an address states: `any` as status is all of them, an empty field and a strange one say nothing.

    Raises `Invalid` at the name of a filter, below `at`.
    """
    known = {name: text for name in Filters.__slots__ if (text := said.get(name, "").strip())}
    try:
        return Filters(**FiltersSchema().load(known))
    except ValidationError as wrong:
        problems = dict(wrong.messages_dict).items()
        raise Invalid([Problem(f"{at}/{name}", messages[0]) for name, messages in problems]) from None


class ListQuerySchema(FiltersSchema):
    """A page of action items."""

    after = page_query.after("`next` of the page before", LONGEST_PLACE)
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
    evidence = fields.String(metadata={"description": "what shows that it is done: a link, or words"})
    tickets = fields.List(fields.String())
    guards = fields.List(fields.String(), metadata={"description": "slugs"})
    blocked_by = fields.List(fields.String(), metadata={"description": "ids of the items that it waits for"})
    protection = fields.String(validate=validate.OneOf(PROTECTIONS))
    opened_at = fields.DateTime()
    closed_at = fields.DateTime(allow_none=True)
    closed_by = fields.String()
    closed_unproven = fields.Boolean()
    reopened_at = fields.DateTime(allow_none=True)
    reopened_because = fields.String()
    incident = fields.Nested(IncidentOfItemSchema)


class ListSchema(Schema):
    """A page of action items in the order asked for; by due date, those without one last."""

    action_items = fields.List(fields.Nested(ItemSchema))
    next = fields.String(metadata={"description": "`after` of the next page; empty on the last one"})


class EditSchema(Schema):
    """What to change of an item; what is left out stays as it is."""

    text = fields.String(validate=validate.Length(1, 200_000))
    kind = fields.String(validate=OneOfOrNothing(model.ITEM_KINDS))
    owner = fields.String(validate=validate.Length(max=200))
    team = fields.String(validate=validate.Length(max=200))
    due = fields.Date(allow_none=True)
    priority = fields.String(validate=OneOfOrNothing(model.PRIORITIES))
    status = fields.String(validate=validate.OneOf(model.ITEM_STATUSES))
    reason = fields.String(validate=validate.Length(max=2000))
    done_when = fields.String(validate=validate.Length(max=2000))
    guardability = fields.String(validate=OneOfOrNothing(model.GUARDABILITIES))
    outcome = fields.String(validate=validate.Length(max=2000))
    evidence = fields.String(validate=validate.Length(max=2000))
    tickets = fields.List(fields.String(validate=validate.Length(1, 2000)), validate=validate.Length(max=200))
    guards = fields.List(fields.String(validate=validate.Length(1, 200)), validate=validate.Length(max=200))


BESIDE = {"id", "guards", "protection", "blocked_by"}


def row(listed: Listed, blocked_by: Sequence[str] = ()) -> dict[str, Any]:
    """A row of the list, as `ItemSchema` dumps it; `blocked_by` are ids of items."""
    item = listed.item
    names = [name for name in ItemSchema._declared_fields if name not in BESIDE]
    plain = {name: getattr(item, name) for name in names}
    slugs = [guard.slug for guard in item.guards]
    told = {"id": item.ref, "guards": slugs, "protection": listed.protection}
    return plain | told | {"blocked_by": list(blocked_by)}
