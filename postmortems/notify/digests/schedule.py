"""Schedule: when the next digest is due. Pure.

Hours are those of the clock in the chosen zone, so that nine stays nine when the clocks change.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from postmortems import zone_tables

EVERY = ("week", "day", "never")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FRIDAY = 4
# The default: Monday at nine.
WEEKDAY, HOUR = 0, 9


def next_after(now: datetime, every: str, weekday: int, hour: int, zone: str) -> datetime | None:
    """The first moment after `now` at which a digest is due, in UTC; None where it never is.

    Every `day` is Monday to Friday, as nobody wants one on a Sunday. An hour that the clocks skip is the
    moment at which they have jumped over it, one that comes twice the first of both. A zone that is not known
    any more is UTC.
    """
    if every == "never":
        return None
    known = zone_tables.named(zone) or UTC
    day = now.astimezone(known).date()
    for _ in range(15):
        is_due = day.weekday() <= FRIDAY if every == "day" else day.weekday() == weekday
        moment = zone_tables.instant(datetime.combine(day, time(hour)), known)
        if is_due and moment > now:
            return moment.astimezone(UTC)
        day += timedelta(days=1)
    raise AssertionError("a week has each of its days")
