"""A month as an address names it: `2026-10`. Pure. Months begin and end in UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from postmortems.errors import Invalid
from postmortems.reports.catalog.scope import EARLIEST

WRITTEN = re.compile(r"([0-9]{4})-([0-9]{2})")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month, by its first day."""

    first: date

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def words(self) -> str:
        """`October 2026`."""
        return f"{self.first:%B} {self.first.year}"

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> Month:
        return Month((self.first + timedelta(days=32)).replace(day=1))

    @property
    def before(self) -> Month:
        return Month((self.first - timedelta(days=1)).replace(day=1))

    def is_over(self, today: date) -> bool:
        return self.last < today


def of(day: date) -> Month:
    """The month that the day lies in."""
    return Month(day.replace(day=1))


def read(text: str, today: date) -> Month:
    """The month that an address names, without any the last one that is over.

    Raises `Invalid` for what is no month, and for one that has not begun.
    """
    if not text.strip():
        return of(today).before
    parts = WRITTEN.fullmatch(text.strip())
    if parts is None or not 1 <= int(parts[2]) <= 12:
        raise Invalid(f"{text.strip()[:20]!r} is no month; write it as {of(today).before.name}", "/month")
    year, number = int(parts[1]), int(parts[2])
    if year < EARLIEST.year:
        raise Invalid(f"must not lie before {EARLIEST:%Y-%m}", "/month")
    if (year, number) > (today.year, today.month):
        raise Invalid(f"{text.strip()} has not begun; the newest month is {today:%Y-%m}", "/month")
    return Month(date(year, number, 1))
