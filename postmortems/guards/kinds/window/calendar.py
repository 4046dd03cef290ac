"""A calendar (iCalendar) as spans of time, bounded whatever it holds.

A rule is understood by days, as `rrule` does, so that no instances are expanded without end.
What is not understood is trouble, and not passed over: a window that is missed lets a deploy through.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from postmortems import limits
from postmortems.guards.kinds.window import ical, rrule
from postmortems.guards.kinds.window.calendar_zones import CalendarZones
from postmortems.guards.kinds.window.ical import Component, Length, Line, Moment
from postmortems.guards.kinds.window.rrule import Rule

MOST_BYTES = limits.CALENDAR
MOST_EVENTS, MOST_SPANS = 1000, 2000
# How far ahead a copy of the feed is read, and how long an event may last.
AHEAD, LONGEST, ONE_DAY = timedelta(days=62), timedelta(days=62), timedelta(days=1)
# A rule that counts its instances is counted from its first day, so far at most.
LONGEST_AGO = timedelta(days=20 * 366)
# To-dos and journals are no stretches of time; of free and busy times we would have to know whose they are.
PASSED_OVER = {"VTODO", "VJOURNAL"}
# A calendar may be published, or come as an invitation; other methods say what to do with another one.
METHODS = {"", "PUBLISH", "REQUEST"}
STATUSES = {"", "TENTATIVE", "CONFIRMED", "CANCELLED"}
NOT_OF_RULES = ("BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS", "BYWEEKNO", "BYYEARDAY", "RSCALE")
# What differs between two copies of one event.
OF_A_COPY = {"DTSTAMP", "CREATED", "LAST-MODIFIED"}

_midnight = re.compile(r"T000000Z?\Z")

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Series:
    """An event: its first start, its length, when it comes again, and which starts are taken out."""

    first: Moment
    length: Length
    rule: Rule | None = None
    until: datetime | None = None
    count: int | None = None
    more: tuple[tuple[Moment, Length], ...] = ()
    without: frozenset[datetime] = frozenset()

    def spans(self, since: date, until: date) -> Iterator[Span]:
        """Those that start on the days from `since` to `until`, as instants."""
        listed = [(start, self.length) for start in self._starts(since, until)]
        for start, length in {each[0].instant: each for each in [*listed, *self.more]}.values():
            if since <= start.wall.date() <= until and start.instant not in self.without:
                yield start.instant, start.after(length)

    def _starts(self, since: date, until: date) -> Iterator[Moment]:
        # The first start is one whether or not it is on a day of its rule.
        yield self.first
        first_day = self.first.wall.date()
        if self.rule is None or until < first_day:
            return
        left = None if self.count is None else self.count - 1
        day = first_day + ONE_DAY
        day = day if left is not None else max(day, since)
        while day <= until and left != 0:
            if left is not None and day - first_day > LONGEST_AGO:
                raise ValueError("a rule counts from too long ago; give it an end instead")
            if self.rule.falls_on(day, first_day):
                start = self.first.on(datetime.combine(day, self.first.wall.time()))
                if self.until is not None and start.instant > self.until:
                    return
                left = None if left is None else left - 1
                yield start
            day += ONE_DAY


def spans(content: bytes, zone: tzinfo, now: datetime) -> list[Span]:
    """The calendar's events around `now` as instants, in order. Raises `ValueError` with what is wrong."""
    return around(read(content, zone), now)


def read(content: bytes, zone: tzinfo) -> tuple[Series, ...]:
    """The calendar's events. Raises `ValueError` with what is not understood of them."""
    if len(content) > MOST_BYTES:
        raise ValueError(f"the calendar is larger than {limits.in_mb(MOST_BYTES)}")
    calendar = ical.read(content)
    method = calendar.text("METHOD").upper()
    if method not in METHODS:
        raise ValueError(f"METHOD:{method[:20]}: this is a message about a calendar, not a calendar")
    others = {part.name for part in calendar.parts} - {"VEVENT", "VTIMEZONE"}
    events = [part for part in calendar.parts if part.name == "VEVENT"]
    if strange := sorted(others - PASSED_OVER) or (sorted(others) if not events else []):
        raise ValueError(f"{strange[0][:30]} is not understood here; write VEVENT")
    if any(part.name == "VEVENT" for one in calendar.parts for part in one.parts):
        raise ValueError("an event of it stands inside another part; write each VEVENT for itself")
    if len(events) > MOST_EVENTS:
        raise ValueError(f"the calendar has more than {MOST_EVENTS} events")
    reading = _Reading(CalendarZones(calendar), zone)
    by_uid: dict[str, list[Component]] = defaultdict(list)
    for place, event in enumerate(events):
        with _about(event):
            by_uid[event.text("UID") or f"\0{place}"].append(event)
    return tuple(series for same in by_uid.values() for series in reading.of_one_uid(same))


def around(events: Iterable[Series], now: datetime) -> list[Span]:
    """When the events are on, two months around `now`, as instants in order. Raises `ValueError`."""
    now = now.astimezone(UTC)
    # The days are those of the events' zones, which are a day off UTC's at most.
    since, until = (now - LONGEST).date() - ONE_DAY, (now + AHEAD).date() + ONE_DAY
    found = [span for series in events for span in series.spans(since, until)]
    if len(found) > MOST_SPANS:
        raise ValueError(f"the calendar has more than {MOST_SPANS} windows in two months")
    return sorted(span for span in found if span[1] > now - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One calendar being read: its own zones, and the guard's for times without one."""

    zones: CalendarZones
    zone: tzinfo

    def of_one_uid(self, events: list[Component]) -> Iterator[Series]:
        """An event and the instances of it that were changed or cancelled, in whatever order they stand."""
        masters = [event for event in events if not event.all("RECURRENCE-ID")]
        master = _newest(masters) if masters else None
        start = None
        if master is not None and not _is_cancelled(master):
            with _about(master):
                start = self.start(master)
        of_instant: dict[datetime, list[Component]] = defaultdict(list)
        for event in events:
            if event.all("RECURRENCE-ID"):
                with _about(event):
                    of_instant[self.replaced(event, start)].append(event)
        if master is not None and start is not None:
            with _about(master):
                yield self.series(master, start, frozenset(of_instant))
        for same in of_instant.values():
            event = _newest(same)
            if not _is_cancelled(event):
                with _about(event):
                    yield self.single(event)

    def series(self, event: Component, start: Moment, replaced: frozenset[datetime]) -> Series:
        if event.all("EXRULE"):
            raise ValueError("EXRULE is not understood here; name the days with EXDATE")
        length = self.length(event, start)
        rule, until, count = self.rule(event, start)
        if count is not None and rule is not None and not rule.falls_on(start.wall.date(), start.wall.date()):
            raise ValueError(
                "it counts instances from a start that is no day of its rule; begin on such a day"
            )
        more = tuple(self.more(event, start, length))
        without = frozenset(
            self.like(start, line, value).instant
            for line in event.all("EXDATE")
            for value in line.value.split(",")
        )
        return Series(start, length, rule, until, count, more, without | replaced)

    def single(self, event: Component) -> Series:
        """An instance that was given other times."""
        for name in ("RRULE", "RDATE", "EXDATE", "EXRULE"):
            if event.all(name):
                raise ValueError(f"{name} does not go with RECURRENCE-ID")
        start = self.start(event)
        return Series(start, self.length(event, start))

    def start(self, event: Component) -> Moment:
        line = event.one("DTSTART")
        if line is None:
            raise ValueError("it has no DTSTART")
        return self.moment(line, line.value)

    def moment(self, line: Line, value: str, zone: tzinfo | None = None) -> Moment:
        """A time without a zone of its own is in `zone`, and where none is given in the guard's."""
        named = line.parameters.get("TZID")
        # RFC 5545 §3.2.19: a day has no zone, nor has a time in UTC.
        is_local = "T" in value.upper() and not value.strip().upper().endswith("Z")
        if named and is_local:
            return ical.moment(line, value, self.zones.named(named))
        return ical.moment(line, value, (zone if is_local else None) or self.zone)

    def like(self, start: Moment, line: Line, value: str) -> Moment:
        """A moment that stands for a start: a day where that is one, a time where that is one."""
        found = self.moment(line, value, start.zone)
        if found.is_day is not start.is_day:
            are = ("a day", "a time") if found.is_day else ("a time", "a day")
            raise ValueError(f"its {line.name} names {are[0]}, and its start is {are[1]}")
        return found

    def replaced(self, event: Component, start: Moment | None) -> datetime:
        """The start that a changed or cancelled instance had: an instant, however it is written."""
        line = event.one("RECURRENCE-ID")
        assert line is not None
        if not event.text("UID"):
            raise ValueError("it has a RECURRENCE-ID and no UID that says of which event")
        if line.parameters.get("RANGE"):
            raise ValueError("RANGE=THISANDFUTURE is not understood here; end the event and begin another")
        return (self.like(start, line, line.value) if start else self.moment(line, line.value)).instant

    def length(self, event: Component, start: Moment) -> Length:
        duration, end = event.one("DURATION"), event.one("DTEND")
        if duration is not None and end is not None:
            raise ValueError("it has both an end and a duration")
        if duration is not None:
            return _checked(start, ical.duration(duration, duration.value))
        if end is not None:
            return self.until_end(start, self.like(start, end, end.value))
        return _checked(start, Length())

    def until_end(self, start: Moment, end: Moment) -> Length:
        """RFC 5545 §3.8.5.3: by an end, every instance takes exactly as long as the first."""
        if end.instant < start.instant:
            raise ValueError("it ends before it begins")
        if start.is_day:
            return _checked(start, Length(end.wall - start.wall))
        return _checked(start, Length(exact=end.instant - start.instant))

    def rule(self, event: Component, start: Moment) -> tuple[Rule | None, datetime | None, int | None]:
        lines = event.all("RRULE")
        if not lines:
            return None, None, None
        if len(lines) > 1:
            raise ValueError("it has several rules")
        parts = dict(part.partition("=")[::2] for part in lines[0].value.upper().strip(";").split(";"))
        until, count = parts.pop("UNTIL", None), parts.pop("COUNT", None)
        if until and count:
            raise ValueError("its rule has both UNTIL and COUNT")
        if strange := next((name for name in NOT_OF_RULES if name in parts), None):
            raise ValueError(f"{strange} is not understood in a calendar's rule")
        if count is not None and not (count.isascii() and count.isdigit() and 0 < int(count[:9]) < 10**8):
            raise ValueError(f"COUNT must be a number from 1 on, not {count[:20]!r}")
        rule = rrule.read(";".join(f"{name}={value}" for name, value in parts.items()))
        return rule, self.last(until, start) if until else None, int(count) if count else None

    def last(self, until: str, start: Moment) -> datetime:
        """The last instant at which an instance may start; a day is meant to its end."""
        if start.is_day:
            # Midnight, in UTC or anywhere: programs that know no other form for a day write it so.
            until = _midnight.sub("", until)
        found = self.moment(Line("UNTIL", {}, until), until, start.zone)
        if found.is_day and not start.is_day:
            return Moment(found.wall + timedelta(days=1, seconds=-1), start.zone, False).instant
        return found.instant

    def more(self, event: Component, start: Moment, length: Length) -> Iterator[tuple[Moment, Length]]:
        """The single starts of RDATE; of a period its own length."""
        for line in event.all("RDATE"):
            for value in line.value.split(","):
                begins, slash, ends = value.partition("/")
                moment = self.like(start, line, begins)
                if not slash:
                    yield moment, length
                elif ends.strip().upper().startswith(("P", "+P", "-P")):
                    yield moment, _checked(moment, ical.duration(line, ends))
                else:
                    yield moment, self.until_end(moment, self.like(start, line, ends))


def _checked(start: Moment, length: Length) -> Length:
    """The length, unless it is too long; some write none, or the same day as its end, for one day."""
    if start.is_day and length.exact:
        raise ValueError("it is on whole days, and its duration is not")
    if length.days + length.exact > LONGEST:
        raise ValueError(f"it lasts longer than {LONGEST.days} days")
    return Length(max(length.days, ONE_DAY)) if start.is_day else length


@contextmanager
def _about(event: Component) -> Iterator[None]:
    """Whatever is wrong is said with the event's title."""
    try:
        yield
    except (ValueError, OverflowError) as wrong:
        told = wrong if isinstance(wrong, ValueError) else "its times are out of sight"
        raise ValueError(f"{(event.first('SUMMARY') or 'an event')[:50]!r}: {told}") from None


def _is_cancelled(event: Component) -> bool:
    with _about(event):
        status = event.text("STATUS").upper()
        if status not in STATUSES:
            raise ValueError(f"its STATUS {status[:20]!r} is none of TENTATIVE, CONFIRMED and CANCELLED")
    return status == "CANCELLED"


def _newest(events: list[Component]) -> Component:
    """Of several versions of an event the one with the highest SEQUENCE (RFC 5545 §3.8.7.4)."""
    with _about(events[0]):
        numbers = [event.text("SEQUENCE") or "0" for event in events]
        if not all(number.isascii() and number.isdigit() and len(number) < 11 for number in numbers):
            raise ValueError("its SEQUENCE is no number")
        highest = max(int(number) for number in numbers)
        last = [event for event, number in zip(events, numbers, strict=True) if int(number) == highest]
        if any(_said(event) != _said(last[0]) for event in last):
            raise ValueError("two events differ and have one UID and one SEQUENCE: which of them holds?")
    return last[0]


def _said(event: Component) -> list[tuple[str, str, list[tuple[str, str]]]]:
    return sorted(
        (line.name, line.value, sorted(line.parameters.items()))
        for line in event.lines
        if line.name not in OF_A_COPY
    )
