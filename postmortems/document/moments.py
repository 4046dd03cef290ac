"""The times of a document, each read in its context: what day it is, what zone, what does not fit.

Nothing is converted and nothing is repaired. A time keeps the words in which it was written; the reading
stands beside it, and what looks wrong gets a warning for a person, never a better value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date

from postmortems.document import stamps
from postmortems.document.dates import (
    date_in,
    date_of_name,
    day_for_all,
    day_in,
    incident_date,
    orders,
    resolved,
)
from postmortems.document.grammar import Clock, Stated
from postmortems.document.model import Document, Entry, Prose, Section
from postmortems.document.stamps import is_time
from postmortems.document.zones import zone_in
from postmortems.zones import ZoneInfo, ZoneInfoNotFoundError

__all__ = [
    "Reading",
    "date_in",
    "date_of_name",
    "incident_date",
    "instant",
    "is_time",
    "read_entries",
    "zone_warnings",
]

# Only from here to there is a smaller number a new day; anything else that goes back is a slip of the pen.
LATE_EVENING, EARLY_MORNING = time(20), time(8)
FAR_FROM_THE_INCIDENT = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Reading:
    """What an entry's time says. `at` and `until` are local; `zone` is as somebody stated it, or `""`."""

    at: datetime | None = None
    until: datetime | None = None
    precision: str | None = None
    approximate: bool = False
    zone: str = ""
    warnings: tuple[str, ...] = ()


def read_entries(document: Document, *, name: str = "") -> tuple[Reading, ...]:
    """A reading for each entry of the document, in order."""
    incident = incident_date(document, name)
    return tuple(
        reading for section in document.sections for reading in _section(section, document.timezone, incident)
    )


def _section(section: Section, timezone: str, incident: Date | None) -> Iterator[Reading]:
    zone = _stated_zone(section) or timezone
    day = date_in(section.heading, incident) or incident
    is_for_all = False
    before: datetime | None = None
    for block in section.blocks:
        if isinstance(block, Prose):
            stated = day_for_all(block.text, day)
            day, is_for_all = stated or day_in(block.text, day) or day, is_for_all or stated is not None
        elif isinstance(block, Entry):
            reading = _entry(block, day, before, incident)
            yield replace(reading, zone=reading.zone or zone)
            day = reading.at.date() if reading.at and not is_for_all else day
            before = reading.at if reading.at and reading.precision != "day" else before


def _stated_zone(section: Section) -> str:
    """The zone of a timeline: in its heading, or in what stands above its first entry."""
    zone = zone_in(section.heading)
    for block in section.blocks:
        if zone or isinstance(block, Entry):
            break
        if isinstance(block, Prose):
            zone = zone_in(block.text)
    return zone


def _entry(entry: Entry, day: Date | None, before: datetime | None, incident: Date | None) -> Reading:
    stamp = stamps.of_heading(entry.written)
    if stamp is None:
        return Reading(warnings=("this is no time that can be read",) if entry.written else ())
    stated = stamp.stated
    warnings: list[str] = []
    own = _own_day(stated, day, incident, warnings)
    reading = Reading(approximate=stated.is_approximate, zone=stated.zone)
    if stated.day and own is None:
        return replace(reading, warnings=tuple(warnings))
    on = own or day
    if not stated.has_clock or (stated.is_unknown and own):
        at = datetime.combine(on, time()) if on else None
        last = resolved(stated.until_day, on) if stated.until_day and on else None
        until = datetime.combine(last, time()) if last else None
        return replace(reading, at=at, until=until, precision="day" if at else None, warnings=tuple(warnings))
    start = _clock(stated, warnings)
    if on is None and start is not None:
        warnings.append("no date is given for this time")
    if start is None or on is None:
        return replace(reading, warnings=tuple(warnings))
    at = _in_order(datetime.combine(on, start), before, own, warnings)
    precision = "second" if stated.clock and stated.clock.second is not None else "minute"
    until = _until(stated, at, warnings)
    return replace(reading, at=at, until=until, precision=precision, warnings=tuple(warnings))


def _own_day(stated: Stated, day: Date | None, incident: Date | None, warnings: list[str]) -> Date | None:
    """The date that the entry itself states."""
    if stated.day is None:
        return None
    own = resolved(stated.day, day or incident)
    if own is None and stated.day.is_possible:
        warnings.append("no year is given for this date")
    elif own is None:
        warnings.append("this date cannot be read, or there is no such day")
    elif {resolved(each, own) for each in orders(stated.day)} - {own, None}:
        warnings.append(f"day and month could be the other way round; read as {own.isoformat()}")
    if own and incident and abs(own - incident) > FAR_FROM_THE_INCIDENT:
        warnings.append(f"this date is far from the incident's, {incident.isoformat()}")
    return own


def _clock(stated: Stated, warnings: list[str]) -> time | None:
    clock = stated.clock
    if clock is None:
        return None
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


def _in_order(at: datetime, before: datetime | None, own: Date | None, warnings: list[str]) -> datetime:
    """The time after the one above it: past midnight where that is what happened, else with a warning."""
    if before is None or at >= before:
        return at
    if own is None and before.time() >= LATE_EVENING and at.time() < EARLY_MORNING:
        return datetime.combine(_next(before.date()), at.time())
    warnings.append("earlier than the entry above it")
    return at


def _until(stated: Stated, at: datetime, warnings: list[str]) -> datetime | None:
    if stated.until is None:
        return None
    if (stated.until.hour, stated.until.minute, stated.until_day) == (24, 0, None):
        return datetime.combine(_next(at.date()), time())
    if not stated.until.is_possible:
        warnings.append("there is no such time to end at")
        return None
    day = resolved(stated.until_day, at.date()) if stated.until_day else at.date()
    end = _time(stated.until, stated.until.meridiem)
    until = datetime.combine(day or at.date(), end)
    if until < at and stated.until_day is None and at.time() >= LATE_EVENING and end < EARLY_MORNING:
        return datetime.combine(_next(until.date()), end)
    if until < at:
        warnings.append("ends before it begins")
    return until


def _next(day: Date) -> Date:
    """The day after; the last day that there is has none."""
    return day if day == Date.max else day + timedelta(days=1)


def instant(reading: Reading, zone: str) -> datetime | None:
    """The instant of a reading in a zone of the tz database, in UTC; None where there is none.

    A time that a clock skipped in spring is refused. One that came twice in autumn is the earlier.
    """
    if reading.at is None or reading.precision == "day":
        return None
    try:
        local = reading.at.replace(tzinfo=ZoneInfo(zone))
        found = local.astimezone(UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        return None
    return found if found.astimezone(local.tzinfo).replace(tzinfo=None) == reading.at else None


def zone_warnings(reading: Reading, zone: str) -> tuple[str, ...]:
    """What a person should know about a reading once its zone is known."""
    if reading.at is None or reading.precision == "day" or instant(reading, zone):
        return ()
    return (f"there was no such time in {zone}: the clocks went forward, or the zone is unknown",)
