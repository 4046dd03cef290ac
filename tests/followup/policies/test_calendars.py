"""Holiday calendars know the years to come."""

from __future__ import annotations

from datetime import date

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.followup.policies import calendars, operations, queries
from postmortems.followup.policies.calendars import CalendarValues
from postmortems.followup.policies.models import Holiday
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


def test_years_of_which_days_are_missing_do_not_count_as_known(world: World, clock: Clock) -> None:
    with db.transaction():
        for country in ("LK", "IN", "DE"):
            calendars.create(CalendarValues(country, country), actor=world.ben)

    with db.transaction():
        assert {each.slug: each.known_until for each in queries.calendars()} == {
            "de": 2036,
            "in": 2035,
            "lk": 2026,
        }
        assert calendars.extend(clock.now()) == 0
        assert max(queries.days_of(queries.calendar("in").id)).year == 2035


def test_a_calendar_of_an_earlier_release_unlearns_what_was_not_known(world: World, clock: Clock) -> None:
    own = date(2036, 3, 1)
    with db.transaction():
        row = calendars.create(CalendarValues("Delhi", "IN", own_days=frozenset({own})), actor=world.ben)
        row.known_until = 2036
        session().add(Holiday(calendar_id=row.id, day=date(2036, 8, 15), is_own=False))

    with db.transaction():
        calendars.extend(clock.now())

    with db.reading():
        row = queries.calendar("delhi")
        assert row.known_until == 2035
        assert [day for day in queries.days_of(row.id) if day.year > 2035] == [own]


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
