"""Calendars as the cases of dates name them: `US`, `GB/SCT`, `FRI-SAT`, and `+` for days of one's own."""

from __future__ import annotations

from datetime import date

from postmortems.followup.policies import holiday_days
from postmortems.followup.policies.business_days import WorkCalendar

WEEKENDS = {"-": {5, 6}, "FRI-SAT": {4, 5}, "SUN": {6}}
YEARS = range(2020, 2031)


def named(name: str) -> WorkCalendar:
    base, *own = name.split("+")
    days = {date.fromisoformat(day) for day in own}
    if base in WEEKENDS:
        return WorkCalendar(frozenset(days), frozenset(WEEKENDS[base]))
    country, _, subdivision = base.partition("/")
    known = holiday_days.of_country(country, subdivision, YEARS)
    return WorkCalendar(frozenset(days | known), holiday_days.weekend_of(country, subdivision))
