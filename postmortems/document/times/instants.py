"""Local times to instants: the zone in which a time is meant, and its clock changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from postmortems.document.times import zones
from postmortems.zone_tables import ZoneInfo

HALF_A_DAY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Clocks:
    """`words` are a time's zone as stated, `timezone` the incident's: it tells what `CST` means there."""

    words: str
    timezone: str = ""

    @property
    def name(self) -> str:
        """How a message calls the zone."""
        return self.words or self.timezone

    def instant(self, at: datetime, *, is_second: bool = False) -> datetime | None:
        """The instant of a local time, in UTC; None where no zone is known or the clocks skipped it.

        Of a time that came twice in autumn it is the first, or the second if that is asked for.
        """
        zone, fold = self._meant(at, is_second)
        if zone is None:
            return None
        try:
            local = at.replace(tzinfo=zone, fold=fold)
            found = local.astimezone(UTC)
            return found if found.astimezone(zone).replace(tzinfo=None, fold=0) == at else None
        except OverflowError:
            return None

    def skips(self, at: datetime) -> bool:
        """Whether there was no such time because the clocks went forward."""
        zone, _ = self._meant(at, False)
        return zone is not None and 1 < at.year < 9999 and self.instant(at) is None

    def nearest_day(self, at: datetime, other: datetime, instant: datetime) -> datetime:
        """A time without a date, below one by other clocks: on the day on which it follows soonest.

        `00:45 UTC` below `17:30 PDT` is on the next day, `23:50 UTC` below `00:40 CET` on the one before.
        """
        own = self.instant(at)
        if own is None or at - own.replace(tzinfo=None) == other - instant.replace(tzinfo=None):
            return at
        for days in (0, 1, -1):
            try:
                moved = at + timedelta(days=days)
            except OverflowError:
                continue
            found = self.instant(moved)
            if found and timedelta() <= found - instant < HALF_A_DAY:
                return moved
        return at

    def _meant(self, at: datetime, is_second: bool) -> tuple[tzinfo | None, int]:
        """The zone, and which pass of an hour that came twice: `EDT` or `EST` say it."""
        home = zones.known(self.timezone)
        if self.words and isinstance(home, ZoneInfo):
            for fold in (0, 1):
                if at.replace(tzinfo=home, fold=fold).tzname() == self.words.upper():
                    return home, fold
        return zones.known(self.words) if self.words else home, int(is_second)
