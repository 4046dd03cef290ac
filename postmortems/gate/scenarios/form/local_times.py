"""Instants in a form as local times of a zone, and back without ambiguity."""

from __future__ import annotations

from datetime import UTC, datetime

from postmortems import zone_tables
from postmortems.errors import Invalid
from postmortems.zone_tables import ZoneInfo


def zone_of(name: str, pointer: str = "/zone") -> ZoneInfo:
    """The zone of that name, UTC for none. Raises `Invalid`."""
    zone = zone_tables.named(name or "UTC")
    if zone is None:
        raise Invalid("is no zone of the tz database; write one such as America/Los_Angeles", pointer)
    return zone


def read(text: str, zone: ZoneInfo, pointer: str = "/at") -> datetime:
    """The instant: with an offset as it says, else by the zone's clocks.

    Raises `Invalid` where it is no time, and where those clocks never showed it, or twice.
    """
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("is no time; write it as 2018-01-25T15:30", pointer) from None
    if local.tzinfo is not None:
        return local
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    is_skipped = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local
    told = "was skipped when the clocks changed" if is_skipped else "came twice when the clocks changed"
    raise Invalid(f"{told} in {zone.key}; write it with its offset, as in {local.isoformat()}-07:00", pointer)


def shown(instant: datetime, zone: ZoneInfo) -> str:
    """What the zone's clocks showed, to the minute where that is all; with the offset where it came twice."""
    local = instant.astimezone(zone).replace(tzinfo=None, fold=0)
    text = local.isoformat(timespec="minutes" if not (local.second or local.microsecond) else "auto")
    is_clear = local.replace(tzinfo=zone).utcoffset() == local.replace(tzinfo=zone, fold=1).utcoffset()
    return text if is_clear else instant.astimezone(zone).isoformat()
