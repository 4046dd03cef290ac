"""Schemas of due-date policies and holiday calendars in the API."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems.document import model
from postmortems.followup.policies import due_dates, holiday_days
from postmortems.followup.policies.exceptions import LONGEST_REASON
from postmortems.followup.policies.models import HolidayCalendar, ItemDeadline, Redate, StoredPolicy
from postmortems.followup.policies.operations import MOST_DAYS, MOST_WARNINGS, PolicyValues
from postmortems.followup.policies.redate_plan import Preview
from postmortems.formats.choices import OneOfOrNothing
from postmortems.formats.strict_fields import Day, StrictBoolean
from postmortems.incidents.models import ActionItem

HIGHEST = 2**31 - 1


def _days(least: int, described: str) -> fields.Integer:
    return fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(least, MOST_DAYS),
        metadata={"description": described},
    )


def _warnings(described: str) -> fields.List[int]:
    return fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, MOST_DAYS)),
        load_default=list,
        validate=validate.Length(max=MOST_WARNINGS),
        metadata={"description": described, "example": [7, 1]},
    )


def _version() -> fields.Integer:
    return fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, HIGHEST),
        metadata={"description": "the one you edited: refused where another was saved since"},
    )


def _any_of(values: tuple[str, ...]) -> fields.String:
    return fields.String(
        load_default="", validate=OneOfOrNothing(values), metadata={"description": "empty is any"}
    )


class DuePolicyBodySchema(Schema):
    """For which items, how long they may take, and who hears of it when."""

    class Meta:
        unknown = RAISE

    severity = _any_of(model.SEVERITIES)
    priority = _any_of(model.PRIORITIES)
    kind = _any_of(model.ITEM_KINDS)
    team = fields.String(
        load_default="",
        validate=validate.Length(max=80),
        metadata={"description": "a team's id; empty is any"},
    )
    assign_days = _days(0, "days in which somebody has to own it; null for no such date")
    complete_days = _days(0, "days in which it has to be done; null for no such date")
    counting = fields.String(
        load_default="calendar",
        validate=validate.OneOf(due_dates.COUNTINGS),
        metadata={"description": "which days count: all, or business days"},
    )
    begins = fields.String(
        load_default="commitment",
        validate=validate.OneOf(due_dates.BEGINNINGS),
        metadata={"description": "days count from the commitment to the item, or from the incident's day"},
    )
    zone = fields.String(
        load_default="UTC",
        validate=validate.Length(1, 100),
        metadata={"description": "whose day it is, as in the tz database", "example": "Europe/Berlin"},
    )
    calendar = fields.String(
        load_default="",
        validate=validate.Length(max=80),
        metadata={"description": "id of a holiday calendar; empty: Saturdays and Sundays alone are free"},
    )
    warn_before = _warnings("the owner is reminded so many days before the due date")
    warns_at = StrictBoolean(load_default=True, metadata={"description": "and on that day"})
    warn_after = _warnings("and so many days after it")
    lead_after = _days(1, "the team's lead hears so many days after the due date; null for never")
    admin_after = _days(1, "and admins; null for never")


class DuePolicyEditSchema(DuePolicyBodySchema):
    version = _version()


class DuePolicyRedateSchema(DuePolicyEditSchema):
    """The same, with what is to happen to the items that there are."""

    redate = StrictBoolean(
        load_default=False,
        metadata={"description": "whether items that a policy dated are dated anew; `preview` says which"},
    )
    with_undated = StrictBoolean(
        load_default=False,
        metadata={"description": "with `redate`: whether open items without a date get one, from now"},
    )


class DuePreviewBodySchema(DuePolicyBodySchema):
    """A policy as it would be."""

    id = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, HIGHEST),
        metadata={"description": "the policy that would be changed; null for a new one"},
    )
    with_undated = StrictBoolean(load_default=False)


class DueChangeSchema(Schema):
    """An item whose date would change."""

    id = fields.String(metadata={"example": "AI-2"})
    text = fields.String()
    incident = fields.String(metadata={"description": "its slug"})
    due = fields.Date(allow_none=True)
    new_due = fields.Date(allow_none=True)


class DuePreviewSchema(Schema):
    """What would happen: how many items become what, and the first whose date changes."""

    moved = fields.Integer(metadata={"description": "get another date: a policy gave them theirs"})
    dated = fields.Integer(metadata={"description": "get a date, having none"})
    late = fields.Integer(metadata={"description": "of these, how many new dates are past already"})
    unsure = fields.Integer(
        metadata={"description": "of these, how many lie after the years whose holidays are all known"}
    )
    by_hand = fields.Integer(metadata={"description": "keep the date that somebody chose"})
    undated = fields.Integer(metadata={"description": "stay without a date"})
    excepted = fields.Integer(metadata={"description": "keep theirs, for an exception lasts"})
    looked_at = fields.Integer()
    is_whole = fields.Boolean(metadata={"description": "false where only the first items were looked at"})
    items = fields.List(fields.Nested(DueChangeSchema))


class DueExceptionBodySchema(Schema):
    """A date apart from policy."""

    class Meta:
        unknown = RAISE

    due = Day(required=True, metadata={"description": "instead of the policy's date"})
    until = Day(required=True, metadata={"description": "to the end of that day no policy moves it"})
    reason = fields.String(required=True, validate=validate.Length(1, LONGEST_REASON))


class DueExceptionSchema(Schema):
    """The exception that an item has."""

    until = fields.Date()
    reason = fields.String()
    by = fields.String()
    at = fields.DateTime(allow_none=True)


class ItemDeadlineSchema(Schema):
    """What a policy says of an item, beside its own due date."""

    id = fields.String(metadata={"example": "AI-2"})
    due = fields.Date(allow_none=True, metadata={"description": "the item's own"})
    policy = fields.Integer(allow_none=True, metadata={"description": "that dated it; null for none"})
    policy_due = fields.Date(allow_none=True)
    assign_by = fields.Date(allow_none=True)
    committed_at = fields.DateTime(allow_none=True, metadata={"description": "what days count from"})
    exception = fields.Nested(DueExceptionSchema, allow_none=True)


class DueRedateSchema(Schema):
    """One time that items were dated anew."""

    id = fields.Integer()
    policy = fields.Integer(allow_none=True, metadata={"description": "its id; null once it is deleted"})
    title = fields.String()
    state = fields.String(validate=validate.OneOf(("running", "done", "undoing", "undone")))
    by = fields.String()
    at = fields.DateTime()
    done = fields.Integer(metadata={"description": "items dated anew so far"})
    waiting = fields.Integer(metadata={"description": "looked at and not dated yet"})
    percent = fields.Integer(metadata={"description": "how much of the items was looked at; 100 for all"})
    kept = fields.Integer(metadata={"description": "left alone: somebody changed the date meanwhile"})
    undone = fields.Integer()


class DueRedatesSchema(Schema):
    redates = fields.List(fields.Nested(DueRedateSchema))


class DuePolicySchema(Schema):
    """A due-date policy."""

    id = fields.Integer()
    title = fields.String(metadata={"description": "for which items, in words"})
    version = fields.Integer()
    severity = fields.String()
    priority = fields.String()
    kind = fields.String()
    team = fields.String()
    assign_days = fields.Integer(allow_none=True)
    complete_days = fields.Integer(allow_none=True)
    counting = fields.String()
    begins = fields.String()
    zone = fields.String()
    calendar = fields.String()
    warn_before = fields.List(fields.Integer())
    warns_at = fields.Boolean()
    warn_after = fields.List(fields.Integer())
    lead_after = fields.Integer(allow_none=True)
    admin_after = fields.Integer(allow_none=True)
    saved_by = fields.String()
    saved_at = fields.DateTime()
    redated = fields.Nested(
        DueRedateSchema,
        allow_none=True,
        metadata={"description": "what this request dated anew; null where it did not, or was not asked"},
    )


class DuePoliciesSchema(Schema):
    """All policies, the most specific first: the first one that fits an item holds for it."""

    policies = fields.List(fields.Nested(DuePolicySchema))


class HolidayCalendarBodySchema(Schema):
    """A weekend, the holidays of a country or part of it, and days of one's own."""

    class Meta:
        unknown = RAISE

    name = fields.String(
        required=True, validate=validate.Length(1, 100), metadata={"example": "Munich office"}
    )
    country = fields.String(
        load_default="",
        validate=validate.Length(max=2),
        metadata={"description": "ISO 3166-1", "example": "DE"},
    )
    subdivision = fields.String(
        load_default="",
        validate=validate.Length(max=30),
        metadata={"description": "part of it with days of its own", "example": "BY"},
    )
    weekend = fields.List(
        fields.Integer(strict=True, validate=validate.Range(0, 6)),
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=7),
        metadata={"description": "weekdays, Monday is 0; null: the country's, else Saturday and Sunday"},
    )
    days = fields.List(
        fields.Date(),
        load_default=list,
        validate=validate.Length(
            max=holiday_days.MOST_DAYS,
            error=f"a calendar has at most {holiday_days.MOST_DAYS} days: leave out the years long past",
        ),
        metadata={"description": "days of one's own"},
    )
    ical = fields.String(
        load_default="",
        validate=validate.Length(max=holiday_days.LARGEST_FILE),
        metadata={"description": "the text of an iCalendar file, whose days are added to `days`"},
    )


class HolidayCalendarEditSchema(HolidayCalendarBodySchema):
    version = _version()


class HolidayCalendarSchema(Schema):
    """A calendar."""

    id = fields.String()
    name = fields.String()
    version = fields.Integer()
    country = fields.String()
    subdivision = fields.String()
    weekend = fields.List(fields.Integer(), metadata={"description": "weekdays, Monday is 0"})
    known_until = fields.Integer(
        allow_none=True, metadata={"description": "the last year of which the country's days are known"}
    )
    days = fields.List(fields.Date(), metadata={"description": "days of one's own"})
    holidays = fields.List(fields.Date(), metadata={"description": "the country's, observed days included"})


class HolidayCalendarLineSchema(Schema):
    """A calendar in the list."""

    id = fields.String()
    name = fields.String()
    country = fields.String()
    subdivision = fields.String()
    weekend = fields.List(fields.Integer())
    count = fields.Integer(metadata={"description": "how many days it has"})


class HolidayCalendarsSchema(Schema):
    calendars = fields.List(fields.Nested(HolidayCalendarLineSchema))
    countries = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "countries that can be named, with their parts"},
    )


def values(body: dict[str, Any]) -> PolicyValues:
    """What a body says of a policy."""
    said = {name: value for name, value in body.items() if name in PolicyValues.__dataclass_fields__}
    return PolicyValues(**said | {name: tuple(said[name]) for name in ("warn_before", "warn_after")})


def policy(row: StoredPolicy, title: str, redated: dict[str, Any] | None = None) -> dict[str, Any]:
    """A policy as `DuePolicySchema` dumps it."""
    other = {"title", "team", "calendar", "redated"}
    names = [name for name in DuePolicySchema._declared_fields if name not in other]
    plain = {name: getattr(row, name) for name in names}
    team, calendar = (other.slug if other else "" for other in (row.team, row.calendar))
    return plain | {"title": title, "team": team, "calendar": calendar, "redated": redated}


def preview(found: Preview) -> dict[str, Any]:
    """A preview as `DuePreviewSchema` dumps it."""
    named = ("moved", "dated", "by_hand", "undated", "excepted")
    plain = {name: found.counts[name] for name in named}
    plain |= {name: getattr(found, name) for name in ("late", "unsure", "looked_at", "is_whole")}
    rows = [
        {
            "id": f"AI-{row.number}",
            "text": row.text,
            "incident": row.slug,
            "due": row.old_due,
            "new_due": row.new_due,
        }
        for row in found.rows
    ]
    return plain | {"items": rows}


def deadline(item: ActionItem, row: ItemDeadline | None) -> dict[str, Any]:
    """What stands beside an item as `ItemDeadlineSchema` dumps it."""
    shown: dict[str, Any] = dict.fromkeys(ItemDeadlineSchema._declared_fields)
    shown |= {"id": item.ref, "due": item.due}
    if row is None:
        return shown
    given = {"policy": row.policy_id, "policy_due": row.due, "assign_by": row.assign_by}
    excepted = {"until": row.exception_until, "reason": row.exception_reason, "by": row.exception_by}
    exception = excepted | {"at": row.exception_at} if row.exception_until else None
    return shown | given | {"committed_at": row.committed_at, "exception": exception}


def redate(run: Redate, counts: dict[str, int]) -> dict[str, Any]:
    """A run as `DueRedateSchema` dumps it."""
    known = {name: counts.get(name, 0) for name in ("done", "kept", "undone")}
    named = {name: getattr(run, name) for name in ("id", "title", "state", "by", "at", "percent")}
    return named | known | {"policy": run.policy_id, "waiting": counts.get("", 0)}


def calendar_line(row: HolidayCalendar, count: int) -> dict[str, Any]:
    """A calendar as `HolidayCalendarLineSchema` dumps it."""
    place = {"country": row.country, "subdivision": row.subdivision}
    return {"id": row.slug, "name": row.name, "weekend": row.weekend, "count": count, **place}
