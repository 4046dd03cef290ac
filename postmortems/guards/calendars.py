"""A calendar (iCalendar) as stretches of time: bounded, whatever it holds.

A rule is understood by days, as `recurrence` does, so that no instances are expanded without end.
What is not understood is trouble, and not passed over: a window that is missed lets a deploy through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar

from postmortems.guards import recurrence
from postmortems.guards.recurrence import Rule
from postmortems.zones import ZoneInfo

MOST_BYTES = 1024 * 1024
MOST_EVENTS, MOST_SPANS = 1000, 2000
# How far a copy of the feed is looked into, and how long an event may last.
AHEAD, LONGEST = timedelta(days=62), timedelta(days=62)
# A rule that counts its instances is counted from its first day, if that is not longer ago.
LONGEST_AGO = timedelta(days=20 * 366)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Series:
    """An event: its first start as wall-clock time, its length, and on which days it comes again."""

    first: datetime
    length: timedelta
    rule: Rule | None
    last: date | None
    count: int | None
    without: frozenset[date]

    def starts(self, since: date, until: date) -> Iterator[datetime]:
        """The starts on the days from `since` to `until`."""
        day = self.first.date()
        if self.rule is None:
            if since <= day <= until:
                yield self.first
            return
        left = self.count
        if left is None:
            day = max(day, since)
        elif until - day > LONGEST_AGO:
            raise ValueError("a rule counts from too long ago; give it an end instead")
        while day <= until and (self.last is None or day <= self.last) and left != 0:
            if self.rule.falls_on(day, self.first.date()):
                left = None if left is None else left - 1
                if day >= since and day not in self.without:
                    yield datetime.combine(day, self.first.time(), self.first.tzinfo)
            day += timedelta(days=1)


def spans(content: bytes, zone: ZoneInfo, now: datetime) -> list[Span]:
    """The calendar's events around `now` as instants, in order. Raises `ValueError` with what is wrong."""
    return around(read(content, zone), now)


def read(content: bytes, zone: ZoneInfo) -> tuple[Series, ...]:
    """The calendar's events. Raises `ValueError` with what is not understood of them."""
    if len(content) > MOST_BYTES:
        raise ValueError("the calendar is larger than 1 MiB")
    try:
        calendar = Calendar.from_ical(content)
        events = [one for one in calendar.walk("VEVENT") if str(one.get("STATUS", "")) != "CANCELLED"]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as broken:
        raise ValueError(f"this is no calendar: {type(broken).__name__}") from None
    if len(events) > MOST_EVENTS:
        raise ValueError(f"the calendar has more than {MOST_EVENTS} events")
    moved = _moved(events, zone)
    return tuple(_series(event, zone, moved) for event in events)


def around(events: Iterable[Series], now: datetime) -> list[Span]:
    """When the events are on, two months around `now`, as instants in order. Raises `ValueError`."""
    since, until = (now - LONGEST).date(), (now + AHEAD).date()
    found = [
        (start.astimezone(UTC), (start + series.length).astimezone(UTC))
        for series in events
        for start in series.starts(since, until)
    ]
    if len(found) > MOST_SPANS:
        raise ValueError(f"the calendar has more than {MOST_SPANS} windows in two months")
    return sorted(span for span in found if span[1] > now - timedelta(days=1))


def _moved(events: list[Any], zone: ZoneInfo) -> dict[str, set[date]]:
    """By series, the days of which one instance was given another time."""
    found: dict[str, set[date]] = {}
    for event in events:
        if "RECURRENCE-ID" in event:
            day = _start(event["RECURRENCE-ID"].dt, zone).date()
            found.setdefault(str(event.get("UID", "")), set()).add(day)
    return found


def _series(event: Any, zone: ZoneInfo, moved: dict[str, set[date]]) -> Series:
    named = str(event.get("SUMMARY", "an event"))[:50]
    try:
        first = _start(event["DTSTART"].dt, zone)
        length = _length(event, first, zone)
        rule, last, count = (None, None, None) if "RECURRENCE-ID" in event else _rule(event, zone)
        without = frozenset(_excluded(event, zone))
    except (KeyError, AttributeError, TypeError, ValueError, OverflowError) as wrong:
        told = wrong if isinstance(wrong, ValueError) else "its start, end or rule is not understood"
        raise ValueError(f"{named!r}: {told}") from None
    if rule is not None:
        without |= frozenset(moved.get(str(event.get("UID", "")), ()))
    return Series(first, length, rule, last, count, without)


def _start(moment: Any, zone: ZoneInfo) -> datetime:
    """A day begins at its midnight, and a time without a zone is the guard's."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(), zone)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _length(event: Any, first: datetime, zone: ZoneInfo) -> timedelta:
    if "DURATION" in event:
        length: timedelta = event["DURATION"].dt
    elif "DTEND" in event:
        length = _start(event["DTEND"].dt, zone) - first
    else:
        length = timedelta(0) if isinstance(event["DTSTART"].dt, datetime) else timedelta(days=1)
    if not timedelta(0) <= length <= LONGEST:
        raise ValueError(f"it lasts longer than {LONGEST.days} days, or ends before it begins")
    return length


def _rule(event: Any, zone: ZoneInfo) -> tuple[Rule | None, date | None, int | None]:
    if "RDATE" in event:
        raise ValueError("RDATE is not understood here")
    if "RRULE" not in event:
        return None, None, None
    if isinstance(event["RRULE"], list):
        raise ValueError("it has several rules")
    parts = {name.upper(): value for name, value in event["RRULE"].items()}
    until, count = parts.pop("UNTIL", [None])[0], parts.pop("COUNT", [None])[0]
    text = ";".join(f"{name}={','.join(str(one) for one in values)}" for name, values in parts.items())
    last = None if until is None else _start(until, zone).astimezone(_start(event["DTSTART"].dt, zone).tzinfo)
    return recurrence.read(text), None if last is None else last.date(), count


def _excluded(event: Any, zone: ZoneInfo) -> Iterator[date]:
    found = event.get("EXDATE", [])
    for several in found if isinstance(found, list) else [found]:
        for one in several.dts:
            yield _start(one.dt, zone).date()
