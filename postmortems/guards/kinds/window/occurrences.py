"""Occurrences of a window as instants, in order, joined where they touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from postmortems import zone_tables
from postmortems.guards.kinds.window import rrule
from postmortems.zone_tables import ZoneInfo

# From the first instant to before the second; None where no end is in sight.
Span = tuple[datetime, datetime | None]
# Windows that join more often than this have no end in sight.
MOST_JOINED = 500
# Rules that count from no day of their own are counted from here; it is a Monday.
SOME_MONDAY = date(2001, 1, 1)


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


def occurrences(config: Mapping[str, Any], now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Each window by the day it begins, from the first that may still be open at `now`, nine years far."""
    zone = ZoneInfo(config["tz"])
    first, last = _day(config["starts_on"]), _day(config["ends_on"])
    if not config["rrule"]:
        if first:
            yield _occurrence(config, first, last, zone)
        return
    rule, anchor = rrule.read(config["rrule"]), first or SOME_MONDAY
    skipped = {date.fromisoformat(day) for day in config["exdates"]}
    longest = timedelta(days=config["ends_after_days"] + 2)
    since = max(anchor, now.astimezone(zone).date() - longest)
    for after in range(rrule.LONGEST_GAP_DAYS):
        day = since + timedelta(days=after)
        if last and day > last:
            return
        if rule.falls_on(day, anchor) and day not in skipped:
            yield _occurrence(config, day, None, zone)


def _occurrence(
    config: Mapping[str, Any], day: date, last: date | None, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """The window that begins on `day`; one that happens once may say its last day itself."""
    end_day = max(last or day, day + timedelta(days=config["ends_after_days"]))
    if end_day == day and config["ends"] <= config["starts"]:
        end_day += timedelta(days=1)
    return _instant(day, config["starts"], zone), _instant(end_day, config["ends"], zone)


# Each evaluation of a guard needs the same few days.
@lru_cache(maxsize=4096)
def _instant(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    return zone_tables.instant(datetime.combine(day, time.fromisoformat(clock)), zone)


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
