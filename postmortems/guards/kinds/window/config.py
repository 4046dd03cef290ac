"""The configuration of a `window` guard: its own days and times, or a calendar."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from postmortems.guards.config_fields import (
    choice,
    field,
    is_url,
    is_zone,
    lines,
    or_nothing,
    readable,
    seconds,
    text,
    whole,
)
from postmortems.guards.kinds.window import calendar
from postmortems.guards.kinds.window import rrule as window_rrule
from postmortems.guards.kinds.window.occurrences import SOME_MONDAY
from postmortems.guards.probing import request_headers
from postmortems.zone_tables import ZoneInfo

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
# Of a calendar that is kept in the guard itself.
LONGEST_CALENDAR = 65_536


_is_clock = validate.Regexp(
    re.compile(rf"(?:{CLOCK.pattern})\Z"),
    error="write a time of day such as 09:00, or 24:00 for the day's end",
)


def _day(label: str, description: str, **more: Any) -> Any:
    in_sight = validate.Range(date(1970, 1, 1), date(2199, 12, 31))
    return field(fields.Date, label, description, None, validate=in_sight, **more)


class WindowConfig(Schema):
    """When the window is open; every time is wall-clock time in `tz`."""

    mode = choice(
        "Inside the window",
        "deny: nothing is deployed inside the window. allow: only inside it; of two "
        "allow guards on one target both must be open, so put several times into one calendar.",
        "deny",
        ("deny", "allow"),
    )
    tz = text(
        "Time zone",
        "The IANA zone whose clocks the window follows, also when they change.",
        is_zone,
        required=True,
        example="America/Los_Angeles",
    )
    starts = text("Starts", "Time of day it begins.", _is_clock, default="00:00", example="09:00")
    ends = text(
        "Ends",
        "Time of day it is over; a time at or before the start is on the next day.",
        _is_clock,
        default="24:00",
        example="19:00",
    )
    ends_after_days = whole(
        "Ends days later",
        "How many days after it begins it ends: 3 for Friday evening to Monday morning.",
        0,
        (0, 31),
    )
    rrule = text(
        "Repeats",
        "An iCalendar rule, FREQ=DAILY, WEEKLY, MONTHLY or YEARLY. Empty: only once.",
        validate.Length(max=300),
        or_nothing(readable(window_rrule.read)),
        example="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    )
    starts_on = _day(
        "First day",
        "The first day it may begin; needed when it happens once or at an interval.",
        example="2018-01-16",
    )
    ends_on = _day("Last day", "The last day it may begin; empty for ever.")
    exdates = lines("Except on", "Days on which it does not begin, one per line.", most=366, of=fields.Date())
    ics_url = text(
        "Calendar's address",
        "A feed (iCalendar) whose events are the windows, instead of the fields above.",
        validate.Length(max=2000),
        or_nothing(is_url),
        example="https://calendar.example.org/labs.ics",
    )
    ics_text = text(
        "Or a calendar's text",
        "A calendar (iCalendar), pasted here whole, whose events are the windows.",
        validate.Length(max=LONGEST_CALENDAR),
        is_long=True,
    )
    headers = request_headers.field()
    ics_stale_after_s = seconds(
        "Copy holds for, in seconds",
        "How long the last copy of the feed is used when it cannot be read.",
        86_400,
        least=300,
        most=2_592_000,
    )
    runway_s = seconds(
        "Length of a deploy, in seconds",
        "A deploy begun so close to closing time that it would run into it is refused.",
        900,
        most=86_400,
    )
    reason = text(
        "Reason",
        "What the window protects, in a word or two; every refusal shows it.",
        validate.Length(max=200),
        example="labs",
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
