"""The grammar of times as people write them.

`scan` reads what is stated and works nothing out: a missing day stays missing, `24:XX` stays unknown, five
digits stay a year that cannot be. `timeline_times` puts the statements of a timeline into their context.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date as Date

from postmortems.document.parse_cache import LONGEST_LINE
from postmortems.document.times import zones
from postmortems.document.times.notations import (
    ABOUT,
    CITY,
    CLOCKS,
    COUNTED,
    DATES,
    DAY_OF_THE_WEEK,
    ELAPSED,
    ELSEWHERE,
    FOOTNOTE,
    GAP,
    HEDGE,
    HOURS,
    MONTHS,
    NEXT_DAY,
    NEXT_DAY_BEHIND,
    PART_OF_DAY,
    RANGE,
    UNTIL_BEHIND,
    WEEKDAYS,
    WORDS,
    ZONE,
)
from postmortems.document.vocabulary import one_of

# `-04:30`, which may be an offset; `2024-10-24T02:00`, whose offset it then is.
CLOCK_BEHIND = re.compile(r"-([01]\d|2[0-3]):([0-5]\d)(?![:\d])")
JOINED = re.compile(r"\dT\d", re.IGNORECASE)
# Between a date and its clock: `7.10.2025 - 16:00 Uhr`.
DASH = re.compile(r"\s+[-–—|]\s+")
# Behind a date without a year that stands behind its clock: `15:30 UTC Feb 20: text`.
SEPARATOR = re.compile(r"\s*(?:[:|–—]|-\s|$)")
# The last of several days: `2026-05-19/20`, `2026-05-19 to 20`.
LAST_DAY = re.compile(
    rf"(?:[/–-]|\s+(?:{one_of(WORDS['until'])})\s+(?=\d{{1,2}}\s*(?:$|[-–—:|,)*])))(\d{{1,2}})(?![\d:./-])",
    re.IGNORECASE,
)
BRACKET = re.compile(r"\s*\((?=\w)")
# No day is told without one of these, in it or in the clock behind it.
IN_DAYS = re.compile(r"\d|yyyy", re.IGNORECASE)
WEEKDAY_BEFORE = re.compile(
    rf"(?P<weekday>{one_of(WEEKDAYS)})\.?,?\s+(?:at\s+)?(?=\d{{1,2}}(?:[:h]\d\d|\s?[ap]\.?m))", re.IGNORECASE
)
ON_DAY = re.compile(r",?\s+(?:(?:on|am|le|el|em|il|op|den|del|de|du)\s+)?")


@dataclass(frozen=True, slots=True)
class Day:
    """A date as stated; missing parts are None. `unordered`: `month` and `day` may be the other way round.

    `is_next`: the day after the one above, or the next that has this number in its month.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    unordered: bool = False
    is_possible: bool = True
    is_next: bool = False
    # Monday is 0; the one that is nearest to the day above: `Tue 14:05`, or that has this number: `Tue 17`.
    weekday: int | None = None

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

    @property
    def is_end_of_day(self) -> bool:
        """Whether it is `24:00`, with which ISO 8601 ends a day."""
        return (self.hour, self.minute, self.second or 0, self.meridiem) == (24, 0, 0, "")


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
    until_zone: str = ""

    @property
    def has_clock(self) -> bool:
        return self.clock is not None or self.is_unknown


def scan(text: str, *, is_entry: bool = False) -> Stated | None:
    """The time at the beginning of a text, or None where it begins with something else.

    `is_entry` says that the text is known to be a time: `1906` is no year then.
    """
    counted = COUNTED.match(text)
    if weekly := WEEKDAY_BEFORE.match(text):
        timed = _clock(text, Stated(end=weekly.end()))
        if timed and not timed.is_weak:
            day = Day(weekday=WEEKDAYS[weekly["weekday"].lower()])
            return _remarks(text, _until(text, replace(_remarks(text, timed), day=day)))
    stated = _about(text, Stated(end=counted.end() if counted else 0))
    stated = _day_then_clock(text, stated) or _clock_then_day(text, stated, is_entry) or Stated()
    if stated.day is None and not stated.has_clock:
        return None
    if counted and counted.group().rstrip().endswith("("):
        stated = replace(stated, end=stated.end + text[stated.end :].startswith(")"))
    stated = _day_behind(text, _remarks(text, stated))
    return _remarks(text, _until(text, stated))


def _remarks(text: str, stated: Stated) -> Stated:
    """What may stand behind a time: a doubt, a footnote, a zone, another clock."""
    stated = _footnoted(text, _hedged(text, stated))
    return _hedged(text, _elsewhere(text, _footnoted(text, _zone(text, stated))))


def _footnoted(text: str, stated: Stated) -> Stated:
    match = FOOTNOTE.match(text, stated.end)
    return replace(stated, end=match.end()) if match else stated


def _elsewhere(text: str, stated: Stated) -> Stated:
    for pattern in (ELSEWHERE, ELAPSED) if stated.clock else ():
        if match := pattern.match(text, stated.end):
            stated = replace(stated, end=match.end())
    return stated


def _about(text: str, stated: Stated) -> Stated:
    while match := ABOUT.match(text, stated.end):
        is_approximate = stated.is_approximate or bool(match["about"])
        stated = replace(stated, end=match.end(), is_approximate=is_approximate)
    return stated


def _day_then_clock(text: str, stated: Stated) -> Stated | None:
    found = day_at(text, stated.end)
    if not found:
        return None
    day, end = found
    dated = replace(stated, day=day, end=end)
    dash, gap = DASH.match(text, end), GAP.match(text, end)
    timed = _clock(text, _about(text, replace(dated, end=dash.end()))) if dash else None
    if timed and not timed.is_weak:
        return timed
    return (gap and _clock(text, _about(text, replace(dated, end=gap.end())), is_entry=True)) or dated


def _clock_then_day(text: str, stated: Stated, is_entry: bool) -> Stated | None:
    timed = _clock(text, stated, is_entry=is_entry)
    return _day_behind(text, timed) if timed else None


def _day_behind(text: str, timed: Stated) -> Stated:
    """A date behind the clock, or behind its zone: `14:00 on 26 January`, `01:52 UTC, 2022-10-28`."""
    if timed.day or not timed.clock:
        return timed
    if behind := NEXT_DAY_BEHIND.match(text, timed.end):
        return replace(timed, day=_next_day(None), end=behind.end())
    if bracket := BRACKET.match(text, timed.end):
        # `22:30 UTC (Oct 29)`
        inside = day_at(text, bracket.end())
        return (
            replace(timed, day=inside[0], end=inside[1] + 1)
            if inside and text[inside[1] :][:1] == ")"
            else timed
        )
    gap = ON_DAY.match(text, timed.end)
    found = day_at(text, gap.end()) if gap else None
    is_apart = found and SEPARATOR.match(text, found[1])
    if gap and found and (found[0].is_whole or gap.group().strip(" ,") or is_apart):
        return replace(timed, day=found[0], end=found[1])
    return timed


def day_at(text: str, position: int = 0) -> tuple[Day, int] | None:
    """The date that stands exactly here, and where it ends."""
    # Most words that are asked about stand in a line of words. In a long text a number may be far away.
    if len(text) <= LONGEST_LINE and not IN_DAYS.search(text, position):
        return None
    return _day_here(text, position)


def _day_here(text: str, position: int) -> tuple[Day, int] | None:
    for pattern in DATES:
        match = pattern.match(text, position)
        if match:
            return _day(match.groupdict()), _behind_day(text, match.end())
    match = NEXT_DAY.match(text, position)
    return (_next_day(match["day"]), match.end()) if match else None


def _next_day(number: str | None) -> Day:
    return Day(
        day=int(number) if number else None, is_possible=int(number or 1) in range(1, 32), is_next=True
    )


def _behind_day(text: str, end: int) -> int:
    """Where a date ends with its day of the week, the part of it that is meant, and its footnote."""
    for pattern in (FOOTNOTE, DAY_OF_THE_WEEK, PART_OF_DAY, FOOTNOTE):
        match = pattern.match(text, end)
        end = match.end() if match else end
    return end


def _day(parts: dict[str, str | None]) -> Day:
    if named := parts.get("weekday"):
        return Day(day=int(parts["day"] or 0), weekday=WEEKDAYS[named.lower()])
    year, first, second = parts.get("year"), parts.get("first"), parts.get("second")
    number = int(year) if year and year.isdecimal() else None
    if first and second:
        number = number + 2000 if number is not None and number < 100 else number
        month, day = int(first), int(second)
        if month > 12:
            month, day = day, month
        unordered = int(first) <= 12 and int(second) <= 12 and first != second
        return _possible(Day(number, month, day, unordered))
    if number is not None and year and len(year) == 2:
        number += 2000
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


def _clock(text: str, stated: Stated, *, is_entry: bool = False) -> Stated | None:
    for pattern in CLOCKS:
        match = pattern.match(text, stated.end)
        if not match:
            continue
        parts = match.groupdict()
        if parts.get("unknown") or parts.get("relative"):
            return replace(stated, is_unknown=True, end=match.end())
        if parts.get("noon") or parts.get("midnight"):
            return replace(stated, clock=Clock(12 if parts["noon"] else 0), end=match.end())
        clock = _numbers(parts)
        if clock.hour > 29:
            return None
        bare = bool(parts.get("bare")) and stated.end == 0
        weak = (parts.get("sep") in (".", "") and not clock.meridiem and not parts.get("hours")) or bare
        return replace(stated, clock=clock, end=match.end(), is_weak=weak)
    match = HOURS.match(text, stated.end) if is_entry else None
    return (
        replace(stated, clock=_numbers(match.groupdict()), end=match.end(), is_weak=True) if match else None
    )


def _numbers(parts: dict[str, str | None]) -> Clock:
    meridiem = (parts.get("meridiem") or parts.get("spaced") or "").lower()
    meridiem = "a" if parts.get("morning") else "p" if parts.get("afternoon") else meridiem
    second = parts.get("second")
    minute = 30 if parts.get("half") else int(parts.get("minute") or 0)
    return Clock(int(parts["hour"] or 0), minute, int(second) if second else None, meridiem)


def _zone(text: str, stated: Stated) -> Stated:
    if not stated.has_clock:
        return stated
    match = re.compile(r"\s*").match(text, stated.end)
    start = match.end() if match else stated.end
    found = ZONE.match(text, start) or _city(text, start)
    if not found or _is_end(text, start, stated):
        return stated
    return replace(stated, zone=stated.zone or found["zone"], end=found.end(), is_weak=False)


def _is_end(text: str, start: int, stated: Stated) -> bool:
    """Whether `-04:30` right behind `02:00` is the later end of a span, and no offset."""
    match, clock = CLOCK_BEHIND.match(text, start), stated.clock
    if match is None or clock is None or clock.second is not None or start != stated.end:
        return False
    if JOINED.search(text[: stated.end]):
        return False
    return (clock.hour, clock.minute) < (int(match[1]), int(match[2]))


def _city(text: str, start: int) -> re.Match[str] | None:
    match = CITY.match(text, start)
    return match if match and zones.is_city(match["zone"]) else None


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
    behind = UNTIL_BEHIND.match(text, zone.end if zone.zone else second.end)
    return replace(
        stated,
        end=behind.end() if behind else second.end,
        until_zone=zone.zone,
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
    short = LAST_DAY.match(text, stated.end)
    if short and stated.day and stated.day.is_whole and not stated.has_clock:
        return replace(stated, until_day=_possible(replace(stated.day, day=int(short[1]))), end=short.end())
    return stated
