"""The times of a timeline, each read in its context: its day, its zone, and what does not fit.

Nothing is converted and nothing is repaired. A time keeps the words in which it was written; the reading
stands beside it, and what looks wrong gets a warning for a person, never a better value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any

from postmortems.document.model import Document, Entry, Prose, Section
from postmortems.document.parse_cache import Kept, by_object
from postmortems.document.times import day_headings, instants, prefix, zones
from postmortems.document.times.dates import (
    Order,
    date_in,
    day_for_all,
    day_in,
    named_date,
    order_of,
    orders,
    resolved,
    say_the_same,
)
from postmortems.document.times.grammar import Clock, Stated
from postmortems.document.times.incident_dates import date_of_name, incident_date
from postmortems.document.times.prefix import is_time

__all__ = [
    "Reading",
    "date_in",
    "date_of_name",
    "incident_date",
    "is_time",
    "read_entries",
    "stated_zone",
]

# Only from here to there is a smaller number a new day; anything else that goes back is a slip of the pen.
EARLY = time(6)
OVER_MIDNIGHT = ((time(17), EARLY), (time(20), time(8)))
# Readings that are held, and how long the words are of what they were read from.
MOST_HELD, LONGEST_HELD = 8_192, 300
_TIMELINES: Kept[tuple[Reading, ...]] = Kept(200_000, 50_000)
FAR_FROM_THE_INCIDENT = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Reading:
    """What an entry's time says. `at` and `until` are local; `zone` is as somebody stated it, or `""`.

    `instant` is the same moment in UTC, where an offset or a zone is known: what lasted how long, and what
    came first, is told by instants. It is None for a day, and for a time that the clocks skipped.
    """

    at: datetime | None = None
    until: datetime | None = None
    precision: str | None = None
    approximate: bool = False
    zone: str = ""
    warnings: tuple[str, ...] = ()
    instant: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Context:
    """What is known where an entry stands: the day, the entry above it, the incident's day, the zone.

    `turned` is the day that somebody called the next one, or began with the `24:00` of the one before.
    """

    day: Date | None
    incident: Date | None
    order: Order
    zone: str
    timezone: str
    before: Reading | None = None
    turned: Date | None = None


def read_entries(document: Document, *, name: str = "") -> tuple[Reading, ...]:
    """A reading for each entry of the document, in order; `name` is that of its file."""
    return _read_entries(document, name if named_date(name) else "")


# A save asks for those of one document three times.
@by_object(most=4, is_same=say_the_same)
def _read_entries(document: Document, name: str) -> tuple[Reading, ...]:
    order = order_of(document, name)
    context = _Context(None, incident_date(document, name), order, "", document.timezone)
    context = replace(context, zone=document.timezone or zones.for_all(document))
    return tuple(reading for section in document.sections for reading in _timeline(section, context))


def _timeline(section: Section, context: _Context) -> tuple[Reading, ...]:
    """The readings of a section: an edit of what its entries say leaves them as they were."""
    told = [
        block.written if isinstance(block, Entry) else block
        for block in section.blocks
        if isinstance(block, Entry | Prose)
    ]
    if not section.entries:
        return ()
    key = (section.heading, tuple(told), context)
    found = _TIMELINES.get(key)
    if found is None:
        found = tuple(_section(section, context))
        size = sum(len(each if isinstance(each, str) else each.text) for each in told)
        _TIMELINES.put(key, found, len(section.heading) + size)
    return found


def stated_zone(document: Document, readings: tuple[Reading, ...]) -> str:
    """The zone of a document as somebody stated it: for all of it, in its timeline, in its text."""
    stated = document.timezone or next((reading.zone for reading in readings if reading.zone), "")
    # What ISO 8601 writes behind a time is no name that a reader would give the zone.
    stated = "UTC" if stated == "Z" else stated
    return stated or zones.for_all(document) or zones.of_prose(document)


def _section(section: Section, context: _Context) -> Iterator[Reading]:
    zone = _stated_zone(section) or context.zone
    day = first = date_in(section.heading, context.incident, context.order) or context.incident
    is_for_all = is_begun = False
    context = replace(context, zone=zone)
    moved: dict[str, Any] = {}
    for block in section.blocks:
        if isinstance(block, Prose):
            stated = day_for_all(block.text, day, context.order)
            called = day_headings.day(block.text, day_headings.Around(day, first, is_begun))
            day = stated or day_in(block.text, day, context.order) or called or day
            is_for_all = is_for_all or stated is not None
            context = replace(context, zone=_zone_of_headings(block.text) or context.zone)
        elif isinstance(block, Entry):
            if moved or context.day != day:
                context, moved = replace(context, day=day, **moved), {}
            reading = _read(block.written, context)
            zoned = reading if reading.zone or not context.zone else replace(reading, zone=context.zone)
            yield zoned
            is_begun = True
            day = reading.at.date() if reading.at and not is_for_all else day
            if _turns(block):
                moved["turned"] = day
            if _orders(reading, context.before):
                moved["before"] = zoned


def _turns(entry: Entry) -> bool:
    """Whether an entry says that another day begins: "next day", `24:00`."""
    stamp = prefix.of_entry(entry.written)
    if stamp is None:
        return False
    day, clock = stamp.stated.day, stamp.stated.clock
    return bool(day and day.is_next and day.day is None) or bool(clock and clock.is_end_of_day)


def _orders(reading: Reading, before: Reading | None) -> bool:
    """Whether what follows is compared with this entry: one that has no instant hides none that has one."""
    has_clock = reading.at is not None and reading.precision != "day"
    return has_clock and (reading.instant is not None or before is None or before.instant is None)


def _stated_zone(section: Section) -> str:
    """The zone of a timeline: in its heading, or in what stands above its first entry."""
    zone = zones.zone_of_heading(section.heading) if section.entries else zones.zone_in(section.heading)
    for block in section.blocks:
        if zone or isinstance(block, Entry):
            break
        if isinstance(block, Prose):
            zone = zones.zone_in(block.text)
    return zone


def _zone_of_headings(text: str) -> str:
    """The zone that the heading of a day gives for it: `### 2025-07-26 (all times CEST)`."""
    headings = [line for line in text.split("\n") if line.startswith("#")]
    return zones.zone_of_heading(headings[-1]) if headings else ""


def _read(written: str, context: _Context) -> Reading:
    """The reading of a time in its context: most stay as they were when one entry is edited."""
    before = context.before.zone if context.before else ""
    if len(written) + len(context.timezone) + len(context.zone) + len(before) > LONGEST_HELD:
        return _entry(written, context)
    return _held(written, context)


def _entry(written: str, context: _Context) -> Reading:
    stamp = prefix.of_entry(written)
    if stamp is None:
        return Reading(warnings=("this is no time that can be read",) if written else ())
    stated = stamp.stated
    warnings: list[str] = []
    own = _own_day(stated, context, warnings)
    reading = Reading(approximate=stated.is_approximate, zone=stated.zone)
    if stated.day and own is None:
        return replace(reading, warnings=tuple(warnings))
    on = own or context.day
    if not stated.has_clock or (stated.is_unknown and own):
        at = datetime.combine(on, time()) if on else None
        last = resolved(stated.until_day, on, context.order) if stated.until_day and on else None
        until = datetime.combine(last, time()) if last else None
        return replace(reading, at=at, until=until, precision="day" if at else None, warnings=tuple(warnings))
    start = _clock(stated, warnings)
    if on is None and start is not None:
        warnings.append("no date is given for this time")
    if start is None or on is None:
        return replace(reading, warnings=tuple(warnings))
    at = datetime.combine(on, start)
    if stated.clock and stated.clock.is_end_of_day and not _is_turned(at, own, context):
        if on == Date.max:
            return replace(reading, warnings=(*warnings, "there is no such time"))
        at = datetime.combine(_next(on), start)
    return _timed(reading, stated, at, own, context, warnings)


def _is_turned(at: datetime, own: Date | None, context: _Context) -> bool:
    """Whether the entry above is the same `24:00`, with which the day was over."""
    before = context.before.at if context.before else None
    return own is None and before == at and context.turned == at.date()


def _timed(
    reading: Reading,
    stated: Stated,
    at: datetime,
    own: Date | None,
    context: _Context,
    warnings: list[str],
) -> Reading:
    """The reading with its local time, its instant and its end."""
    words = reading.zone or context.zone or (context.before.zone if context.before else "")
    clocks = instants.Clocks(words, context.timezone)
    at, instant = _in_order(at, clocks, context.before, own, warnings)
    if instant is None and clocks.skips(at):
        warnings.append(f"there was no such time in {clocks.name}: the clocks went forward")
    precision = "second" if stated.clock and stated.clock.second is not None else "minute"
    until = _until(stated, at, clocks, context, warnings)
    return replace(
        reading, at=at, until=until, precision=precision, instant=instant, warnings=tuple(warnings)
    )


_held = lru_cache(maxsize=MOST_HELD)(_entry)


def _own_day(stated: Stated, context: _Context, warnings: list[str]) -> Date | None:
    """The date that the entry itself states."""
    if stated.day is None:
        return None
    incident, order = context.incident, context.order
    own = (
        context.day
        if _is_same_next(stated, context)
        else resolved(stated.day, context.day or incident, order)
    )
    if own is None and stated.day.is_next:
        warnings.append("no date is given for this time")
    elif own is None and stated.day.is_possible:
        warnings.append("no year is given for this date")
    elif own is None:
        warnings.append("this date cannot be read, or there is no such day")
    elif (
        stated.day.unordered
        and not order.is_certain
        and {resolved(each, own) for each in orders(stated.day)} - {own, None}
    ):
        warnings.append(f"day and month could be the other way round; read as {own.isoformat()}")
    if own and incident and abs(own - incident) > FAR_FROM_THE_INCIDENT:
        warnings.append(f"this date is far from the incident's, {incident.isoformat()}")
    return own


def _is_same_next(stated: Stated, context: _Context) -> bool:
    """Whether the day that is called the next one is the one that was called so above: the clock went on."""
    if not stated.day or not stated.day.is_next or stated.day.day or context.turned != context.day:
        return False
    start, before = _clock(stated, []), context.before
    return bool(
        start and before and before.at and before.at.date() == context.day and start >= before.at.time()
    )


def _clock(stated: Stated, warnings: list[str]) -> time | None:
    clock = stated.clock
    if clock is None:
        return None
    if clock.is_end_of_day:
        return time()
    if not clock.is_possible:
        warnings.append("there is no such time")
        return None
    if clock.meridiem == "a" and clock.hour > 12:
        warnings.append("a time in the afternoon that says AM")
    return _time(clock, clock.meridiem or _borrowed(clock, stated.until))


def _borrowed(clock: Clock, until: Clock | None) -> str:
    """`00:25 - 00:29 AM`: what stands behind the end holds for the beginning, unless it then came later."""
    if until is None or not until.meridiem or not until.is_possible or clock.hour > 12:
        return ""
    start, end = _time(clock, until.meridiem), _time(until, until.meridiem)
    if start <= end:
        return until.meridiem
    return "a" if until.meridiem == "p" else "p"


def _time(clock: Clock, meridiem: str) -> time:
    hour = clock.hour
    if meridiem == "p" and hour < 12:
        hour += 12
    if meridiem == "a" and hour == 12:
        hour = 0
    return time(hour, clock.minute, clock.second or 0)


def _in_order(
    at: datetime,
    clocks: instants.Clocks,
    before: Reading | None,
    own: Date | None,
    warnings: list[str],
) -> tuple[datetime, datetime | None]:
    """The time after the one above it, with its instant.

    Past midnight where that is what happened, in the second pass of an hour that came twice where only that
    is in order, else with a warning.
    """
    instant = clocks.instant(at)
    if before is None or before.at is None:
        return at, instant
    if own is None and before.instant and instant:
        at = clocks.nearest_day(at, before.at, before.instant)
        instant = clocks.instant(at)
    if not _is_before(at, instant, before):
        return at, instant
    if own is None and at < before.at and _is_past_midnight(before.at, at):
        # One day holds for all entries, and the one above is past its midnight already.
        at = datetime.combine(before.at.date(), at.time())
        return at, clocks.instant(at)
    if own is None and _is_over_midnight(before.at.time(), at.time()) and at < before.at:
        at = datetime.combine(_next(before.at.date()), at.time())
        return at, clocks.instant(at)
    second = clocks.instant(at, is_second=True)
    if instant != second and not _is_before(at, second, before):
        warnings.append("this time came twice; read as the second, behind the entry above it")
        return at, second
    warnings.append("earlier than the entry above it")
    return at, instant


def _is_past_midnight(above: datetime, at: datetime) -> bool:
    is_day_after = above.date() > at.date() and above.date() == _next(at.date())
    return is_day_after and above.time() <= at.time() < EARLY


def _is_over_midnight(evening: time, morning: time) -> bool:
    return any(evening >= late and morning < early for late, early in OVER_MIDNIGHT)


def _is_before(at: datetime, instant: datetime | None, other: Reading) -> bool:
    if instant and other.instant:
        return instant < other.instant
    return other.at is not None and at < other.at


def _until(
    stated: Stated, at: datetime, clocks: instants.Clocks, context: _Context, warnings: list[str]
) -> datetime | None:
    if stated.until is None:
        return None
    day = resolved(stated.until_day, at.date(), context.order) if stated.until_day else at.date()
    if stated.until.is_end_of_day:
        return datetime.combine(_next(day or at.date()), time())
    if not stated.until.is_possible:
        warnings.append("there is no such time to end at")
        return None
    end = _time(stated.until, stated.until.meridiem)
    until = datetime.combine(day or at.date(), end)
    if until < at and stated.until_day is None and _is_over_midnight(at.time(), end):
        return datetime.combine(_next(until.date()), end)
    ends = instants.Clocks(stated.until_zone, context.timezone) if stated.until_zone else clocks
    begun, ended = clocks.instant(at), ends.instant(until, is_second=True)
    if ended < begun if begun and ended else until < at:
        warnings.append("ends before it begins")
    return until


def _next(day: Date) -> Date:
    """The day after; the last day that there is has none."""
    return day if day == Date.max else day + timedelta(days=1)
