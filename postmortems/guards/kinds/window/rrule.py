"""Recurrence rules: the part of iCalendar's RRULE that is about days, checked and bounded.

A day either fits a rule or does not, so no rule can make the gate expand instances without end; a
general expander can, given `FREQ=SECONDLY` or the thirty-first of February.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Leap days are at most eight years apart, so a rule that skips nine years never comes.
LONGEST_GAP_DAYS = 9 * 366
INSTEAD = {
    "COUNT": "write the last day in ends_on instead of COUNT",
    "UNTIL": "write the last day in ends_on instead of UNTIL",
    "BYHOUR": "times of day go in starts and ends",
    "BYMINUTE": "times of day go in starts and ends",
    "BYSECOND": "times of day go in starts and ends",
    "BYSETPOS": "number the weekday instead, as in BYDAY=-1FR",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A recurrence by days. A weekday is (which of them, 0 for every; its number, Monday is 0)."""

    frequency: str
    interval: int = 1
    weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    week_start: int = 0

    @property
    def needs_anchor(self) -> bool:
        """Whether the rule says nothing without the day it starts on."""
        if self.interval > 1:
            return True
        return self.frequency != "DAILY" and not self.weekdays and not self.month_days

    def falls_on(self, day: date, anchor: date) -> bool:
        """Whether the window begins on `day`, counting from `anchor`, the first day it may."""
        if day < anchor or self._periods_between(anchor, day) % self.interval:
            return False
        if self.months and day.month not in self.months:
            return False
        if not self.weekdays and not self.month_days:
            return self._is_like(anchor, day)
        if self.month_days and not _is_month_day(day, self.month_days):
            return False
        return not self.weekdays or any(self._is_weekday(day, nth, weekday) for nth, weekday in self.weekdays)

    def ever_falls(self, anchor: date) -> bool:
        days = min(LONGEST_GAP_DAYS * self.interval, (date.max - anchor).days)
        return any(self.falls_on(anchor + timedelta(days=after), anchor) for after in range(days))

    def _periods_between(self, anchor: date, day: date) -> int:
        match self.frequency:
            case "DAILY":
                return (day - anchor).days
            case "WEEKLY":
                return (self._week_of(day) - self._week_of(anchor)) // 7
            case "MONTHLY":
                return (day.year - anchor.year) * 12 + day.month - anchor.month
        return day.year - anchor.year

    def _week_of(self, day: date) -> int:
        return day.toordinal() - (day.weekday() - self.week_start) % 7

    def _is_like(self, anchor: date, day: date) -> bool:
        """What a rule means that names no day: the day it started on."""
        match self.frequency:
            case "DAILY":
                return True
            case "WEEKLY":
                return day.weekday() == anchor.weekday()
            case "MONTHLY":
                return day.day == anchor.day
        return day.day == anchor.day and (bool(self.months) or day.month == anchor.month)

    def _is_weekday(self, day: date, nth: int, weekday: int) -> bool:
        if day.weekday() != weekday:
            return False
        if nth == 0:
            return True
        if self.frequency == "YEARLY" and not self.months:
            place, last = day.timetuple().tm_yday, 366 if isleap(day.year) else 365
        else:
            place, last = day.day, monthrange(day.year, day.month)[1]
        return nth in ((place - 1) // 7 + 1, -((last - place) // 7 + 1))


def _is_month_day(day: date, wanted: tuple[int, ...]) -> bool:
    length = monthrange(day.year, day.month)[1]
    return day.day in wanted or day.day - length - 1 in wanted


# A rule is read whenever its guard is judged.
@lru_cache(maxsize=1024)
def read(text: str) -> Rule:
    """The rule in `text`, as in `FREQ=WEEKLY;BYDAY=MO,TU`. Raises `ValueError` saying what is wrong."""
    parts = _parts(text)
    frequency = parts.pop("FREQ", "")
    if frequency not in FREQUENCIES:
        raise ValueError(f"FREQ must be one of {', '.join(FREQUENCIES)}")
    rule = Rule(
        frequency=frequency,
        interval=_number("INTERVAL", parts.pop("INTERVAL", "1"), 1, 99),
        weekdays=_list(parts.pop("BYDAY", ""), _weekday),
        month_days=_list(parts.pop("BYMONTHDAY", ""), lambda n: _signed("BYMONTHDAY", n, 31)),
        months=_list(parts.pop("BYMONTH", ""), lambda n: _number("BYMONTH", n, 1, 12)),
        week_start=_weekday(parts.pop("WKST", "MO"))[1],
    )
    if parts:
        name = next(iter(parts))
        raise ValueError(INSTEAD.get(name, f"{name} is not understood here"))
    if frequency == "WEEKLY" and rule.month_days:
        raise ValueError("BYMONTHDAY does not go with FREQ=WEEKLY")
    if frequency in {"DAILY", "WEEKLY"} and any(nth for nth, _ in rule.weekdays):
        raise ValueError("a numbered weekday such as 1MO needs FREQ=MONTHLY or YEARLY")
    return rule


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.strip().removeprefix("RRULE:").rstrip(";").split(";"):
        name, equals, value = part.strip().upper().partition("=")
        if not equals or not value:
            raise ValueError(f"{part.strip()!r} is not NAME=VALUE, as in FREQ=WEEKLY;BYDAY=MO,TU")
        if name in parts:
            raise ValueError(f"{name} is given twice")
        parts[name] = value
    return parts


def _number(name: str, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit()) or not least <= int(text[:9]) <= most:
        raise ValueError(f"{name} must be a number from {least} to {most}, not {text[:20]!r}")
    return int(text)


def _signed(name: str, text: str, most: int) -> int:
    sign = -1 if text.startswith("-") else 1
    return sign * _number(name, text.lstrip("+-"), 1, most)


def _weekday(text: str) -> tuple[int, int]:
    nth, day = text[:-2], text[-2:]
    if day not in WEEKDAYS:
        raise ValueError(f"{text[:20]!r} is no weekday; write MO, TU, WE, TH, FR, SA or SU")
    return (_signed("BYDAY", nth, 53) if nth else 0, WEEKDAYS.index(day))


def _list(text: str, read_one: Callable[[str], T]) -> tuple[T, ...]:
    return tuple(read_one(part.strip()) for part in text.split(",")) if text else ()
