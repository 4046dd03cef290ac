"""Cron schedules: when a job is due, by five fields in the local time of a zone.

A time that the clocks skip is taken as the instant they jump past it; one that comes twice, as the first. A
line whose minute or hour begins with `*` means no time but a pace: as in cron itself, it is due in both
passes of a repeated hour, and not at all at a time that is skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from postmortems import zone_tables
from postmortems.zone_tables import ZoneInfo

# Minute, hour, day of the month, month, weekday: each with its least, its greatest and its words.
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, MONTHS),
    ("weekday", 0, 7, WEEKDAYS),
)
# Leap days are at most eight years apart, so a line that skips nine years never comes.
LONGEST_GAP_DAYS = 9 * 366


@dataclass(frozen=True, slots=True)
class Cron:
    """What each field lets through. Where both days are narrowed, one of them is enough."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    is_wild: bool

    def falls_on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_month, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (by_month or by_week) if self.either_day else (by_month and by_week)

    def next_after(self, instant: datetime, zone: ZoneInfo) -> datetime | None:
        """The first time it is due after `instant`; None where no day ever fits."""
        today = instant.astimezone(zone).date()
        # A whole day back, for clocks have skipped one; and where they go back over midnight, the next day's
        # times begin before this day's are over.
        for after in range(-1, LONGEST_GAP_DAYS):
            days = (today + timedelta(days=after + more) for more in range(3))
            due = [one for day in days for one in _due_on(self, day, zone) if one > instant]
            if due:
                return min(due)
        return None


@lru_cache(maxsize=64)
def _due_on(cron: Cron, day: date, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The instants of a day; a line with a `*` follows the clocks, and the others are one time each."""
    if not cron.falls_on(day):
        return ()
    walls = (datetime.combine(day, time(hour, minute)) for hour in cron.hours for minute in cron.minutes)
    if cron.is_wild:
        return tuple(instant for wall in walls for instant in zone_tables.instants(wall, zone))
    return tuple(zone_tables.instant(wall, zone) for wall in walls)


@lru_cache(maxsize=512)
def read(line: str) -> Cron:
    """The line `0 3 * * MON-FRI` and its like. Raises `ValueError` saying what is wrong."""
    parts = line.split()
    if len(parts) != len(FIELDS):
        raise ValueError("write five fields: minute, hour, day of the month, month, weekday, as in 0 3 * * *")
    sets = [_field(part, *field) for part, field in zip(parts, FIELDS, strict=True)]
    cron = Cron(
        minutes=tuple(sorted(sets[0])),
        hours=tuple(sorted(sets[1])),
        days=sets[2],
        months=sets[3],
        weekdays=frozenset(weekday % 7 for weekday in sets[4]),
        is_wild=parts[0].startswith("*") or parts[1].startswith("*"),
        either_day=not parts[2].startswith("*") and not parts[4].startswith("*"),
    )
    if not any(cron.falls_on(date(2001, 1, 1) + timedelta(days=after)) for after in range(LONGEST_GAP_DAYS)):
        raise ValueError("no day ever fits this line")
    return cron


def _field(text: str, name: str, least: int, most: int, words: tuple[str, ...]) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        by = _number(step, name, 1, most, ()) if slash else 1
        if span == "*":
            first, last = least, most
        else:
            start, dash, end = span.partition("-")
            first = _number(start, name, least, most, words)
            last = _number(end, name, least, most, words) if dash else (most if slash else first)
        if last < first:
            raise ValueError(f"the {name} {span!r} ends before it begins")
        found |= set(range(first, last + 1, by))
    return frozenset(found)


def _number(text: str, name: str, least: int, most: int, words: tuple[str, ...]) -> int:
    if text.upper() in words:
        return words.index(text.upper()) + (least if words is MONTHS else 0)
    if not (text.isascii() and text.isdigit()) or not least <= int(text[:4]) <= most:
        raise ValueError(f"the {name} must be from {least} to {most}, not {text[:20]!r}")
    return int(text)
