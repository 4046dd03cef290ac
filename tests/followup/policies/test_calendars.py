"""Holiday calendars know the years to come."""

from __future__ import annotations

from datetime import date

from postmortems.db import session as db
from postmortems.followup.policies import calendars, operations, queries
from postmortems.followup.policies.calendars import CalendarValues
from postmortems.followup.policies.operations import PolicyValues
from tests.conftest import Clock
from tests.world import World


def test_years_are_added_as_time_goes_on(any_database: str, world: World, clock: Clock) -> None:
    with db.transaction():
        own = frozenset({date(2026, 12, 24)})
        calendars.create(CalendarValues("Office", "US", own_days=own), actor=world.ben)
        assert calendars.extend(clock.now()) == 0
    clock.advance(days=6 * 365)

    with db.transaction():
        assert calendars.extend(clock.now()) == 1
        assert calendars.extend(clock.now()) == 0

    with db.reading():
        row = queries.calendar("office")
        days = queries.days_of(row.id)
        assert row.known_until == 2042
        assert (date(2041, 7, 4) in days, days[date(2026, 12, 24)]) == (True, True)
        assert len({day.year for day in days}) == 2042 - 2016 + 1


def test_what_a_process_keeps_follows_a_changed_calendar(any_database: str, world: World) -> None:
    with db.transaction():
        calendars.create(CalendarValues("Office"), actor=world.ben)
        operations.create(PolicyValues(complete_days=1, calendar="office"), actor=world.ben)
    with db.reading():
        [policy] = queries.policies()
        assert policy.calendar.is_business_day(date(2026, 12, 24))

    with db.transaction():
        days = frozenset({date(2026, 12, 24)})
        calendars.change("office", CalendarValues("Office", own_days=days), version=1, actor=world.ben)

    with db.reading():
        [policy] = queries.policies()
        assert not policy.calendar.is_business_day(date(2026, 12, 24))
