"""The configuration of a `window` guard: its own days and times, or a calendar."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from postmortems.egress import kept_urls
from postmortems.egress.client import Refused
from postmortems.guards.kinds.window import calendar
from postmortems.guards.kinds.window import rrule as window_rrule
from postmortems.guards.kinds.window.occurrences import SOME_MONDAY
from postmortems.guards.probing import request_headers
from postmortems.zone_tables import ZoneInfo, available_timezones

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
# Of a calendar that is kept in the guard itself.
LONGEST_CALENDAR = 65_536
_in_sight = validate.Range(date(1970, 1, 1), date(2199, 12, 31))


def _is_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("no such time zone; write an IANA name such as America/Los_Angeles")


def _is_rule(text: str) -> None:
    try:
        text and window_rrule.read(text)
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from wrong


def _is_feed(text: str) -> None:
    try:
        if text:
            kept_urls.check(text, instead=request_headers.INSTEAD)
    except Refused as wrong:
        raise ValidationError(str(wrong)) from wrong


_is_clock = validate.Regexp(
    re.compile(rf"(?:{CLOCK.pattern})\Z"),
    error="write a time of day such as 09:00, or 24:00 for the day's end",
)


class WindowConfig(Schema):
    """When the window is open; every time is wall-clock time in `tz`."""

    mode = fields.String(
        load_default="deny",
        validate=validate.OneOf(["deny", "allow"]),
        metadata={
            "label": "Inside the window",
            "description": "deny: nothing is deployed inside the window. allow: only inside it; of two "
            "allow guards on one target both must be open, so put several times into one calendar.",
        },
    )
    tz = fields.String(
        required=True,
        validate=_is_zone,
        metadata={
            "label": "Time zone",
            "description": "The IANA zone whose clocks the window follows, also when they change.",
            "example": "America/Los_Angeles",
        },
    )
    starts = fields.String(
        load_default="00:00",
        validate=_is_clock,
        metadata={"label": "Starts", "description": "Time of day it begins.", "example": "09:00"},
    )
    ends = fields.String(
        load_default="24:00",
        validate=_is_clock,
        metadata={
            "label": "Ends",
            "description": "Time of day it is over; a time at or before the start is on the next day.",
            "example": "19:00",
        },
    )
    ends_after_days = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(0, 31),
        metadata={
            "label": "Ends days later",
            "description": "How many days after it begins it ends: 3 for Friday evening to Monday morning.",
        },
    )
    rrule = fields.String(
        load_default="",
        validate=[validate.Length(max=300), _is_rule],
        metadata={
            "label": "Repeats",
            "description": "An iCalendar rule, FREQ=DAILY, WEEKLY, MONTHLY or YEARLY. Empty: only once.",
            "example": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        },
    )
    starts_on = fields.Date(
        allow_none=True,
        validate=_in_sight,
        load_default=None,
        metadata={
            "label": "First day",
            "description": "The first day it may begin; needed when it happens once or at an interval.",
            "example": "2018-01-16",
        },
    )
    ends_on = fields.Date(
        allow_none=True,
        validate=_in_sight,
        load_default=None,
        metadata={"label": "Last day", "description": "The last day it may begin; empty for ever."},
    )
    exdates = fields.List(
        fields.Date(),
        load_default=list,
        validate=validate.Length(max=366),
        metadata={"label": "Except on", "description": "Days on which it does not begin, one per line."},
    )
    ics_url = fields.String(
        load_default="",
        validate=[validate.Length(max=2000), _is_feed],
        metadata={
            "label": "Calendar's address",
            "description": "A feed (iCalendar) whose events are the windows, instead of the fields above.",
            "example": "https://calendar.example.org/labs.ics",
        },
    )
    ics_text = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_CALENDAR),
        metadata={
            "label": "Or a calendar's text",
            "description": "A calendar (iCalendar), pasted here whole, whose events are the windows.",
            "is_long": True,
        },
    )
    headers = request_headers.field()
    ics_stale_after_s = fields.Integer(
        strict=True,
        load_default=86_400,
        validate=validate.Range(300, 2_592_000),
        metadata={
            "label": "Copy holds for, in seconds",
            "description": "How long the last copy of the feed is used when it cannot be read.",
        },
    )
    runway_s = fields.Integer(
        strict=True,
        load_default=900,
        validate=validate.Range(0, 86_400),
        metadata={
            "label": "Length of a deploy, in seconds",
            "description": "A deploy begun so close to closing time that it would run into it is refused.",
        },
    )
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={
            "label": "Reason",
            "description": "What the window protects, in a word or two; every refusal shows it.",
            "example": "labs",
        },
    )

    @post_load
    def _as_a_form_sends_it(self, config: dict[str, Any], **_: Any) -> dict[str, Any]:
        return config | {"ics_text": config["ics_text"].replace("\r\n", "\n").strip()}

    @validates_schema(skip_on_field_errors=True)
    def _is_calendar(self, config: dict[str, Any], **_: Any) -> None:
        if config["ics_text"]:
            if config["ics_url"] or config["rrule"] or config["starts_on"]:
                raise ValidationError("either a calendar's text, or a feed, or days of its own", "ics_text")
            try:
                calendar.read(config["ics_text"].encode(), ZoneInfo(config["tz"]))
            except ValueError as wrong:
                raise ValidationError(str(wrong), "ics_text") from wrong

    @validates_schema(skip_on_field_errors=True)
    def _fits_together(self, config: dict[str, Any], **_: Any) -> None:
        first, last = config["starts_on"], config["ends_on"]
        if first and last and last < first:
            raise ValidationError("the last day is before the first", "ends_on")
        if config["ics_url"]:
            if config["rrule"] or first:
                raise ValidationError("either a feed or days of its own", "ics_url")
            return
        if config["ics_text"]:
            return
        if not config["rrule"]:
            if not first:
                raise ValidationError("say which day it begins, or give a rule that repeats", "starts_on")
            return
        rule = window_rrule.read(config["rrule"])
        if rule.needs_anchor and not first:
            raise ValidationError("this rule counts from a first day; say which", "starts_on")
        if not rule.ever_falls(first or SOME_MONDAY):
            raise ValidationError("no day ever fits this rule", "rrule")
