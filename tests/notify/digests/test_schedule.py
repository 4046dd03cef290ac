"""When the next digest is due: a table of cases, and laws that hold for any rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems import zone_tables
from postmortems.notify.digests import schedule

LINES = Path(__file__).with_name("schedule_cases.txt").read_text(encoding="utf-8").splitlines()
CASES = [tuple(line.split()) for line in LINES if line and not line.startswith("#")]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.mark.parametrize("now, every, weekday, hour, zone, expected", CASES)
def test_the_next_digest_is_due_by_the_clock_of_its_zone(
    now: str, every: str, weekday: str, hour: str, zone: str, expected: str
) -> None:
    found = schedule.next_after(at(now), every, int(weekday), int(hour), zone)

    assert found == (None if expected == "never" else at(expected))


@given(
    st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(["week", "day"]),
    st.integers(0, 6),
    st.integers(0, 23),
    st.sampled_from(ZONES),
)
def test_digests_follow_each_other_by_a_week_or_less_and_never_twice_on_a_day(
    now: datetime, every: str, weekday: int, hour: int, zone: str
) -> None:
    known = zone_tables.named(zone)
    first = schedule.next_after(now, every, weekday, hour, zone)
    assert first is not None
    second = schedule.next_after(first, every, weekday, hour, zone)
    assert second is not None

    assert now < first <= now + timedelta(days=8)
    assert first.astimezone(known).date() < second.astimezone(known).date()
    assert second - first <= timedelta(days=7, hours=2)
