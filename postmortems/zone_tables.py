"""Time zone tables: which release is used, and instants of local times.

`zoneinfo` takes the system's tables where there are any, however old, and the package `tzdata` only where
there are none. Governments change their clocks at a few weeks' notice, so here the newer of the two is taken,
once, when this module is first imported; no other module imports `zoneinfo`.
"""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import tzdata  # type: ignore[import-untyped]

__all__ = ["ZoneInfo", "available_timezones", "named"]

# Where a folder of compiled tables says which release of IANA's it was made from, if it says so at all.
SAID_IN = ("tzdata.zi", "+VERSION", "version")
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables in use and those that are not; a version is IANA's, such as `2026f`, or empty: not said."""

    version: str
    place: str
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = f"time zones of IANA {self.version or 'unknown'} ({self.place})"
        return told + "".join(f"; not used: {other}" for other in self.others)


def _newest() -> Tables:
    """Take the newer tables, for the whole process."""
    system = next((Path(place) for place in zoneinfo.TZPATH if (Path(place) / "Etc").is_dir()), None)
    packaged, package = tzdata.IANA_VERSION, "package tzdata"
    if system is None:
        return Tables(packaged, package)
    version = _version_in(system)
    if version >= packaged:
        return Tables(version, str(system), (f"{packaged} ({package})",))
    zoneinfo.reset_tzpath(to=())
    ZoneInfo.clear_cache()
    return Tables(packaged, package, (f"{version or 'unknown'} ({system})",))


def _version_in(folder: Path) -> str:
    """IANA's release of the tables in `folder`; empty where it is not said."""
    for name in SAID_IN:
        try:
            with (folder / name).open(encoding="ascii", errors="replace") as file:
                words = file.readline(100).lstrip("#").split()
        except OSError:
            continue
        if words and words[-1][:4].isdigit():
            return words[-1]
    return ""


tables = _newest()


def named(name: str) -> ZoneInfo | None:
    """The zone of that name in the tz database; None where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """The instant, in UTC, at which the clocks of `zone` show `wall` (naive).

    A time that they skip is the instant at which they jump past it; one that comes twice is the first.
    """
    before, after = _offsets(wall, zone)
    return wall.replace(tzinfo=UTC) - before if before >= after else _jump(wall, before, after, zone)


def instants(wall: datetime, zone: tzinfo) -> list[datetime]:
    """Every instant, in UTC, at which the clocks of `zone` show `wall` (naive): none, one or two."""
    before, after = _offsets(wall, zone)
    if before < after:
        return []
    return [wall.replace(tzinfo=UTC) - offset for offset in dict.fromkeys((before, after))]


def _offsets(wall: datetime, zone: tzinfo) -> tuple[timedelta, timedelta]:
    """What the clocks are ahead of UTC before and after a change that skips or repeats `wall` (PEP 495)."""
    before, after = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return before or timedelta(0), after or timedelta(0)


def _jump(wall: datetime, before: timedelta, after: timedelta, zone: tzinfo) -> datetime:
    """The first instant after the clocks of `zone` have jumped over `wall`."""
    earlier, later = wall.replace(tzinfo=UTC) - after, wall.replace(tzinfo=UTC) - before
    while later - earlier > _TICK:
        middle = earlier + (later - earlier) // 2
        if middle.astimezone(zone).utcoffset() == before:
            earlier = middle
        else:
            later = middle
    return later
