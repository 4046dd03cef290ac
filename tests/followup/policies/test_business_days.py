"""Laws of counting business days, whatever the calendar."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from postmortems.followup.policies import business_days
from postmortems.followup.policies.business_days import ALL_DAYS, WorkCalendar

DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
CALENDARS = st.builds(
    WorkCalendar,
    st.frozensets(DAYS, max_size=30),
    st.frozensets(st.integers(0, 6), max_size=6),
)


@given(DAYS, st.integers(0, 60), CALENDARS)
def test_the_day_found_is_a_business_day(day: date, days: int, calendar: WorkCalendar) -> None:
    assert calendar.is_business_day(business_days.after(day, days, calendar))
    assert calendar.is_business_day(business_days.before(day, days, calendar))


@given(DAYS, st.integers(1, 60), CALENDARS)
def test_between_undoes_after(day: date, days: int, calendar: WorkCalendar) -> None:
    assert business_days.between(day, business_days.after(day, days, calendar), calendar) == days


@given(DAYS, st.integers(0, 60), CALENDARS)
def test_before_undoes_after_from_a_business_day(day: date, days: int, calendar: WorkCalendar) -> None:
    start = business_days.after(day, 0, calendar)

    assert business_days.before(business_days.after(start, days, calendar), days, calendar) == start


@given(DAYS, DAYS, st.integers(0, 60), CALENDARS)
def test_who_begins_later_ends_no_earlier(one: date, other: date, days: int, calendar: WorkCalendar) -> None:
    first, second = sorted((one, other))

    assert business_days.after(first, days, calendar) <= business_days.after(second, days, calendar)


@given(DAYS, st.integers(0, 400))
def test_where_every_day_counts_it_is_addition(day: date, days: int) -> None:
    assert business_days.after(day, days, ALL_DAYS) == day + timedelta(days=days)
    assert business_days.before(day, days, ALL_DAYS) == day - timedelta(days=days)


def test_from_friday_to_monday_is_one() -> None:
    assert business_days.between(date(2026, 3, 6), date(2026, 3, 9), WorkCalendar()) == 1
    assert business_days.between(date(2026, 3, 9), date(2026, 3, 6), WorkCalendar()) == 0


def test_counting_ends_at_the_first_and_the_last_day_there_are() -> None:
    assert business_days.after(date.max, 3, WorkCalendar()) == date.max
    assert business_days.before(date.min, 3, WorkCalendar()) == date.min
