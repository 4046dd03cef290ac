"""Quiet hours end by the clock of the person's zone, in nights of 23, 24 and 25 hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.notify.people import quiet_hours

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
# When, in which zone, quiet from and until; when it may be told.
CASES = [
    ("2026-03-02T12:00Z", "UTC", "22:00", "07:00", "2026-03-02T12:00Z"),
    ("2026-03-02T22:00Z", "UTC", "22:00", "07:00", "2026-03-03T07:00Z"),
    ("2026-03-02T21:59Z", "UTC", "22:00", "07:00", "2026-03-02T21:59Z"),
    ("2026-03-02T06:59Z", "UTC", "22:00", "07:00", "2026-03-02T07:00Z"),
    ("2026-03-02T07:00Z", "UTC", "22:00", "07:00", "2026-03-02T07:00Z"),
    ("2026-03-02T12:30Z", "UTC", "12:00", "13:00", "2026-03-02T13:00Z"),
    ("2026-03-02T12:30Z", "UTC", "12:00", "12:00", "2026-03-02T12:30Z"),
    ("2026-03-02T23:30Z", "UTC", "22:00", "00:00", "2026-03-03T00:00Z"),
    ("2026-12-31T23:30Z", "UTC", "22:00", "07:00", "2027-01-01T07:00Z"),
    ("2028-02-28T23:30Z", "UTC", "22:00", "07:00", "2028-02-29T07:00Z"),
    # Berlin is an hour ahead in winter, two in summer.
    ("2026-03-02T21:30Z", BERLIN, "22:00", "07:00", "2026-03-03T06:00Z"),
    ("2026-07-02T20:30Z", BERLIN, "22:00", "07:00", "2026-07-03T05:00Z"),
    # The night to 29 March has 23 hours there, that to 25 October 25.
    ("2026-03-28T21:30Z", BERLIN, "22:00", "07:00", "2026-03-29T05:00Z"),
    ("2026-10-24T20:30Z", BERLIN, "22:00", "07:00", "2026-10-25T06:00Z"),
    # It ends at half past two, which the clocks skip: at three, when they have jumped.
    ("2026-03-28T22:00Z", BERLIN, "22:00", "02:30", "2026-03-29T01:00Z"),
    # It ends at half past two, which comes twice: the first time, and for who asks between them the second.
    ("2026-10-24T21:00Z", BERLIN, "22:00", "02:30", "2026-10-25T00:30Z"),
    ("2026-10-25T01:10Z", BERLIN, "22:00", "02:30", "2026-10-25T01:30Z"),
    ("2026-11-01T05:50Z", NEW_YORK, "01:30", "01:45", "2026-11-01T05:50Z"),
    ("2026-11-01T06:35Z", NEW_YORK, "01:30", "01:45", "2026-11-01T06:45Z"),
    # Either side of the date line.
    ("2026-03-02T09:00Z", "Pacific/Kiritimati", "22:00", "07:00", "2026-03-02T17:00Z"),
    ("2026-03-02T09:30Z", "Pacific/Pago_Pago", "22:00", "07:00", "2026-03-02T18:00Z"),
    # Half an hour is all that the clocks move there.
    ("2026-04-04T14:00Z", LORD_HOWE, "22:00", "07:00", "2026-04-04T20:30Z"),
    # A quarter of an hour off all others.
    ("2026-03-02T17:00Z", "Asia/Kathmandu", "22:00", "07:00", "2026-03-03T01:15Z"),
    ("2026-03-02T23:00Z", "Nowhere/Atall", "22:00", "07:00", "2026-03-02T23:00Z"),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.mark.parametrize("now, zone, start, end, told", CASES)
def test_who_has_quiet_hours_is_told_at_their_end(
    now: str, zone: str, start: str, end: str, told: str
) -> None:
    found = quiet_hours.ends(at(now), zone, quiet_hours.minutes(start), quiet_hours.minutes(end))

    assert found == at(told)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, "UTC", "Africa/Cairo", "America/St_Johns"]),
    st.integers(0, 1439),
    st.integers(0, 1439),
)
def test_nobody_waits_longer_than_a_day_nor_is_told_in_quiet_hours(
    now: datetime, zone: str, start: int, end: int
) -> None:
    found = quiet_hours.ends(now, zone, start, end)

    assert now <= found <= now + timedelta(hours=26)
    assert quiet_hours.ends(found, zone, start, end) == found


@pytest.mark.parametrize(
    "text", ["", "7", "24:00", "12:60", "12:5", "-1:00", "12:00:00", "٠١:٠٠", "noon", "1 2:00"]
)
def test_what_is_no_time_of_the_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no time of the day"):
        quiet_hours.minutes(text)
