"""Heartbeat: a good end in time, by a period or by a cron line in a zone whose clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from postmortems.errors import Invalid
from postmortems.guards.evidence.find import newest_first
from postmortems.guards.judgement import EvidenceItem, Judgement
from postmortems.guards.kinds.heartbeat.kind import Heartbeat
from tests.guards.asking import NOW, question

KIND = Heartbeat()
HOURLY = {"period_s": 3600, "grace_s": 600}


def ping(result: str, minutes_ago: float, rid: str = "", exit_status: int | None = None) -> EvidenceItem:
    data = {"rid": rid, "exit_status": exit_status}
    return EvidenceItem("ping", NOW - timedelta(minutes=minutes_ago), result=result, data=data)


def judged(config: dict[str, Any], *evidence: EvidenceItem, **asked: Any) -> Judgement:
    return KIND.judge(KIND.configured(config), newest_first(evidence), question(**asked))


@pytest.mark.parametrize(
    "config, pings, verdict, code",
    [
        (HOURLY, [ping("success", 59)], "pass", "on_time"),
        (HOURLY, [ping("success", 60)], "pass", "late"),
        (HOURLY, [ping("success", 69)], "pass", "late"),
        (HOURLY, [ping("success", 70)], "stale", "missed"),
        ({"period_s": 3600, "grace_s": 0}, [ping("success", 60)], "stale", "missed"),
        (HOURLY, [ping("success", 5), ping("fail", 9)], "pass", "on_time"),
        (HOURLY, [ping("success", 9), ping("fail", 5)], "fail", "job_failed"),
        (HOURLY, [ping("fail", 500)], "fail", "job_failed"),
        (HOURLY, [ping("success", 9), ping("start", 5)], "pass", "on_time"),
        (HOURLY, [ping("start", 5)], "inconclusive", "not_ended"),
        (HOURLY, [], "inconclusive", "never_pinged"),
        # Two minutes ahead is taken as now, more is not seen.
        (HOURLY, [ping("success", -1)], "pass", "on_time"),
        (HOURLY, [ping("success", -3)], "inconclusive", "never_pinged"),
        ({**HOURLY, "max_run_s": 600}, [ping("success", 30), ping("start", 9)], "pass", "on_time"),
        ({**HOURLY, "max_run_s": 600}, [ping("success", 30), ping("start", 10)], "fail", "overran"),
        ({**HOURLY, "max_run_s": 600}, [ping("start", 30), ping("success", 10)], "pass", "on_time"),
        ({**HOURLY, "max_run_s": 600}, [ping("start", 30)], "fail", "overran"),
        # Of two runs at once, the end of one is not the end of the other; the one that started last decides.
        (
            {**HOURLY, "max_run_s": 600},
            [ping("start", 30, "a"), ping("start", 20, "b"), ping("success", 15, "a")],
            "fail",
            "overran",
        ),
        (
            {**HOURLY, "max_run_s": 600},
            [ping("start", 30, "a"), ping("start", 20, "b"), ping("success", 15, "b")],
            "pass",
            "on_time",
        ),
        (
            {**HOURLY, "max_run_s": 600},
            [ping("start", 30, "a"), ping("start", 5, "b")],
            "fail",
            "overran",
        ),
        # A run that was killed long ago is made good by the next ones, whether or not they have names.
        (
            {**HOURLY, "max_run_s": 600},
            [
                ping("start", 900, "a"),
                ping("start", 40, "b"),
                ping("success", 35, "b"),
                ping("start", 5, "c"),
            ],
            "pass",
            "on_time",
        ),
        (
            {**HOURLY, "max_run_s": 600},
            [ping("start", 900), ping("start", 40), ping("success", 35)],
            "pass",
            "on_time",
        ),
        ({**HOURLY, "max_run_s": 600}, [ping("start", 900, "a"), ping("success", 35)], "pass", "on_time"),
        # A start after a hanging run does not make it good; one that began anew in time replaces it.
        (
            {**HOURLY, "max_run_s": 600},
            [ping("success", 50), ping("start", 30), ping("start", 5)],
            "fail",
            "overran",
        ),
        (
            {**HOURLY, "max_run_s": 600},
            [ping("success", 50), ping("start", 12), ping("start", 5)],
            "pass",
            "on_time",
        ),
        (
            HOURLY,
            [ping("start", 30), ping("start", 20), ping("success", 15), ping("fail", 5)],
            "fail",
            "job_failed",
        ),
        (
            HOURLY,
            [ping("start", 30, "a"), ping("success", 15, "a"), ping("fail", 5, "a")],
            "fail",
            "job_failed",
        ),
        (
            {**HOURLY, "max_run_s": 600},
            [
                ping("start", 30, "a"),
                ping("start", 20, "b"),
                ping("success", 15, "b"),
                ping("success", 5, "a"),
            ],
            "pass",
            "on_time",
        ),
        ({**HOURLY, "max_run_s": 600}, [ping("start", 30, "a"), ping("success", 15)], "pass", "on_time"),
        ({**HOURLY, "max_run_s": 600}, [ping("start", 30), ping("success", 15, "a")], "pass", "on_time"),
        (HOURLY, [EvidenceItem("deploy", NOW, result="success")], "inconclusive", "never_pinged"),
        # A job that has begun is running, as long as it may.
        (HOURLY, [ping("success", 75), ping("start", 14)], "pass", "running"),
        (HOURLY, [ping("success", 65), ping("start", 4)], "pass", "running"),
        (HOURLY, [ping("success", 200), ping("start", 69)], "pass", "running"),
        (HOURLY, [ping("success", 200), ping("start", 70)], "stale", "missed"),
        ({**HOURLY, "max_run_s": 28_800}, [ping("success", 600), ping("start", 479)], "pass", "running"),
        ({**HOURLY, "max_run_s": 28_800}, [ping("success", 600), ping("start", 480)], "fail", "overran"),
        (HOURLY, [ping("success", 200), ping("start", 69, "a")], "pass", "running"),
        (HOURLY, [ping("success", 75, "a"), ping("start", 76, "a")], "stale", "missed"),
        (HOURLY, [ping("fail", 30), ping("start", 5)], "fail", "job_failed"),
        # Its newest run is the one that started last, whichever ended last.
        (
            HOURLY,
            [ping("start", 30, "a"), ping("start", 20, "b"), ping("success", 15, "b"), ping("fail", 5, "a")],
            "pass",
            "on_time",
        ),
        (
            HOURLY,
            [ping("start", 30, "a"), ping("start", 20, "b"), ping("fail", 15, "b"), ping("success", 5, "a")],
            "fail",
            "job_failed",
        ),
        (HOURLY, [ping("start", 30, "a"), ping("success", 15), ping("fail", 5, "a")], "pass", "on_time"),
        (HOURLY, [ping("start", 30), ping("success", 15), ping("fail", 5)], "fail", "job_failed"),
    ],
)
def test_a_good_end_in_time_is_wanted(
    config: dict[str, Any], pings: list[EvidenceItem], verdict: str, code: str
) -> None:
    judgement = judged(config, *pings)

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


def at(text: str, zone: str = "America/Los_Angeles") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    "line, last, now, verdict, code",
    [
        # Every night at three; 15:30 on the same day is in time, so is 3:59 on the next.
        ("0 3 * * *", "2018-01-25T03:04", "2018-01-25T15:30", "pass", "on_time"),
        ("0 3 * * *", "2018-01-25T03:04", "2018-01-26T03:59", "pass", "late"),
        ("0 3 * * *", "2018-01-25T03:04", "2018-01-26T04:00", "stale", "missed"),
        # Weekdays: Friday's run counts until Monday's.
        ("0 3 * * MON-FRI", "2018-01-26T03:04", "2018-01-29T02:59", "pass", "on_time"),
        ("0 3 * * MON-FRI", "2018-01-26T03:04", "2018-01-29T04:00", "stale", "missed"),
        # The clocks jump from two to three: what is due at half past two is due at three.
        ("30 2 * * *", "2018-03-10T02:31", "2018-03-11T01:59", "pass", "on_time"),
        ("30 2 * * *", "2018-03-10T02:31", "2018-03-11T03:01", "pass", "late"),
        ("30 2 * * *", "2018-03-10T02:31", "2018-03-11T04:00", "stale", "missed"),
        # What comes some seconds early, for clocks differ, is of the run that is due.
        ("0 3 * * *", "2018-01-25T02:59:40", "2018-01-25T15:30", "pass", "on_time"),
        ("0 3 * * *", "2018-01-25T02:59", "2018-01-25T15:30", "stale", "missed"),
        # They fall back: half past one comes twice, and it is due at the first.
        ("30 1 * * *", "2018-11-03T01:31", "2018-11-04T00:59", "pass", "on_time"),
        ("30 1 * * *", "2018-11-03T01:31", "2018-11-04T01:31", "pass", "late"),
        ("30 1 * * *", "2018-11-04T01:31", "2018-11-05T01:29", "pass", "on_time"),
    ],
)
def test_a_cron_line_follows_the_clocks_of_its_zone(
    line: str, last: str, now: str, verdict: str, code: str
) -> None:
    config = {"cron": line, "tz": "America/Los_Angeles", "grace_s": 3600}
    judgement = judged(config, EvidenceItem("ping", at(last), result="success"), now=at(now))

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


def test_a_pass_ends_when_the_next_ping_is_overdue() -> None:
    assert judged(HOURLY, ping("success", 30)).valid_until == NOW + timedelta(minutes=40)


def test_a_job_that_began_at_five_is_running_at_a_quarter_past() -> None:
    nightly = {"cron": "0 5 * * *", "tz": "America/Los_Angeles", "grace_s": 600, "max_run_s": 28_800}
    pings = [
        EvidenceItem("ping", at("2018-01-24T05:40"), result="success"),
        EvidenceItem("ping", at("2018-01-25T05:00:05"), result="start"),
    ]
    judgement = judged(nightly, *pings, now=at("2018-01-25T05:15"))

    assert (judgement.verdict, judgement.reason_code) == ("pass", "running")
    assert judgement.summary.endswith("and runs since 2018-01-25 13:00 UTC")
    assert judgement.valid_until == at("2018-01-25T13:00:05")


def test_a_run_that_began_some_seconds_early_is_running() -> None:
    nightly = {"cron": "0 5 * * *", "tz": "America/Los_Angeles", "grace_s": 600}
    pings = [
        EvidenceItem("ping", at("2018-01-24T05:40"), result="success"),
        EvidenceItem("ping", at("2018-01-25T04:59:58"), result="start"),
    ]

    assert judged(nightly, *pings, now=at("2018-01-25T05:15")).reason_code == "running"


def test_a_first_run_is_said_to_be_under_way() -> None:
    assert judged(HOURLY, ping("start", 5)).summary == (
        "the job runs since 2018-01-25 23:25 UTC and never said that it ended well"
    )


def test_a_failure_says_when_and_how() -> None:
    assert judged(HOURLY, ping("fail", 5, exit_status=2)).summary == (
        "the job said at 2018-01-25 23:25 UTC that it failed with exit status 2: mend it"
    )


def test_a_moment_from_which_nothing_was_kept_does_not_apply() -> None:
    assert judged(HOURLY, is_replay=True).reason_code == "not_recorded"


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({"period_s": "1d"}, "/config/period_s"),
        ({"period_s": 59}, "/config/period_s"),
        ({"grace_s": -1}, "/config/grace_s"),
        ({"cron": "0 3 * *"}, "/config/cron"),
        ({"cron": "@daily"}, "/config/cron"),
        ({"cron": "0 3 31 2 *"}, "/config/cron"),
        ({"cron": "0 3 * * *", "tz": "PST"}, "/config/tz"),
        ({"tz": "America/Los_Angeles"}, "/config/tz"),
        ({"max_run_s": 1.5}, "/config/max_run_s"),
        ({"grace_minutes": 5}, "/config/grace_minutes"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured(config)

    assert [problem.pointer for problem in told.value.problems] == [pointer]


def test_the_clock_of_a_question_may_be_of_any_zone() -> None:
    assert judged(HOURLY, ping("success", 59), now=NOW.astimezone(UTC)).verdict == "pass"
