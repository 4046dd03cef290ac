"""`window`: deploys only outside a deny window, or only inside an allow window.

Wall-clock times belong to the window's own zone, so 09:00 stays 09:00 when the clocks change. A time
that the clocks skip is taken as the instant they jump past it; one that comes twice, as the first.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from postmortems.guards import recurrence
from postmortems.guards.judging import Evidence, Judgement, Question
from postmortems.guards.kinds.base import Configuration, Kind
from postmortems.guards.spans import SOME_MONDAY, spans

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
_in_sight = validate.Range(date(1970, 1, 1), date(2199, 12, 31))


def _is_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("no such time zone; write an IANA name such as America/Los_Angeles")


def _is_rule(text: str) -> None:
    try:
        text and recurrence.read(text)
    except ValueError as wrong:
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
            "description": "deny: nothing is deployed inside the window. allow: only inside it.",
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

    @validates_schema(skip_on_field_errors=True)
    def _fits_together(self, config: dict[str, Any], **_: Any) -> None:
        first, last = config["starts_on"], config["ends_on"]
        if first and last and last < first:
            raise ValidationError("the last day is before the first", "ends_on")
        if not config["rrule"]:
            if not first:
                raise ValidationError("say which day it begins, or give a rule that repeats", "starts_on")
            return
        rule = recurrence.read(config["rrule"])
        if rule.needs_anchor and not first:
            raise ValidationError("this rule counts from a first day; say which", "starts_on")
        if not rule.ever_falls(first or SOME_MONDAY):
            raise ValidationError("no day ever fits this rule", "rrule")


class Window(Kind):
    slug = "window"
    label = "Deployment window"
    passes_when = "no deny window is active, or the allow window is, with time left for the deploy"
    Config = WindowConfig
    sample = {
        "mode": "deny",
        "tz": "America/Los_Angeles",
        "starts": "09:00",
        "ends": "19:00",
        "rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "reason": "labs",
    }

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        now = question.now.astimezone(UTC)
        if config["mode"] == "deny":
            return _judge_deny(config, now)
        return _judge_allow(config, now)


def _judge_deny(config: Configuration, now: datetime) -> Judgement:
    runway = timedelta(seconds=config["runway_s"])
    expected = "no deploy inside the window, nor one that would run into it"
    # Two closings with too short a gap between them for a deploy are one.
    closed = next(spans(config, now, gap=runway), None)
    closes = closed[0] - runway if closed else None
    if closed is None or (now < closed[0] and now <= closed[0] - runway):
        return Judgement(
            "pass", "open", _open(closes, config, now), _seen(config, now, now, closes), expected, now, closes
        )
    opens = closed[1]
    seen = _seen(config, now, opens, closes)
    again = f"until {_clock(opens, config, now)}" if opens else "with no opening in sight"
    if now >= closed[0]:
        return Judgement("fail", "frozen", f"frozen {again}{_why(config)}", seen, expected, now, None, opens)
    starts = _clock(closed[0], config, now)
    summary = (
        f"a deploy of {config['runway_s']} s would run into the freeze from {starts} {again}{_why(config)}"
    )
    return Judgement("fail", "runs_into_window", summary, seen, expected, now, None, opens)


def _judge_allow(config: Configuration, now: datetime) -> Judgement:
    runway = timedelta(seconds=config["runway_s"])
    expected = "a deploy inside the window, over before it closes"
    roomy = (span for span in spans(config, now) if span[1] is None or max(span[0], now) + runway <= span[1])
    opens, ends = next(roomy, (None, None))
    closes = ends - runway if ends else None
    if opens and opens <= now:
        return Judgement(
            "pass", "open", _open(closes, config, now), _seen(config, now, now, closes), expected, now, closes
        )
    when = f"opens {_clock(opens, config, now)}" if opens else "with no opening in sight"
    seen = _seen(config, now, opens, closes)
    return Judgement("fail", "closed", f"closed, {when}{_why(config)}", seen, expected, now, None, opens)


def _open(closes: datetime | None, config: Configuration, now: datetime) -> str:
    return (f"open until {_clock(closes, config, now)}" if closes else "open") + _why(config)


def _seen(
    config: Configuration, now: datetime, opens: datetime | None, closes: datetime | None
) -> dict[str, str | None]:
    """What a person compares: the moment, when it is open next, when a deploy must have begun."""
    return {
        "now": _local(now, config),
        "next_open": _local(opens, config),
        "begin_before": _local(closes, config),
    }


def _local(instant: datetime | None, config: Configuration) -> str | None:
    return instant.astimezone(ZoneInfo(config["tz"])).isoformat() if instant else None


def _clock(instant: datetime, config: Configuration, now: datetime) -> str:
    """`19:00 PST`; on another day `Mon 29 Jan 09:00 PST`, in another year with the year."""
    zone = ZoneInfo(config["tz"])
    local, today = instant.astimezone(zone), now.astimezone(zone)
    day = "" if local.date() == today.date() else f"{local:%a} {local.day} {local:%b} "
    year = "" if local.year == today.year else f"{local.year} "
    return f"{day}{year}{local:%H:%M %Z}"


def _why(config: Configuration) -> str:
    return f" ({config['reason']})" if config["reason"] else ""
