"""Times of notes: what somebody says of when it was, and how the entries around would write it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from postmortems.document.times import prefix, zones
from postmortems.errors import Invalid

AGO = re.compile(r"(?P<count>\d{1,4}) ?(?P<unit>s|m|h)(?:ec|in|our)?[a-z]* ago", re.IGNORECASE)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
# The clock of who notes may be ahead of ours: what is said of today is not yesterday for that.
AHEAD = timedelta(minutes=5)
ABOUT = re.compile(r"[~≈±]\s*")
# What may stand behind a time: the end of a span.
SPAN = re.compile(r"\s*[-–—]")

CLOCKS = (
    "{at:%H:%M:%S}",
    "{at:%H:%M}",
    "{at.hour}:{at:%M}",
    "{twelve}:{at:%M} {half}",
    "{twelve}:{at:%M}{half}",
    "{twelve:02}:{at:%M} {half}",
    "{at:%H}h{at:%M}",
    "{at:%H}.{at:%M}",
)
DAYS = (
    "",
    "{at:%Y-%m-%d} ",
    "{at:%Y-%m-%d}T",
    "{at:%Y/%m/%d} ",
    "{at:%d.%m.%Y} ",
    "{at:%d/%m/%Y} ",
    "{at:%m/%d/%Y} ",
    "{at:%b} {at.day} ",
    "{at:%b} {at.day}, ",
    "{at:%b} {at.day}, {at.year} ",
    "{at:%B} {at.day} ",
    "{at:%B} {at.day}, ",
    "{at:%B} {at.day}, {at.year} ",
    "{at.day} {at:%b} {at.year} ",
    "{at.day} {at:%B} {at.year} ",
    "{at.day} {at:%b} ",
    "{at.day} {at:%B} ",
)


def moment(said: str, now: datetime, zone: tzinfo, day: date | None = None) -> datetime | None:
    """The instant that is said; None where it is a time of the timeline's own grammar that stays as written.

    `said` is ISO 8601 (RFC 3339 §5.6), with an offset or in `zone`; a clock alone, which is the last such
    time before now, or on `day`, where all that is told of is long over; or `10m ago`. Raises `Invalid`.
    """
    if not said:
        return now
    ago = AGO.fullmatch(said)
    if ago:
        return now - timedelta(**{UNITS[ago["unit"].lower()]: int(ago["count"])})
    stamp = prefix.of_heading(said)
    is_time = (
        stamp is not None and not stamp.rest and (stamp.stated.day is None or stamp.stated.day.is_possible)
    )
    clock = stamp.stated.clock if stamp and is_time else None
    if clock and not (clock.is_possible or (clock.is_end_of_day and stamp and stamp.stated.day)):
        raise _unreadable(said)
    try:
        exact = datetime.fromisoformat(said) if ":" in said and "-" in said else None
        if exact is not None:
            return exact.replace(tzinfo=exact.tzinfo or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    if stamp is None or not is_time or not stamp.stated.has_clock:
        raise _unreadable(said)
    stated = stamp.stated
    if clock is None or stated.day or stated.until or stated.is_approximate or clock.meridiem:
        return None
    there = zones.known(stated.zone) or zone
    if day:
        on_that_day = time(clock.hour, clock.minute, clock.second or 0)
        return datetime.combine(day, on_that_day, tzinfo=there).astimezone(UTC)
    at = now.astimezone(there).replace(
        hour=clock.hour, minute=clock.minute, second=clock.second or 0, microsecond=0, fold=0
    )
    return (at if at <= now + AHEAD else at - timedelta(days=1)).astimezone(UTC)


def notations(wanted: datetime, like: list[tuple[str, datetime]], zone: list[tzinfo]) -> Iterator[str]:
    """How the instant may be written: first as the entries `like` it are, then plainer and with more in it.

    `like` has entries' times as written with the local time that each is, the nearest first.
    """
    for written, at in like:
        style, own = _style(written, at)
        if style:
            yield from (_written(style, wanted.astimezone(each)) for each in (own or zone))
    local = zone[0] if zone else UTC
    for style in ("{at:%H:%M}", "{at:%Y-%m-%d} {at:%H:%M}"):
        yield _written(style, wanted.astimezone(local))
    yield _written("{at:%Y-%m-%d} {at:%H:%M} UTC", wanted.astimezone(UTC))


def _style(written: str, at: datetime) -> tuple[str, list[tzinfo]]:
    """The notation in which a time was written, and the zone in it; "" where it is none of ours."""
    bare = ABOUT.sub("", written.strip())
    found = [
        (len(text), day + clock, bare[len(text) :])
        for day in DAYS
        for clock in CLOCKS
        for text in [_written(day + clock, at)]
        if bare.casefold().startswith(text.casefold())
    ]
    for _, style, rest in sorted(found, key=lambda each: -each[0]):
        is_lower = "am" in bare or "pm" in bare
        style = style.replace("{half}", "{small}") if is_lower else style
        if not rest or SPAN.match(rest):
            return style, []
        if stated := zones.known(rest.strip(" ()")):
            return style + rest.replace("{", "{{").replace("}", "}}"), [stated]
    return "", []


def _written(style: str, at: datetime) -> str:
    half = "PM" if at.hour >= 12 else "AM"
    return style.format(at=at, twelve=at.hour % 12 or 12, half=half, small=half.lower())


def _unreadable(said: str) -> Invalid:
    return Invalid(
        f"{said[:60]!r} is no time; write 14:05, 2026-03-02 14:05, 2026-03-02T14:05:00Z or 10m ago", "/at"
    )
