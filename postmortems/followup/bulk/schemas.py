"""Schemas of bulk edits in the API: what to set of which items, and what comes of each."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from postmortems.document import model
from postmortems.followup import schemas as followup
from postmortems.followup.bulk import models, plan
from postmortems.followup.bulk.models import BulkEdit
from postmortems.followup.bulk.plan import PlannedRow
from postmortems.followup.bulk.queries import MOST_ITEMS, Shown
from postmortems.formats import page_query
from postmortems.formats.choices import OneOfOrNothing
from postmortems.formats.strict_fields import Day, StrictBoolean
from postmortems.incidents.items.item_numbers import REF, number_of

# Rows of one answer.
PAGE_ROWS = 500
LONGEST = 2_000
LINE = validate.Length(max=200)


class BulkFilterSchema(followup.FiltersSchema):
    """Which action items, as the list's address says it."""

    class Meta:
        unknown = RAISE

    overdue = StrictBoolean(load_default=False)
    unowned = StrictBoolean(load_default=False)
    unproven = StrictBoolean(load_default=False)
    reopened = StrictBoolean(load_default=False)
    undated = StrictBoolean(load_default=False)


class BulkSetSchema(Schema):
    """What to set of every item; what is left out stays as it is."""

    class Meta:
        unknown = RAISE

    owner = fields.String(validate=LINE)
    team = fields.String(validate=LINE)
    due = Day(allow_none=True)
    priority = fields.String(validate=OneOfOrNothing(model.PRIORITIES))
    status = fields.String(validate=validate.OneOf(model.ITEM_STATUSES))
    reason = fields.String(validate=validate.Length(max=LONGEST))
    outcome = fields.String(validate=validate.Length(max=LONGEST))
    evidence = fields.String(validate=validate.Length(max=LONGEST))
    guard = fields.String(
        validate=validate.Length(1, 100),
        metadata={"description": "a guard's slug, linked to each item beside those that it names already"},
    )
    tag = fields.String(
        validate=[
            validate.Length(1, 200),
            validate.ContainsNoneOf(",\n", error="is one tag: leave out commas and breaks"),
        ],
        metadata={"description": "given to each item's incident beside the tags that it has already"},
    )


class BulkExpectedSchema(Schema):
    """What an item said when it was selected; the fields that are left out may say anything."""

    class Meta:
        unknown = RAISE

    owner = fields.String()
    team = fields.String()
    due = fields.Date(allow_none=True)
    priority = fields.String()
    status = fields.String()
    reason = fields.String()
    outcome = fields.String()
    evidence = fields.String()


class BulkBodySchema(Schema):
    """An edit of many items: those named, or those that a filter lets through."""

    class Meta:
        unknown = RAISE

    items = fields.List(
        fields.String(validate=validate.Regexp(REF, error="is no reference such as AI-2")),
        validate=validate.Length(1, MOST_ITEMS),
        metadata={"example": ["AI-1", "AI-2"]},
    )
    filter = fields.Nested(BulkFilterSchema)
    set = fields.Nested(BulkSetSchema, required=True)
    expected = fields.Dict(
        keys=fields.String(validate=validate.Regexp(REF, error="is no reference such as AI-2")),
        values=fields.Nested(BulkExpectedSchema),
        metadata={"description": "by reference, what the item said when it was selected, such as `before`"},
    )
    message = fields.String(load_default="", validate=validate.Length(max=LONGEST))
    dry_run = StrictBoolean(load_default=False, metadata={"description": "only say what would change"})

    @validates_schema
    def _either(self, data: dict[str, Any], **_: Any) -> None:
        if ("items" in data) == ("filter" in data):
            raise ValidationError("say either items or filter", "items")


class BulkRowSchema(Schema):
    """What comes of one item."""

    id = fields.String(metadata={"example": "AI-2"})
    text = fields.String()
    incident = fields.String(metadata={"description": "its slug"})
    state = fields.String(validate=validate.OneOf(models.LINE_STATES))
    before = fields.Dict(metadata={"description": "the fields that are set, as they were"})
    after = fields.Dict(metadata={"description": "the same as they become"})
    reason_code = fields.String(metadata={"description": "why not, for a row that is refused or kept"})
    detail = fields.String()


class BulkEditSchema(Schema):
    """A bulk edit; `id` is null for a dry run, which keeps nothing."""

    id = fields.Integer(allow_none=True)
    state = fields.String(validate=validate.OneOf(models.STATES))
    set = fields.Dict()
    total = fields.Integer(metadata={"description": "how many items it is about"})
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "by state"})
    missing = fields.List(fields.String(), metadata={"description": "named, and there is no such item"})
    remarks = fields.List(fields.String(), metadata={"description": "what is odd about the values"})
    by = fields.String()
    at = fields.DateTime(allow_none=True)
    undone_by = fields.String()
    ended_at = fields.DateTime(allow_none=True)
    rows = fields.List(fields.Nested(BulkRowSchema))
    next = fields.Integer(
        allow_none=True,
        metadata={"description": "`after` of the next rows; null on the last page, and for a dry run"},
    )


class BulkPageSchema(page_query.NumberedPageQuery):
    """A page of rows."""

    limit = fields.Integer(load_default=PAGE_ROWS, validate=validate.Range(1, PAGE_ROWS))
    state = fields.String(load_default="", validate=OneOfOrNothing(models.LINE_STATES))


def numbers(refs: list[str]) -> list[int]:
    """The numbers of references, each once."""
    return sorted({number for ref in refs if (number := number_of(ref)) is not None})


def planned(rows: list[PlannedRow], wanted: dict[str, Any]) -> dict[str, Any]:
    """A dry run, as `BulkEditSchema` dumps it: the first rows, and how many of each state."""
    states = [_planned_state(row) for row in rows]
    return {
        "id": None,
        "state": models.PLANNED,
        "set": plan.as_json(wanted),
        "total": len(rows),
        "counts": {state: states.count(state) for state in sorted(set(states))},
        "rows": [
            _row(row.facts.ref, row.facts.text, row.facts.slug, state)
            | _both(plan.as_json(row.facts.said), plan.as_json(row.changes))
            | {"reason_code": row.code, "detail": row.detail}
            for row, state in zip(rows[:PAGE_ROWS], states, strict=False)
        ],
        "next": None,
    }


def _planned_state(row: PlannedRow) -> str:
    if row.is_refused:
        return models.REFUSED
    return models.WAITING if row.changes else models.SAME


def shown(edit: BulkEdit, counts: dict[str, int], lines: list[Shown], limit: int) -> dict[str, Any]:
    """A bulk edit with some of its rows, as `BulkEditSchema` dumps it; one row too many means more pages."""
    page = lines[:limit]
    return {
        **{name: getattr(edit, name) for name in ("id", "state", "by", "at", "undone_by", "ended_at")},
        "set": edit.values,
        "total": sum(counts.values()),
        "counts": counts,
        "rows": [
            _row(each.ref, each.text, each.slug, each.line.state)
            | _both(each.line.before, each.line.changes)
            | {"reason_code": each.line.code, "detail": each.line.detail}
            for each in page
        ],
        "next": page[-1].line.number if len(lines) > limit else None,
    }


def _row(ref: str, text: str, slug: str, state: str) -> dict[str, Any]:
    return {"id": ref, "text": text, "incident": slug, "state": state}


def _both(before: Any, changes: Any) -> dict[str, Any]:
    return {"before": {name: before[name] for name in changes}, "after": changes}
