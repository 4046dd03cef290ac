"""Cron lines: which days and times they mean, in which zone, and what is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from postmortems.guards.kinds.heartbeat import cron

LABS = ZoneInfo("America/Los_Angeles")


def next_in(line: str, after: str, zone: ZoneInfo = LABS) -> str:
    found = cron.read(line).next_after(datetime.fromisoformat(after).replace(tzinfo=zone), zone)
    assert found is not None
    return found.astimezone(zone).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    "line, after, due",
    [
        ("0 3 * * *", "2018-01-25T02:59", "2018-01-25T03:00-08:00"),
        ("0 3 * * *", "2018-01-25T03:00", "2018-01-26T03:00-08:00"),
        ("*/15 * * * *", "2018-01-25T03:01", "2018-01-25T03:15-08:00"),
        ("* * * * *", "2018-01-25T23:59", "2018-01-26T00:00-08:00"),
        ("5/20 1 * * *", "2018-01-25T01:06", "2018-01-25T01:25-08:00"),
        ("0 9-17/4 * * *", "2018-01-25T09:30", "2018-01-25T13:00-08:00"),
        ("0 3 1,15 * *", "2018-01-02T00:00", "2018-01-15T03:00-08:00"),
        ("0 3 * feb *", "2018-01-02T00:00", "2018-02-01T03:00-08:00"),
        ("0 3 * * sun", "2018-01-25T00:00", "2018-01-28T03:00-08:00"),
        ("0 3 * * 7", "2018-01-25T00:00", "2018-01-28T03:00-08:00"),
        # Both days narrowed: the first of a month, and every Friday.
        ("0 3 1 * FRI", "2018-01-25T00:00", "2018-01-26T03:00-08:00"),
        ("0 3 1 * FRI", "2018-01-26T04:00", "2018-02-01T03:00-08:00"),
        ("0 3 29 2 *", "2018-01-01T00:00", "2020-02-29T03:00-08:00"),
        # The clocks jump from 02:00 to 03:00 …
        ("30 2 * * *", "2018-03-11T00:00", "2018-03-11T03:00-07:00"),
        ("30 2 * * *", "2018-03-11T03:00", "2018-03-12T02:30-07:00"),
        ("30 2,3 * * *", "2018-03-11T03:30", "2018-03-12T02:30-07:00"),
        ("0 * * * *", "2018-03-11T01:00", "2018-03-11T03:00-07:00"),
        # … and fall back from 02:00 to 01:00.
        ("30 1 * * *", "2018-11-04T00:00", "2018-11-04T01:30-07:00"),
        ("30 1 * * *", "2018-11-04T01:31", "2018-11-05T01:30-08:00"),
        ("30 2,3 * * *", "2018-03-11T03:00", "2018-03-11T03:30-07:00"),
        # By its pace a line is due in both passes, and at no time that is skipped.
        ("30 * * * *", "2018-03-11T01:31", "2018-03-11T03:30-07:00"),
        ("*/10 2 * * *", "2018-03-11T00:00", "2018-03-12T02:00-07:00"),
        ("0,30 1 * * *", "2018-11-04T01:30", "2018-11-05T01:00-08:00"),
    ],
)
def test_the_next_time_is_found(line: str, after: str, due: str) -> None:
    assert next_in(line, after) == due


@pytest.mark.parametrize(
    "line, zone, after, due",
    [
        ("30 * * * *", "America/Los_Angeles", "2018-11-04T08:30", "2018-11-04T09:30"),
        ("30 */1 * * *", "America/Los_Angeles", "2018-11-04T08:30", "2018-11-04T09:30"),
        ("*/15 * * * *", "America/Los_Angeles", "2018-11-04T08:45", "2018-11-04T09:00"),
        ("*/15 1 * * *", "America/Los_Angeles", "2018-11-04T08:45", "2018-11-04T09:00"),
        ("30 1 * * *", "America/Los_Angeles", "2018-11-04T08:30", "2018-11-05T09:30"),
        # Half an hour, back at two and forward at two.
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T14:45", "2026-04-05T15:15"),
        ("45 * * * *", "Australia/Lord_Howe", "2026-04-04T14:45", "2026-04-04T15:15"),
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00", "2026-10-03T15:30"),
        # A day that was skipped, and clocks that go back over midnight.
        ("0 3 * * *", "Pacific/Apia", "2011-12-29T14:00", "2011-12-30T10:00"),
        ("0 3 * * *", "Pacific/Apia", "2011-12-30T10:00", "2011-12-30T13:00"),
        ("*/15 * * * *", "America/St_Johns", "2006-10-29T02:15", "2006-10-29T02:30"),
        ("*/30 1 * * *", "Antarctica/Troll", "2026-10-24T23:30", "2026-10-25T01:00"),
        ("0,30 */1 * * *", "Africa/Casablanca", "2026-02-15T01:30", "2026-02-15T02:00"),
        ("30 23 * * *", "America/Havana", "2025-11-02T04:00", "2025-11-03T04:30"),
    ],
)
def test_a_pace_goes_through_both_passes(line: str, zone: str, after: str, due: str) -> None:
    found = cron.read(line).next_after(datetime.fromisoformat(after).replace(tzinfo=UTC), ZoneInfo(zone))

    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_times_run_forward_through_a_whole_year_of_jumps() -> None:
    line, instant = cron.read("17 */2 * * *"), datetime(2018, 1, 1, tzinfo=UTC)
    while instant.year == 2018:
        due = line.next_after(instant, LABS)
        assert due is not None
        assert instant < due <= instant + timedelta(hours=4)
        instant = due


@pytest.mark.parametrize(
    "line, why",
    [
        ("", "five fields"),
        ("0 3 * *", "five fields"),
        ("0 3 * * * *", "five fields"),
        ("60 3 * * *", "the minute must be from 0 to 59"),
        ("0 24 * * *", "the hour"),
        ("0 3 0 * *", "the day of the month"),
        ("0 3 * 13 *", "the month"),
        ("0 3 * * 8", "the weekday"),
        ("0 3 * * MOND", "the weekday"),
        ("x 3 * * *", "the minute"),
        ("-1 3 * * *", "the minute"),
        ("5-1 3 * * *", "ends before it begins"),
        ("*/0 3 * * *", "the minute"),
        ("*/ 3 * * *", "the minute"),
        ("0,, 3 * * *", "the minute"),
        ("\u0661 3 * * *", "the minute"),
        ("9" * 5000 + " 3 * * *", "the minute"),
        ("0 3 30 2 *", "no day ever fits"),
        ("@daily", "five fields"),
    ],
)
def test_what_is_no_cron_line_is_said(line: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        cron.read(line)
