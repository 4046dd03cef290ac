"""The times of a document, each read in its context: what day it is, what zone, what does not fit.

Nothing is converted and nothing is repaired. A time keeps the words in which it was written; the reading
stands beside it, and what looks wrong gets a warning for a person, never a better value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from postmortems.document import grammar, stamps
from postmortems.document.grammar import Clock, Day, Stated
from postmortems.document.model import Document, Entry, Prose, Section
from postmortems.document.stamps import is_time
from postmortems.document.zones import zone_in

__all__ = ["Reading", "date_in", "date_of_name", "incident_date", "instant", "is_time", "read_entries"]

# Only from here to there is a smaller number a new day; anything else that goes back is a slip of the pen.
LATE_EVENING, EARLY_MORNING = time(20), time(8)
FAR_FROM_THE_INCIDENT = timedelta(days=31)
ON_DAY = re.compile(
    r"\b(?:happened|occurred|took place|events?|times?) (?:all |are |were )*on (?=\S)", re.IGNORECASE
)
PLACES = re.compile(r"(?<![\w.-])\w")


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
            stated = _day_for_all(block.text, day)
            day, is_for_all = stated or _day_in(block.text, day) or day, is_for_all or stated is not None
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


def _day_in(text: str, near: Date | None) -> Date | None:
    """The last day that stands on a line of its own."""
    found = None
    for line in text.split("\n"):
        stamp = stamps.of_line(line.lstrip("# "))
        if stamp and stamp.is_day and stamp.stated.day:
            found = _date(stamp.stated.day, near) or found
    return found


def _day_for_all(text: str, near: Date | None) -> Date | None:
    """The day of every entry that says no other: "unless noted, all events happened on 2019-10-21"."""
    line = " ".join(text.split())
    match = ON_DAY.search(line)
    day = grammar.day_at(line, match.end()) if match else None
    return _date(day[0], near) if day else None


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
        return replace(reading, at=at, precision="day" if at else None, warnings=tuple(warnings))
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
    own = _date(stated.day, day or incident)
    if own is None and stated.day.is_possible:
        warnings.append("no year is given for this date")
    elif own is None:
        warnings.append("this date cannot be read, or there is no such day")
    elif {_date(each, own) for each in _orders(stated.day)} - {own, None}:
        warnings.append(f"day and month could be the other way round; read as {own.isoformat()}")
    if own and incident and abs(own - incident) > FAR_FROM_THE_INCIDENT:
        warnings.append(f"this date is far from the incident's, {incident.isoformat()}")
    return own


def _orders(day: Day) -> list[Day]:
    """What a date of two small numbers can mean."""
    if not day.unordered:
        return [day]
    return [replace(day, unordered=False), replace(day, month=day.day, day=day.month, unordered=False)]


def _date(day: Day, near: Date | None) -> Date | None:
    """The date that is meant: a year or an order that is open is the one nearest to what is around."""
    if not day.is_possible or day.month is None or day.day is None:
        return None
    years = [near.year + step for step in (0, -1, 1)] if near and day.year is None else [day.year]
    dates = [date for each in _orders(day) for year in years if (date := _existing(year, each))]
    if not dates:
        return None
    return min(dates, key=lambda date: abs(date - near)) if near else dates[0]


def _existing(year: int | None, day: Day) -> Date | None:
    try:
        return Date(year, day.month, day.day) if year and day.month and day.day else None
    except ValueError:
        return None


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
    if until is None or not until.meridiem or clock.hour > 12:
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
        return datetime.combine(before.date() + timedelta(days=1), at.time())
    warnings.append("earlier than the entry above it")
    return at


def _until(stated: Stated, at: datetime, warnings: list[str]) -> datetime | None:
    if stated.until is None:
        return None
    if not stated.until.is_possible:
        warnings.append("there is no such time to end at")
        return None
    day = _date(stated.until_day, at.date()) if stated.until_day else at.date()
    end = _time(stated.until, stated.until.meridiem)
    until = datetime.combine(day or at.date(), end)
    if until < at and stated.until_day is None and at.time() >= LATE_EVENING and end < EARLY_MORNING:
        return until + timedelta(days=1)
    if until < at:
        warnings.append("ends before it begins")
    return until


def date_in(text: str, near: Date | None = None) -> Date | None:
    """The first date that a line of text names; whole, unless something is near it."""
    for place in PLACES.finditer(text[:500]):
        found = grammar.day_at(text, place.start())
        if found and (found[0].is_whole or near):
            return _date(found[0], near)
    return None


def _named_date(name: str) -> Date | None:
    """The date in a file's name: `2018-01-25-merge.md`, `20180125_merge.md`."""
    base = re.split(r"[/\\]", name)[-1].replace("_", "-")
    base = re.sub(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)", r"\1-\2-\3 ", base)
    return date_in(re.sub(r"(\d{4}-\d\d-\d\d)-", r"\1 ", base))


def _first_date(document: Document) -> Date | None:
    """The first whole date in a timeline, an entry's or a day's."""
    for section in document.sections if document.entries else ():
        for block in section.blocks:
            stamp = stamps.of_heading(block.written) if isinstance(block, Entry) else None
            date = _date(stamp.stated.day, None) if stamp and stamp.stated.day else None
            date = _day_in(block.text, None) if isinstance(block, Prose) and section.entries else date
            if date:
                return date
    return None


def incident_date(document: Document, name: str = "") -> Date | None:
    """The day of the incident: from front matter, title, file name, first entry, in this order.

    Titles are copied from older reports; a title against which both file name and first entry stand is one.
    """
    if document.date:
        return document.date
    stated = next((raw for key, raw in document.extra if key == "date"), "")
    titled = date_in(stated.strip("\"'")) or date_in(document.title) or date_in(document.heading)
    named, first = _named_date(name), _first_date(document)
    if titled and (named is None or named != first):
        return titled
    return named or first


def date_of_name(document: Document, name: str) -> Document:
    """The document with the date that only its file's name tells; the name is not there when it is read again."""
    date = incident_date(document, name)
    if name and date and date == _named_date(name) and incident_date(document) != date:
        return replace(document, date=date)
    return document


def instant(reading: Reading, zone: str) -> datetime | None:
    """The instant of a reading in a zone of the tz database, in UTC; None where there is none.

    A time that a clock skipped in spring is refused. One that came twice in autumn is the earlier.
    """
    if reading.at is None or reading.precision == "day":
        return None
    try:
        local = reading.at.replace(tzinfo=ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    found = local.astimezone(UTC)
    return found if found.astimezone(local.tzinfo).replace(tzinfo=None) == reading.at else None


def zone_warnings(reading: Reading, zone: str) -> tuple[str, ...]:
    """What a person should know about a reading once its zone is known."""
    if reading.at is None or reading.precision == "day" or instant(reading, zone):
        return ()
    return (f"there was no such time in {zone}: the clocks went forward, or the zone is unknown",)
