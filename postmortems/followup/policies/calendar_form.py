"""The form of a holiday calendar: what is posted as values, and a stored calendar as the form shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from postmortems.followup.policies import holiday_days
from postmortems.followup.policies.calendars import WEEKEND, CalendarValues
from postmortems.followup.policies.models import HolidayCalendar

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def read(form: Mapping[str, str], ical: bytes, this_year: int) -> CalendarValues:
    """What the form says; `ical` is the file that came with it, or nothing. Raises `Invalid`."""
    days = holiday_days.from_list(form.get("days", ""))
    if ical:
        days |= holiday_days.from_ical(ical, this_year)
    chosen = frozenset(weekend(form)) if form.get("own_weekend") else None
    place = (form.get("country", "").strip().upper(), form.get("subdivision", "").strip())
    return CalendarValues(form.get("name", ""), *place, chosen, frozenset(days))


def weekend(form: Mapping[str, Any]) -> list[int]:
    """The weekdays that are ticked."""
    return [number for number in range(7) if form.get(f"weekday-{number}")]


def filled_in(known: HolidayCalendar | None, days: Mapping[date, bool]) -> dict[str, Any]:
    """A stored calendar as the form's fields have it; the fields of a new one."""
    if known is None:
        return {"weekday-5": "true", "weekday-6": "true"}
    own = "\n".join(day.isoformat() for day, is_own in days.items() if is_own)
    ticked = {f"weekday-{number}": "true" for number in known.weekend}
    place = {"country": known.country, "subdivision": known.subdivision}
    usual = holiday_days.weekend_of(known.country, known.subdivision) if known.country else WEEKEND
    is_own = {"own_weekend": "true"} if set(known.weekend) != usual else {}
    return {"name": known.name, "days": own, **is_own, **place, **ticked}
