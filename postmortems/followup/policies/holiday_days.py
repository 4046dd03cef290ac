"""Holidays as days: of a country or part of one by the library `holidays`, from an iCalendar file or a list.

Names of holidays change from one release of the library to the next, so days are kept and names are not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from dateutil import rrule

from postmortems.errors import Invalid, Problem
from postmortems.followup.policies.business_days import DAY

# The two libraries not with the application: they take memory that few processes ever need.
if TYPE_CHECKING:
    from icalendar import Event

# Thirty days a year for more than a century and a half.
MOST_DAYS = 5_000
# Of a file, days with those that are said twice, and events that come again: a file is read in seconds.
MOST_GIVEN, MOST_REPEATED = 20_000, 300
LARGEST_FILE = 1024 * 1024
# What is given once a year is kept for so many years from the present one.
YEARS_AHEAD = 10
LONGEST_EVENT = timedelta(days=366)
# What the libraries raise for text that is none; OSError for a zone that is a folder of the tables.
UNREADABLE = (
    *(ValueError, LookupError, TypeError, AttributeError),
    *(OSError, RecursionError, OverflowError),
)
FIRST_YEAR, LAST_YEAR = 1970, 2200
FIRST_REPEATED = 1900
# Nothing within a day, for that could be each of its seconds.
REPEATED_BY = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST"}
)
TOO_MANY = f"a calendar has at most {MOST_DAYS} days, and these are more: leave out the years long past"
# Where the library knows some days to the end of a year only: those of Hindu calendars are a table that ends,
# and Sri Lanka announces its own year by year. After it these days are left out without a word.
LAST_KNOWN = {"LK": 2026} | dict.fromkeys(("BT", "FJ", "GY", "IN", "MU", "NP", "SR", "US-CA"), 2035)
LINE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[\s,;].*)?", re.DOTALL)


def countries() -> dict[str, list[str]]:
    """By the code of a country (ISO 3166-1, two letters), the codes of its parts that have their own days."""
    import holidays

    known = holidays.list_supported_countries(include_aliases=False)
    return {code: sorted(known[code]) for code in sorted(known)}


def of_country(country: str, subdivision: str, years: Iterable[int]) -> set[date]:
    """The days on which a country, or a part of it, rests in these years; observed days where they fall.

    Without a part only the days of the whole country are known. Raises `Invalid` at `/country` or
    `/subdivision`.
    """
    import holidays

    _refuse_unknown(country, subdivision)
    return set(holidays.country_holidays(country, subdiv=subdivision or None, years=years, observed=True))


def last_known(country: str, subdivision: str, wanted: int) -> int:
    """The last year, `wanted` at most, of which all days of a country or a part of it are known."""
    places = (country, f"{country}-{subdivision}")
    return min(wanted, *(LAST_KNOWN.get(place, wanted) for place in places))


def weekend_of(country: str, subdivision: str) -> frozenset[int]:
    """The weekdays of its weekend, Monday being 0."""
    import holidays

    _refuse_unknown(country, subdivision)
    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None).weekend)


def from_list(text: str) -> set[date]:
    """The days of a list, one a line as 2026-12-24, words may follow. Raises `Invalid` with lines."""
    found, problems = set[date](), list[Problem]()
    for number, line in enumerate(text.splitlines(), 1):
        if not (written := line.strip()) or written.startswith("#"):
            continue
        day = _day(written)
        if day is None:
            problems.append(
                Problem("/days", f"line {number}: begin it with a day such as 2026-12-24", line=number)
            )
        elif not FIRST_YEAR <= day.year <= LAST_YEAR:
            problems.append(Problem("/days", f"line {number}: {day} is not from {_span()}", line=number))
        else:
            found.add(day)
        if len(problems) == 20:
            break
    if problems:
        raise Invalid(problems)
    return bounded(found, "/days")


def from_ical(data: bytes, this_year: int) -> set[date]:
    """The whole days of an iCalendar file (RFC 5545), those that come every year for the next years as well.

    An end is the day after the last (§3.6.1). Raises `Invalid` that names the event.
    """
    from icalendar import Calendar, Event

    if len(data) > LARGEST_FILE:
        raise Invalid(f"the file has more than {LARGEST_FILE // 1024} KiB: holidays need much less", "/ical")
    try:
        parts = [part for each in Calendar.from_ical(data, multiple=True) for part in each.walk("VEVENT")]
    except UNREADABLE as wrong:
        raise Invalid("this is no iCalendar file: it begins with BEGIN:VCALENDAR", "/ical") from wrong
    found = _found([part for part in parts if isinstance(part, Event)], this_year)
    if not found:
        raise Invalid("the file has no event with a day", "/ical")
    return found


def bounded(days: set[date], pointer: str) -> set[date]:
    """The days, if a calendar may have so many. Raises `Invalid`."""
    if len(days) > MOST_DAYS:
        raise Invalid(TOO_MANY, pointer)
    return days


def _refuse_unknown(country: str, subdivision: str) -> None:
    known = countries()
    if country not in known:
        raise Invalid(
            f"{country!r} is no country whose holidays are known: write two letters, such as DE", "/country"
        )
    if subdivision and subdivision not in known[country]:
        parts = ", ".join(known[country]) or "it has no parts with days of their own"
        raise Invalid(
            f"{subdivision!r} is no part of {country} whose holidays are known: {parts}", "/subdivision"
        )


def _found(events: Sequence[Event], this_year: int) -> set[date]:
    held = [event for event in events if str(event.get("STATUS", "")).upper() != "CANCELLED"]
    if sum("RRULE" in event for event in held) > MOST_REPEATED:
        raise Invalid(f"more than {MOST_REPEATED} events come again and again: write their days out", "/ical")
    # Counted before they are put together: many events may say the same days.
    moved = _moved(events)
    given = list(islice((day for event in held for day in _days(event, this_year, moved)), MOST_GIVEN + 1))
    found = {day for day in given if FIRST_YEAR <= day.year <= LAST_YEAR}
    if len(given) > MOST_GIVEN or len(found) > MOST_DAYS:
        raise Invalid(TOO_MANY, "/ical")
    return found


def _day(written: str) -> date | None:
    found = LINE.fullmatch(written)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _span() -> str:
    return f"the years {FIRST_YEAR} to {LAST_YEAR}"


def _days(event: Event, this_year: int, moved: Mapping[str, set[date]]) -> Iterator[date]:
    """All days of an event, each time that it comes: by its rule and its list, less what is left out."""
    name = _name(event)
    first, days = _spell(event, name)
    starts = {*_by_rule(event, first, name, this_year), *_listed(event, "RDATE", name)}
    starts -= _listed(event, "EXDATE", name)
    if "RECURRENCE-ID" not in event:
        starts -= moved.get(str(event.get("UID", "")), set())
    for start in sorted(starts):
        yield from (start + DAY * number for number in range(days))


def _moved(events: Iterable[Event]) -> dict[str, set[date]]:
    """By UID, the days that an event of their own says otherwise (§3.8.4.4), or takes away."""
    found = defaultdict[str, set[date]](set)
    for event in events:
        if "RECURRENCE-ID" not in event:
            continue
        name = _name(event)
        try:
            goes_on = event["RECURRENCE-ID"].params.get("RANGE")
            day = _local_day(event.decoded("RECURRENCE-ID"), event)
        except UNREADABLE as wrong:
            raise Invalid(f"which day {name} stands for cannot be read", "/ical") from wrong
        if goes_on:
            raise Invalid(f"{name} is otherwise from a day on: end it, and begin another", "/ical")
        found[str(event.get("UID", ""))].add(day)
    return found


def _name(event: Event) -> str:
    return f"the event “{str(event.get('SUMMARY', '')).strip()[:80] or 'without a name'}”"


def _spell(event: Event, name: str) -> tuple[date, int]:
    """The first day of an event, and how many it has."""
    try:
        start, end = event.decoded("DTSTART"), event.end
    except UNREADABLE as wrong:
        raise Invalid(f"{name} has no day at which it begins", "/ical") from wrong
    if isinstance(start, datetime) or isinstance(end, datetime):
        start, end = _whole_days(start, end, name)
    if end - start > LONGEST_EVENT:
        raise Invalid(f"{name} is longer than a year", "/ical")
    return start, max(1, (end - start).days)


def _whole_days(start: date, end: date, name: str) -> tuple[date, date]:
    """The days of an event with times, where these are midnights: some programs write whole days so."""
    days = [at.date() for at in (start, end) if isinstance(at, datetime) and at.time() == time()]
    if len(days) == 2 and days[0] < days[1]:
        return days[0], days[1]
    raise Invalid(f"{name} has a time of day, and a holiday is a whole day: leave it out", "/ical")


def _by_rule(event: Event, first: date, name: str, this_year: int) -> Iterable[date]:
    from icalendar import vRecur

    rule = event.get("RRULE")
    if rule is None:
        return [first]
    if not isinstance(rule, vRecur):
        raise Invalid(f"how {name} comes again cannot be read", "/ical")
    if [str(each).upper() for each in rule.get("FREQ", ())] != ["YEARLY"]:
        raise Invalid(f"{name} comes again otherwise than every year: write its days out", "/ical")
    said = {str(name).upper(): value for name, value in rule.items()}
    if said.keys() - REPEATED_BY or first.year < FIRST_REPEATED:
        raise Invalid(f"{name} comes again in a way that no holiday does: write its days out", "/ical")
    end = datetime.combine(date(min(this_year + YEARS_AHEAD, LAST_YEAR), 12, 31), time())
    try:
        count, until = int(said.pop("COUNT", [MOST_GIVEN])[0]), said.pop("UNTIL", [end])[0]
        if int(said.get("INTERVAL", [1])[0]) < 1:
            raise ValueError("it never goes on")
        last = min(end, datetime.combine(until, time()))
        times = rrule.rrulestr(_written(said), dtstart=datetime.combine(first, time()))
        found = [at.date() for at in islice(takewhile(lambda at: at <= last, times), count)]
    except UNREADABLE as wrong:
        raise Invalid(f"how {name} comes again cannot be read", "/ical") from wrong
    if not found:
        # It was looked for to the end of time: no second one of these.
        raise Invalid(f"{name} comes on no day: leave it out", "/ical")
    return found


def _written(rule: Mapping[str, Any]) -> str:
    """A rule as text again."""
    from icalendar import vRecur

    return vRecur(rule).to_ical().decode()  # type: ignore[no-any-return,no-untyped-call]


def _listed(event: Event, kind: str, name: str) -> set[date]:
    """The days of RDATE, on which it comes as well, or of EXDATE, on which it does not (§3.8.5)."""
    given = event.get(kind) or []
    try:
        times = [at.dt for each in (given if isinstance(given, list) else [given]) for at in each.dts]
        if not any(isinstance(at, tuple) for at in times):
            return {_local_day(at, event) for at in times}
    except UNREADABLE as wrong:
        raise Invalid(f"the days that {name} names in {kind} cannot be read", "/ical") from wrong
    raise Invalid(f"{name} names a period in {kind}: write its days out", "/ical")


def _local_day(at: date, event: Event) -> date:
    """The day of a time as its event counts days: midnight in Berlin may be said in UTC, an hour before."""
    if not isinstance(at, datetime):
        return at
    start = event.decoded("DTSTART", None)
    zone = start.tzinfo if isinstance(start, datetime) else None
    return (at.astimezone(zone) if zone and at.tzinfo else at).date()
