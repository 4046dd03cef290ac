"""Time zones of a calendar: its own definitions come first (RFC 5545 §3.6.5).

RFC 5545 §3.6.5: a VTIMEZONE holds in its calendar alone; two calendars may mean different zones by one name.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

from postmortems.guards.kinds.window import ical, rrule
from postmortems.guards.kinds.window.ical import Component
from postmortems.guards.kinds.window.rrule import Rule
from postmortems.zone_tables import ZoneInfo, available_timezones

# Between these years a zone's changes are worked out; calendars write 1601 for "ever since".
FIRST_YEAR, LAST_YEAR = 1969, 2120
MOST_OBSERVANCES = 100
# Onsets before and after are taken as in these years; both have a 29 February.
EARLIEST, LATEST = 1600, 8000
_offset = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?\Z", re.ASCII)

# When it begins in UTC, and from then on: what the clocks are ahead of UTC, and what they are called.
Change = tuple[datetime, timedelta, str]


class CalendarZones:
    """The zones that a calendar's events may name."""

    def __init__(self, calendar: Component) -> None:
        self._own: dict[str, Component] = {}
        self._known: dict[str, tzinfo] = {}
        for one in calendar.parts:
            if one.name == "VTIMEZONE":
                self._add(one)

    def _add(self, zone: Component) -> None:
        name = _unescaped(zone.text("TZID"))
        if not name:
            raise ValueError("a VTIMEZONE of the calendar has no TZID")
        if self._own.setdefault(name, zone) != zone:
            raise ValueError(f"the calendar defines the time zone {name[:60]!r} twice, and differently")

    def named(self, name: str) -> tzinfo:
        """The calendar's own zone of this TZID, or IANA's, or Windows'. Raises `ValueError`."""
        name = _unescaped(name)
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def _found(self, name: str) -> tzinfo:
        if name in self._own:
            try:
                return CalendarZone(name, self._own[name])
            except ValueError as wrong:
                raise ValueError(f"the time zone {name[:60]!r}: {wrong}") from None
        # Not with the application: it takes memory that few processes ever need.
        from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

        known = name if name in available_timezones() else WINDOWS_TO_OLSON.get(name)
        if known is None:
            raise ValueError(f"its time zone {name[:60]!r} is neither defined in the calendar nor IANA's")
        return ZoneInfo(known)


class CalendarZone(tzinfo):
    """A VTIMEZONE, with skipped and repeated times as PEP 495 has them."""

    def __init__(self, name: str, zone: Component) -> None:
        self.name = name
        observances = [part for part in zone.parts if part.name in {"STANDARD", "DAYLIGHT"}]
        if not observances:
            raise ValueError("it has neither STANDARD nor DAYLIGHT time")
        if len(observances) > MOST_OBSERVANCES:
            raise ValueError(f"it has more than {MOST_OBSERVANCES} parts")
        found = sorted({change for one in observances for change in _changes(one)})
        first = min(observances, key=lambda one: _onset(one).wall)
        # Of the time before its first change the calendar says nothing but the offset there was.
        self._offsets = [_read_offset(first, "TZOFFSETFROM"), *(change[1] for change in found)]
        self._names = [name, *(change[2] for change in found)]
        self._at = [change[0].replace(tzinfo=None) for change in found]
        pairs = list(zip(self._at, self._offsets, self._offsets[1:], strict=False))
        # Where a change is on the clocks: for the first reading of a time in it, and for the second.
        self._walls = (
            [at + max(before, after) for at, before, after in pairs],
            [at + min(before, after) for at, before, after in pairs],
        )

    def _place(self, moment: datetime | None) -> int:
        if moment is None:
            return 0
        return bisect_right(self._walls[moment.fold], moment.replace(tzinfo=None, fold=0))

    def utcoffset(self, moment: datetime | None) -> timedelta:
        return self._offsets[self._place(moment)]

    def tzname(self, moment: datetime | None) -> str:
        return self._names[self._place(moment)]

    def dst(self, moment: datetime | None) -> None:
        return None

    def fromutc(self, moment: datetime) -> datetime:
        bare = moment.replace(tzinfo=None)
        place = bisect_right(self._at, bare)
        local = bare + self._offsets[place]
        is_second = place > 0 and local < self._at[place - 1] + self._offsets[place - 1]
        return local.replace(tzinfo=self, fold=int(is_second))

    def __repr__(self) -> str:
        return f"CalendarZone({self.name!r})"


def _changes(observance: Component) -> Iterator[Change]:
    """When this part of a zone begins, each time."""
    before, after = (_read_offset(observance, name) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
    called = observance.first("TZNAME")[:30]
    onset = _onset(observance)
    walls = [onset.wall, *_more(observance)]
    text = observance.one("RRULE")
    until = None
    if text is not None:
        rule, until = _rule(text.value, before)
        years = range(max(onset.wall.year, FIRST_YEAR), LAST_YEAR)
        days = (day for year in years for day in _days(rule, onset.wall.date(), year))
        walls += [datetime.combine(day, onset.wall.time()) for day in days]
    for wall in walls:
        begins = wall.replace(tzinfo=UTC) - before
        if wall >= onset.wall and (until is None or begins <= until):
            yield begins, after, called


def _onset(observance: Component) -> ical.Moment:
    line = observance.one("DTSTART")
    if line is None:
        raise ValueError(f"its {observance.name} time has no DTSTART")
    found = ical.moment(line, line.value, UTC)
    # Some write the year 1 for "ever since"; an offset from there would lead out of the calendar.
    return found.on(found.wall.replace(year=min(max(found.wall.year, EARLIEST), LATEST)))


def _more(observance: Component) -> list[datetime]:
    lines = observance.all("RDATE")
    return [ical.moment(line, value, UTC).wall for line in lines for value in line.value.split(",")]


def _rule(text: str, before: timedelta) -> tuple[Rule, datetime | None]:
    parts = [part for part in text.upper().strip(";").split(";") if not part.startswith("UNTIL=")]
    if any(part.startswith("COUNT=") for part in parts):
        raise ValueError(f"its rule {text[:60]!r} counts; give it an UNTIL instead")
    rule = rrule.read(";".join(parts))
    if rule.frequency != "YEARLY":
        raise ValueError(f"its rule {text[:60]!r} is not yearly")
    ended = re.search(r"UNTIL=([^;]*)", text.upper())
    if ended is None:
        return rule, None
    text = ended[1] if "T" in ended[1] else f"{ended[1]}T235959"
    last = ical.moment(ical.Line("UNTIL", {}, text), text, UTC).wall.replace(tzinfo=UTC)
    return rule, last if text.endswith("Z") else last - before


def _days(rule: Rule, anchor: date, year: int) -> Iterator[date]:
    named = rule.weekdays or rule.month_days
    months = rule.months or (range(1, 13) if named else (anchor.month,))
    for month in months:
        for number in range(1, monthrange(year, month)[1] + 1):
            day = date(year, month, number)
            if rule.falls_on(day, anchor):
                yield day


def _unescaped(name: str) -> str:
    """As a value, a TZID has backslashes before its commas, and as a parameter none (RFC 5545 §3.3.11)."""
    return re.sub(r"\\([\\;,])", r"\1", name.strip())


def _read_offset(observance: Component, name: str) -> timedelta:
    match = _offset.match(observance.text(name))
    if not match or int(match[2]) > 23 or int(match[3]) > 59 or int(match[4] or 0) > 59:
        raise ValueError(f"its {name} is not an offset such as +0100")
    ahead = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    return -ahead if match[1] == "-" else ahead
