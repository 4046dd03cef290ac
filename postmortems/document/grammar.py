"""The grammar of times as people write them, one at a time.

`scan` reads what is stated and works nothing out: a missing day stays missing, `24:XX` stays unknown, five
digits stay a year that cannot be. `moments` puts the statements of a timeline into their context.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date as Date

from postmortems.document.notation import (
    ABOUT,
    CLOCKS,
    COUNTED,
    DATES,
    ELSEWHERE,
    GAP,
    HEDGE,
    MONTHS,
    RANGE,
    ZONE,
)


@dataclass(frozen=True, slots=True)
class Day:
    """A date as stated; missing parts are None. `unordered`: `month` and `day` may be the other way round."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    unordered: bool = False
    is_possible: bool = True

    @property
    def is_whole(self) -> bool:
        return None not in (self.year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class Clock:
    hour: int
    minute: int = 0
    second: int | None = None
    meridiem: str = ""

    @property
    def is_possible(self) -> bool:
        return self.hour <= 23 and self.minute <= 59 and (self.second or 0) <= 59


@dataclass(frozen=True, slots=True)
class Stated:
    """What a text says about time at its beginning, up to `end`."""

    end: int = 0
    day: Day | None = None
    clock: Clock | None = None
    until_day: Day | None = None
    until: Clock | None = None
    is_approximate: bool = False
    is_unknown: bool = False
    is_weak: bool = False
    zone: str = ""

    @property
    def has_clock(self) -> bool:
        return self.clock is not None or self.is_unknown


def scan(text: str) -> Stated | None:
    """The time at the beginning of a text, or None where it begins with something else."""
    counted = COUNTED.match(text)
    stated = _about(text, Stated(end=counted.end() if counted else 0))
    stated = _day_then_clock(text, stated) or _clock_then_day(text, stated) or Stated()
    if stated.day is None and not stated.has_clock:
        return None
    if counted and counted.group().rstrip().endswith("("):
        stated = replace(stated, end=stated.end + text[stated.end :].startswith(")"))
    stated = _hedged(text, _elsewhere(text, _zone(text, stated)))
    return _hedged(text, _elsewhere(text, _zone(text, _until(text, stated))))


def _elsewhere(text: str, stated: Stated) -> Stated:
    match = ELSEWHERE.match(text, stated.end) if stated.clock else None
    return replace(stated, end=match.end()) if match else stated


def _about(text: str, stated: Stated) -> Stated:
    match = ABOUT.match(text, stated.end)
    if not match:
        return stated
    is_approximate = stated.is_approximate or bool(match["about"])
    return _about(text, replace(stated, end=match.end(), is_approximate=is_approximate))


def _day_then_clock(text: str, stated: Stated) -> Stated | None:
    found = day_at(text, stated.end)
    if not found:
        return None
    day, end = found
    dated = replace(stated, day=day, end=end)
    gap = GAP.match(text, end)
    if not gap:
        return dated
    return _clock(text, _about(text, replace(dated, end=gap.end()))) or dated


def _clock_then_day(text: str, stated: Stated) -> Stated | None:
    timed = _clock(text, stated)
    gap = re.compile(r",?\s+(?:on\s+)?").match(text, timed.end) if timed else None
    found = day_at(text, gap.end()) if gap else None
    if timed and found and (found[0].is_whole or "on" in (gap.group() if gap else "")):
        return replace(timed, day=found[0], end=found[1])
    return timed


def day_at(text: str, position: int = 0) -> tuple[Day, int] | None:
    """The date that stands exactly here, and where it ends."""
    for pattern in DATES:
        match = pattern.match(text, position)
        if match:
            return _day(match.groupdict()), match.end()
    return None


def _day(parts: dict[str, str | None]) -> Day:
    year, first, second = parts.get("year"), parts.get("first"), parts.get("second")
    number = int(year) if year and year.isdecimal() else None
    if first and second:
        number = number + 2000 if number is not None and number < 100 else number
        month, day = int(first), int(second)
        if month > 12:
            month, day = day, month
        unordered = int(first) <= 12 and int(second) <= 12 and first != second
        return _possible(Day(number, month, day, unordered))
    name = parts.get("month")
    month_text = str(MONTHS[name.lower()]) if name else parts.get("number") or ""
    day_text = parts.get("day") or ""
    if not (month_text.isdecimal() and day_text.isdecimal()) or (year and number is None):
        return Day(number, is_possible=False)
    return _possible(Day(number, int(month_text), int(day_text)))


def _possible(day: Day) -> Day:
    try:
        Date(day.year or 2000, day.month or 1, day.day or 1)
    except ValueError:
        return replace(day, is_possible=False)
    return day


def _clock(text: str, stated: Stated) -> Stated | None:
    for pattern in CLOCKS:
        match = pattern.match(text, stated.end)
        if not match:
            continue
        parts = match.groupdict()
        if parts.get("unknown") or parts.get("relative"):
            return replace(stated, is_unknown=True, end=match.end())
        if parts.get("word"):
            hour = 12 if parts["word"].lower() == "noon" else 0
            return replace(stated, clock=Clock(hour), end=match.end())
        clock = _numbers(parts)
        if clock.hour > 29:
            return None
        weak = parts.get("sep") in (".", "") and not clock.meridiem and not parts.get("hours")
        return replace(stated, clock=clock, end=match.end(), is_weak=weak)
    return None


def _numbers(parts: dict[str, str | None]) -> Clock:
    meridiem = (parts.get("meridiem") or parts.get("spaced") or "").lower()
    second = parts.get("second")
    return Clock(
        int(parts["hour"] or 0), int(parts.get("minute") or 0), int(second) if second else None, meridiem
    )


def _zone(text: str, stated: Stated) -> Stated:
    if not stated.has_clock:
        return stated
    match = re.compile(r"\s*").match(text, stated.end)
    found = ZONE.match(text, match.end() if match else stated.end)
    if not found:
        return stated
    return replace(stated, zone=stated.zone or found["zone"], end=found.end(), is_weak=False)


def _hedged(text: str, stated: Stated) -> Stated:
    match = HEDGE.match(text, stated.end)
    return replace(stated, end=match.end(), is_approximate=True) if match else stated


def _until(text: str, stated: Stated) -> Stated:
    """The end of a range: another clock, perhaps of another day, behind a dash or a word."""
    match = RANGE.match(text, stated.end)
    if not match:
        return stated
    if not stated.clock:
        return _until_day(text, stated, match.end())
    second = _about(text, Stated(end=match.end()))
    second = _day_then_clock(text, second) or _clock(text, second) or Stated()
    if not second.clock or (
        second.is_weak and not stated.is_weak and "." not in text[match.end() : second.end]
    ):
        return stated
    zone = _zone(text, second)
    if match.group().strip() == "/" and zone.zone and stated.zone not in ("", zone.zone):
        # The same moment on another clock: `14:05 PDT / 21:05 UTC`.
        return replace(stated, end=zone.end)
    return replace(
        stated,
        end=second.end,
        until_day=second.day,
        until=second.clock,
        is_approximate=stated.is_approximate or second.is_approximate,
        is_weak=stated.is_weak and second.is_weak,
    )


def _until_day(text: str, stated: Stated, position: int) -> Stated:
    """Days from one to another: `2026-03-29 - 2026-03-31`, `2026-05-19/20`."""
    found = day_at(text, position)
    if found and stated.day and not stated.has_clock:
        return replace(stated, until_day=found[0], end=found[1])
    short = re.compile(r"[/–-](\d{1,2})(?![\d:./-])").match(text, stated.end)
    if short and stated.day and stated.day.is_whole and not stated.has_clock:
        return replace(stated, until_day=_possible(replace(stated.day, day=int(short[1]))), end=short.end())
    return stated
