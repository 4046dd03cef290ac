"""Windows: wall-clock hours of a zone, through the changes of its clocks, and when it opens next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from postmortems.guards.judgement import Judgement
from postmortems.guards.kinds.window.kind import Window
from tests.guards.asking import LABS, question

KIND = Window()
WEEKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
LAB_HOURS = {
    "tz": "America/Los_Angeles",
    "starts": "09:00",
    "ends": "19:00",
    "rrule": WEEKDAYS,
    "runway_s": 0,
    "reason": "labs",
}


def local(text: str) -> datetime:
    """An instant written as Berkeley's clocks show it."""
    return datetime.fromisoformat(text).replace(tzinfo=LABS)


def judged(config: dict[str, Any], now: datetime) -> Judgement:
    return KIND.judge(KIND.configured(config), [], question(now=now))


@pytest.mark.parametrize(
    "at, verdict, summary",
    [
        # The founding incident, and when it should have been.
        ("2018-01-25T15:30", "fail", "frozen until 19:00 PST (labs)"),
        ("2018-01-25T19:05", "pass", "open until Fri 26 Jan 09:00 PST (labs)"),
        ("2018-01-25T08:59:59", "pass", "open until 09:00 PST (labs)"),
        ("2018-01-25T09:00", "fail", "frozen until 19:00 PST (labs)"),
        ("2018-01-25T18:59:59", "fail", "frozen until 19:00 PST (labs)"),
        ("2018-01-25T19:00", "pass", "open until Fri 26 Jan 09:00 PST (labs)"),
        ("2018-01-27T12:00", "pass", "open until Mon 29 Jan 09:00 PST (labs)"),
        ("2018-12-31T20:00", "pass", "open until Tue 1 Jan 2019 09:00 PST (labs)"),
        # The clocks go forward on 11 March and back on 4 November 2018; 09:00 stays 09:00.
        ("2018-03-12T08:59", "pass", "open until 09:00 PDT (labs)"),
        ("2018-03-12T09:00", "fail", "frozen until 19:00 PDT (labs)"),
        ("2018-03-12T18:59", "fail", "frozen until 19:00 PDT (labs)"),
        ("2018-03-12T19:30", "pass", "open until Tue 13 Mar 09:00 PDT (labs)"),
        ("2018-11-05T08:59", "pass", "open until 09:00 PST (labs)"),
        ("2018-11-05T09:00", "fail", "frozen until 19:00 PST (labs)"),
    ],
)
def test_lab_hours_follow_the_clocks_of_the_campus(at: str, verdict: str, summary: str) -> None:
    judgement = judged(LAB_HOURS, local(at))

    assert (judgement.verdict, judgement.summary) == (verdict, summary)


@pytest.mark.parametrize(
    "at, in_local_time, in_utc",
    [
        ("2018-02-01T18:59", "fail", "fail"),
        ("2018-02-01T19:00", "pass", "pass"),
        ("2018-07-02T09:00", "fail", "pass"),
        ("2018-07-02T19:30", "pass", "fail"),
    ],
)
def test_the_same_hours_written_in_utc_are_wrong_in_summer(at: str, in_local_time: str, in_utc: str) -> None:
    utc_hours = {**LAB_HOURS, "tz": "UTC", "starts": "17:00", "ends": "03:00"}

    assert judged(LAB_HOURS, local(at)).verdict == in_local_time
    assert judged(utc_hours, local(at)).verdict == in_utc


@pytest.mark.parametrize(
    "starts, ends, at_utc, verdict",
    [
        # 2018-03-11, 02:00 to 03:00 does not exist: 02:30 is the instant of the jump, 03:00 PDT.
        ("02:30", "04:00", "2018-03-11T09:59", "pass"),
        ("02:30", "04:00", "2018-03-11T10:00", "fail"),
        ("02:30", "03:30", "2018-03-11T10:29", "fail"),
        ("02:30", "03:30", "2018-03-11T10:30", "pass"),
        ("01:00", "02:30", "2018-03-11T09:59", "fail"),
        ("01:00", "02:30", "2018-03-11T10:00", "pass"),
        ("02:10", "02:50", "2018-03-11T10:00", "pass"),
        # 2018-11-04, 01:00 to 02:00 comes twice: the first one is meant.
        ("01:30", "03:00", "2018-11-04T08:29", "pass"),
        ("01:30", "03:00", "2018-11-04T08:30", "fail"),
        ("01:30", "03:00", "2018-11-04T10:59", "fail"),
        ("01:30", "03:00", "2018-11-04T11:00", "pass"),
        ("00:30", "01:30", "2018-11-04T08:29", "fail"),
        ("00:30", "01:30", "2018-11-04T08:30", "pass"),
    ],
)
def test_hours_that_are_skipped_or_come_twice(starts: str, ends: str, at_utc: str, verdict: str) -> None:
    config = {**LAB_HOURS, "rrule": "FREQ=DAILY", "starts": starts, "ends": ends}

    assert judged(config, datetime.fromisoformat(at_utc).replace(tzinfo=UTC)).verdict == verdict


@pytest.mark.parametrize(
    "zone, starts, ends, at_utc, verdict",
    [
        ("America/New_York", "02:30", "03:30", "2026-03-08T06:59", "pass"),
        ("America/New_York", "02:30", "03:30", "2026-03-08T07:00", "fail"),
        ("America/New_York", "02:30", "03:30", "2026-03-08T07:29", "fail"),
        ("America/New_York", "02:30", "03:30", "2026-03-08T07:30", "pass"),
        ("America/New_York", "02:30", "05:00", "2026-03-08T07:00", "fail"),
        ("America/New_York", "01:00", "02:30", "2026-03-08T06:59", "fail"),
        ("America/New_York", "01:00", "02:30", "2026-03-08T07:00", "pass"),
        # Lord Howe's clocks jump by half an hour, from 02:00 to 02:30, and back from 02:00 to 01:30.
        ("Australia/Lord_Howe", "02:15", "03:00", "2026-10-03T15:29", "pass"),
        ("Australia/Lord_Howe", "02:15", "03:00", "2026-10-03T15:30", "fail"),
        ("Australia/Lord_Howe", "01:00", "02:15", "2026-10-03T15:29", "fail"),
        ("Australia/Lord_Howe", "01:00", "02:15", "2026-10-03T15:30", "pass"),
        ("Australia/Lord_Howe", "01:45", "03:00", "2026-04-04T14:45", "fail"),
        ("Australia/Lord_Howe", "01:45", "03:00", "2026-04-04T14:44", "pass"),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", "09:00", "17:00", "2011-12-30T10:00", "pass"),
        ("Pacific/Apia", "22:00", "02:00", "2011-12-30T09:59", "fail"),
        ("Pacific/Apia", "22:00", "02:00", "2011-12-30T10:00", "fail"),
        ("Pacific/Apia", "22:00", "02:00", "2011-12-30T12:00", "pass"),
        # Beirut's clocks skip midnight, and Havana's go back over it.
        ("Asia/Beirut", "00:30", "02:00", "2026-03-28T22:00", "fail"),
        ("Asia/Beirut", "00:30", "02:00", "2026-03-28T21:59", "pass"),
        ("America/Havana", "00:30", "01:30", "2025-11-02T04:30", "fail"),
        ("America/Havana", "00:30", "01:30", "2025-11-02T06:29", "fail"),
    ],
)
@pytest.mark.parametrize("mode", ["deny", "allow"])
def test_what_clocks_skip_is_the_instant_of_their_jump(
    zone: str, starts: str, ends: str, at_utc: str, verdict: str, mode: str
) -> None:
    config = {"tz": zone, "mode": mode, "rrule": "FREQ=DAILY", "starts": starts, "ends": ends, "runway_s": 0}
    expected = verdict if mode == "deny" else {"pass": "fail", "fail": "pass"}[verdict]

    assert judged(config, datetime.fromisoformat(at_utc).replace(tzinfo=UTC)).verdict == expected


@pytest.mark.parametrize(
    "at, verdict, code",
    [
        ("2018-01-25T08:45", "pass", "open"),
        ("2018-01-25T08:45:01", "fail", "runs_into_window"),
        ("2018-01-25T08:59:59", "fail", "runs_into_window"),
        ("2018-01-25T09:00", "fail", "frozen"),
        ("2018-01-25T19:00", "pass", "open"),
    ],
)
def test_a_deploy_that_would_run_into_the_freeze_is_refused(at: str, verdict: str, code: str) -> None:
    judgement = judged({**LAB_HOURS, "runway_s": 900}, local(at))

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


def test_every_answer_says_when_it_is_open_next() -> None:
    frozen = judged(LAB_HOURS, local("2018-01-25T15:30"))
    assert frozen.next_possible_at == local("2018-01-25T19:00")
    assert frozen.observed["next_open"] == "2018-01-25T19:00:00-08:00"

    free = judged({**LAB_HOURS, "runway_s": 600}, local("2018-01-25T19:05"))
    assert free.observed["next_open"] == "2018-01-25T19:05:00-08:00"
    assert free.valid_until == local("2018-01-26T08:50")


def test_a_gap_too_short_for_a_deploy_is_no_opening() -> None:
    daily = {
        "tz": "UTC",
        "starts": "00:10",
        "ends": "24:00",
        "rrule": "FREQ=DAILY;BYMONTHDAY=1,2",
        "runway_s": 900,
    }
    noon = datetime(2018, 5, 1, 12, tzinfo=UTC)

    assert judged(daily, noon).next_possible_at == datetime(2018, 5, 3, tzinfo=UTC)
    assert judged({**daily, "runway_s": 300}, noon).next_possible_at == datetime(2018, 5, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "config, at, verdict",
    [
        # Over midnight.
        ({"starts": "22:00", "ends": "06:00", "rrule": "FREQ=WEEKLY;BYDAY=FR"}, "2018-01-27T05:59", "fail"),
        ({"starts": "22:00", "ends": "06:00", "rrule": "FREQ=WEEKLY;BYDAY=FR"}, "2018-01-27T06:00", "pass"),
        # The weekend: Friday evening to Monday morning.
        (
            {"starts": "17:00", "ends": "09:00", "ends_after_days": 3, "rrule": "FREQ=WEEKLY;BYDAY=FR"},
            "2018-01-29T08:59",
            "fail",
        ),
        (
            {"starts": "17:00", "ends": "09:00", "ends_after_days": 3, "rrule": "FREQ=WEEKLY;BYDAY=FR"},
            "2018-01-29T09:00",
            "pass",
        ),
        # Once.
        ({"starts_on": "2018-12-20", "ends_on": "2019-01-02"}, "2018-12-19T23:59", "pass"),
        ({"starts_on": "2018-12-20", "ends_on": "2019-01-02"}, "2018-12-20T00:00", "fail"),
        ({"starts_on": "2018-12-20", "ends_on": "2019-01-02"}, "2019-01-02T23:59", "fail"),
        ({"starts_on": "2018-12-20", "ends_on": "2019-01-02"}, "2019-01-03T00:00", "pass"),
        ({"starts_on": "2018-01-25", "starts": "15:00", "ends": "16:00"}, "2018-01-25T15:30", "fail"),
        ({"starts_on": "2018-01-25", "starts": "15:00", "ends": "16:00"}, "2018-01-26T15:30", "pass"),
        # Between a first and a last day, except on some.
        ({"rrule": WEEKDAYS, "starts_on": "2018-01-16"}, "2018-01-15T12:00", "pass"),
        ({"rrule": WEEKDAYS, "starts_on": "2018-01-16"}, "2018-01-16T12:00", "fail"),
        ({"rrule": WEEKDAYS, "ends_on": "2018-05-04"}, "2018-05-04T12:00", "fail"),
        ({"rrule": WEEKDAYS, "ends_on": "2018-05-04"}, "2018-05-07T12:00", "pass"),
        ({"rrule": WEEKDAYS, "exdates": ["2018-01-25"]}, "2018-01-25T12:00", "pass"),
        ({"rrule": WEEKDAYS, "exdates": ["2018-01-25"]}, "2018-01-26T12:00", "fail"),
        # Every other week, counted from the first day.
        ({"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "starts_on": "2018-01-25"}, "2018-01-25T12:00", "fail"),
        ({"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "starts_on": "2018-01-25"}, "2018-02-01T12:00", "pass"),
        ({"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "starts_on": "2018-01-25"}, "2018-02-08T12:00", "fail"),
    ],
)
def test_windows_of_other_shapes(config: dict[str, Any], at: str, verdict: str) -> None:
    assert judged({"tz": "America/Los_Angeles", "runway_s": 0, **config}, local(at)).verdict == verdict


@pytest.mark.parametrize(
    "at, verdict, summary",
    [
        ("2018-01-25T09:59", "fail", "closed, opens 10:00 PST"),
        ("2018-01-25T10:00", "pass", "open until 15:30 PST"),
        ("2018-01-25T15:30", "pass", "open until 15:30 PST"),
        ("2018-01-25T15:31", "fail", "closed, opens Fri 26 Jan 10:00 PST"),
        ("2018-01-26T18:00", "fail", "closed, opens Mon 29 Jan 10:00 PST"),
    ],
)
def test_an_allow_window_has_to_leave_time_for_the_deploy(at: str, verdict: str, summary: str) -> None:
    config = {
        **LAB_HOURS,
        "mode": "allow",
        "starts": "10:00",
        "ends": "16:00",
        "runway_s": 1800,
        "reason": "",
    }
    judgement = judged(config, local(at))

    assert (judgement.verdict, judgement.summary) == (verdict, summary)


@pytest.mark.parametrize(
    "config, verdict, summary",
    [
        ({"mode": "deny", "rrule": "FREQ=DAILY"}, "fail", "frozen with no opening in sight"),
        ({"mode": "allow", "rrule": "FREQ=DAILY"}, "pass", "open"),
        ({"mode": "deny", "starts_on": "2017-01-01"}, "pass", "open"),
        ({"mode": "allow", "starts_on": "2017-01-01"}, "fail", "closed, with no opening in sight"),
        ({"rrule": "FREQ=YEARLY;INTERVAL=99", "starts_on": "2017-01-01"}, "pass", "open"),
    ],
)
def test_a_window_without_an_end_or_a_next_one_says_so(
    config: dict[str, Any], verdict: str, summary: str
) -> None:
    judgement = judged({"tz": "UTC", **config}, local("2018-01-25T15:30"))

    assert (judgement.verdict, judgement.summary) == (verdict, summary)
    assert judgement.next_possible_at is None
