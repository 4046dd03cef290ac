"""Quiet hours: until when somebody is left alone. Pure.

They are hours of the clock in the person's zone, so that a night in which the clocks change is as long as
that night is. `start` and `end` are minutes of the day; a span whose end comes first goes over midnight.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from postmortems import zone_tables
from postmortems.zone_tables import ZoneInfo

DAY = 24 * 60


def ends(now: datetime, zone: str, start: int, end: int) -> datetime:
    """When somebody may be told who may not be told during these hours: `now` itself outside them.

    An end that the clocks skip is the moment at which they have jumped over it; of one that comes twice, the
    first that is not past.
    """
    known = zone_tables.named(zone)
    if start == end or known is None:
        return now
    local = now.astimezone(known)
    minute = local.hour * 60 + local.minute
    if not _is_quiet(minute, start, end):
        return now
    day = local.date() + timedelta(days=1 if start > end and minute >= start else 0)
    wall = datetime.combine(day, time(*divmod(end, 60)))
    return _first_after(now, wall, known)


def _is_quiet(minute: int, start: int, end: int) -> bool:
    return start <= minute < end if start < end else minute >= start or minute < end


def _first_after(now: datetime, wall: datetime, zone: ZoneInfo) -> datetime:
    later = [instant for instant in zone_tables.instants(wall, zone) if instant > now]
    return (later[0] if later else max(zone_tables.instant(wall, zone), now)).astimezone(UTC)


def minutes(text: str) -> int:
    """`22:30` as minutes of the day. Raises `ValueError`."""
    hour, mark, minute = text.partition(":")
    is_clock = mark and len(text) <= 5 and hour.isdecimal() and minute.isdecimal() and len(minute) == 2
    if not (text.isascii() and is_clock and int(hour) < 24 and int(minute) < 60):
        raise ValueError(f"{text[:20]!r} is no time of the day; write it as 22:30")
    return int(hour) * 60 + int(minute)


def clock_time(minute: int) -> str:
    """Minutes of the day as `22:30`."""
    return f"{minute // 60:02}:{minute % 60:02}"
