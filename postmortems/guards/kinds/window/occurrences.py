"""Occurrences of a window as instants, in order, joined where they touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice, tee
from typing import Any, NamedTuple

from postmortems import zone_tables
from postmortems.guards.kinds.window import rrule
from postmortems.zone_tables import ZoneInfo

# From the first instant to before the second; None where no end is in sight.
Span = tuple[datetime, datetime | None]
# Windows that join more often than this have no end in sight.
MOST_JOINED = 500
# Rules that count from no day of their own are counted from here; it is a Monday.
SOME_MONDAY = date(2001, 1, 1)
# So many windows are worked out once a day: those that are over by now, and the next two, which may be one.
SOON = 8
# Windows of which the first one is kept; beyond that a process begins anew.
MOST_KEPT = 1024


def joined(
    found: Iterable[tuple[datetime, datetime]], now: datetime, gap: timedelta = timedelta(0)
) -> Iterator[Span]:
    """The windows that end after `now`; two that touch, or with less than `gap` between them, are one."""
    joined: tuple[datetime, datetime] | None = None
    count = 0
    for start, end in found:
        if end <= now or end <= start:
            continue
        if joined and (start <= joined[1] or start - joined[1] < gap):
            joined, count = (joined[0], max(joined[1], end)), count + 1
            if count == MOST_JOINED:
                yield joined[0], None
                return
            continue
        if joined:
            yield joined
        joined, count = (start, end), 0
    if joined:
        yield joined


class Series(NamedTuple):
    """What a configuration says of when its windows are."""

    tz: str
    starts: str
    ends: str
    rrule: str
    first: date | None
    last: date | None
    ends_after_days: int
    exdates: tuple[str, ...]

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Series:
        first, last = _day(config["starts_on"]), _day(config["ends_on"])
        times = config["tz"], config["starts"], config["ends"], config["rrule"]
        return cls(*times, first, last, config["ends_after_days"], tuple(config["exdates"]))


def occurrences(config: Mapping[str, Any], now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Each window by the day it begins, from the first that may still be open at `now`, nine years far."""
    series = Series.of(config)
    if not series.rrule:
        if series.first:
            yield _occurrence(series, series.first, series.last)
        return
    longest = timedelta(days=series.ends_after_days + 2)
    since = max(series.first or SOME_MONDAY, now.astimezone(ZoneInfo(series.tz)).date() - longest)
    soon = _soon(series, since)
    yield from soon
    if len(soon) == SOON:
        yield from islice(_all(series, since), SOON, None)


def first_joined(config: Mapping[str, Any], now: datetime, gap: timedelta) -> Span | None:
    """The first of `joined`: it stays the same until the first window that is not over by now has ended."""
    asked = Series.of(config), gap
    since, until, span = _first.get(asked, (now, now, None))
    if span is not None and since <= now < until:
        return span
    ahead, counted = tee(occurrences(config, now))
    span = next(joined(counted, now, gap), None)
    ends = next((end for start, end in ahead if end > now and end > start), None)
    if span is not None and ends is not None:
        if len(_first) >= MOST_KEPT:
            _first.clear()
        _first[asked] = now, ends, span
    return span


_first: dict[tuple[Series, timedelta], tuple[datetime, datetime, Span | None]] = {}


# Most questions are about the windows of these days, which stay the same until midnight.
@lru_cache(maxsize=1024)
def _soon(series: Series, since: date) -> tuple[tuple[datetime, datetime], ...]:
    return tuple(islice(_all(series, since), SOON))


def _all(series: Series, since: date) -> Iterator[tuple[datetime, datetime]]:
    rule, anchor = rrule.read(series.rrule), series.first or SOME_MONDAY
    skipped = {date.fromisoformat(day) for day in series.exdates}
    for after in range(rrule.LONGEST_GAP_DAYS):
        day = since + timedelta(days=after)
        if series.last and day > series.last:
            return
        if rule.falls_on(day, anchor) and day not in skipped:
            yield _occurrence(series, day, None)


def _occurrence(series: Series, day: date, last: date | None) -> tuple[datetime, datetime]:
    """The window that begins on `day`; one that happens once may say its last day itself."""
    zone = ZoneInfo(series.tz)
    end_day = max(last or day, day + timedelta(days=series.ends_after_days))
    if end_day == day and series.ends <= series.starts:
        end_day += timedelta(days=1)
    return _instant(day, series.starts, zone), _instant(end_day, series.ends, zone)


# Each evaluation of a guard needs the same few days.
@lru_cache(maxsize=4096)
def _instant(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    return zone_tables.instant(datetime.combine(day, time.fromisoformat(clock)), zone)


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
