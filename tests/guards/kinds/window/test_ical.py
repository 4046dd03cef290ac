"""Windows from a calendar feed: what is read of it, how a copy is judged, and feeds that want too much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from postmortems.egress.client import Egress
from postmortems.errors import Invalid
from postmortems.guards.judgement import EvidenceItem, Judgement
from postmortems.guards.kinds.window import calendar
from postmortems.guards.kinds.window.kind import Window
from tests.guards.asking import LABS, NOW, question
from tests.loopback import Reply, answering

KIND = Window()
FEED = {"tz": "America/Los_Angeles", "ics_url": "https://calendar.example.org/labs.ics"}
LOOPBACK = Egress(("127.0.0.0/8",))
EVENT = """BEGIN:VEVENT
UID:labs
SUMMARY:Labs
DTSTART;TZID=America/Los_Angeles:20180116T090000
DTEND;TZID=America/Los_Angeles:20180116T190000
RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
END:VEVENT
"""


def feed(*events: str) -> bytes:
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:tests\n{''.join(events)}END:VCALENDAR\n".encode()


def event(*lines: str) -> str:
    return "\n".join(["BEGIN:VEVENT", "UID:x", "SUMMARY:X", *lines, "END:VEVENT", ""])


EVERY_DAY = event("DTSTART;VALUE=DATE:20180101", "RRULE:FREQ=DAILY")
TOO_MANY = [EVERY_DAY.replace("UID:x", f"UID:{number}") for number in range(100)]


def read(*events: str) -> list[tuple[str, str]]:
    """The windows of the feed on the founding day's week, in Los Angeles."""
    found = calendar.spans(feed(*events), LABS, NOW.astimezone(UTC))
    return [
        (f"{start.astimezone(LABS):%d %H:%M}", f"{end.astimezone(LABS):%d %H:%M}")
        for start, end in found
        if start < NOW + timedelta(days=5)
    ]


@pytest.mark.parametrize(
    "lines, windows",
    [
        (["DTSTART:20180126T090000", "DTEND:20180126T100000"], [("26 09:00", "26 10:00")]),
        (["DTSTART:20180126T170000Z", "DURATION:PT2H"], [("26 09:00", "26 11:00")]),
        (["DTSTART;VALUE=DATE:20180127"], [("27 00:00", "28 00:00")]),
        (["DTSTART;VALUE=DATE:20180126", "DTEND;VALUE=DATE:20180129"], [("26 00:00", "29 00:00")]),
        (
            ["DTSTART;VALUE=DATE:20180125", "RRULE:FREQ=DAILY;COUNT=3"],
            [("25 00:00", "26 00:00"), ("26 00:00", "27 00:00"), ("27 00:00", "28 00:00")],
        ),
        (
            ["DTSTART;VALUE=DATE:20180125", "RRULE:FREQ=DAILY;UNTIL=20180128", "EXDATE;VALUE=DATE:20180126"],
            [("25 00:00", "26 00:00"), ("27 00:00", "28 00:00"), ("28 00:00", "29 00:00")],
        ),
        (["DTSTART:20180126T090000", "DTEND:20180126T100000", "STATUS:CANCELLED"], []),
        (["DTSTART;VALUE=DATE:20170101", "RRULE:FREQ=YEARLY"], []),
    ],
)
def test_events_are_read(lines: list[str], windows: list[tuple[str, str]]) -> None:
    assert read(event(*lines)) == windows


def test_an_instance_that_was_moved_is_where_it_was_moved_to() -> None:
    moved = EVENT.replace("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\n", "").replace("20180116", "20180127")
    moved = moved.replace("UID:labs", "UID:labs\nRECURRENCE-ID;TZID=America/Los_Angeles:20180126T090000")

    assert read(EVENT, moved)[2:4] == [("27 09:00", "27 19:00"), ("29 09:00", "29 19:00")]


def test_a_clock_change_moves_no_window() -> None:
    now = datetime(2018, 3, 9, tzinfo=UTC)
    found = calendar.spans(feed(EVENT), ZoneInfo("UTC"), now)

    assert {f"{start.astimezone(LABS):%H:%M}" for start, _ in found} == {"09:00"}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>not a calendar</html>", id="a page"),
        pytest.param(b"BEGIN:VCALENDAR\n" * 5000, id="nesting"),
        pytest.param(b"\0" * 1000, id="noise"),
        pytest.param(feed(EVENT)[:-60], id="cut off"),
        pytest.param(b"x" * (calendar.MOST_BYTES + 1), id="too large"),
        pytest.param(feed(*[EVENT] * 1001), id="too many events"),
        pytest.param(feed(*TOO_MANY), id="too many windows"),
        pytest.param(feed(event("DTSTART:20180101T000000", "RRULE:FREQ=SECONDLY")), id="every second"),
        pytest.param(feed(event("DTSTART:20180101T000000", "RRULE:FREQ=HOURLY")), id="every hour"),
        pytest.param(feed(event("DTSTART:20180101T000000", "RRULE:FREQ=DAILY;BYHOUR=1,2")), id="hours"),
        pytest.param(feed(event("DTSTART:20180101T000000", "RRULE:FREQ=MONTHLY;BYSETPOS=1")), id="positions"),
        pytest.param(feed(event("DTSTART:19000101T000000", "RRULE:FREQ=DAILY;COUNT=99999")), id="counts on"),
        pytest.param(feed(event("DTSTART:20180101T000000", "DTEND:20170101T000000")), id="ends first"),
        pytest.param(feed(event("DTSTART:20180101T000000", "DURATION:P9999D")), id="lasts for years"),
        pytest.param(feed(event("DTSTART:junk")), id="a start that is none"),
        pytest.param(feed(event("DTEND:20180101T000000")), id="no start"),
        pytest.param(feed(event("DTSTART:20180101T000000", "RRULE:junk")), id="a rule that is none"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_trouble_and_not_passed_over(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        calendar.spans(content, LABS, NOW.astimezone(UTC))


# Copies are judged.


SOON_TEXT = feed(event("DTSTART:20180125T154000", "DURATION:PT1H")).decode()
PASTED = {"tz": "America/Los_Angeles", "ics_text": feed(EVENT).decode()}


@pytest.mark.parametrize(
    "config, verdict, code",
    [
        ({}, "fail", "frozen"),
        ({"mode": "allow"}, "pass", "open"),
        ({"ics_text": feed().decode()}, "pass", "open"),
        ({"ics_text": feed().decode(), "mode": "allow"}, "fail", "closed"),
        ({"ics_text": SOON_TEXT}, "fail", "runs_into_window"),
        ({"ics_text": SOON_TEXT, "runway_s": 60}, "pass", "open"),
        # As a browser sends it.
        ({"ics_text": "\r\n" + feed(EVENT).decode().replace("\n", "\r\n")}, "fail", "frozen"),
        # Many windows a day are found out only when they are counted.
        ({"ics_text": feed(*TOO_MANY).decode()}, "error", "bad_calendar"),
    ],
)  # fmt: skip
def test_a_pasted_calendar_is_judged_without_looking(config: dict[str, Any], verdict: str, code: str) -> None:
    configured = KIND.configured({**PASTED, **config})
    judgement = KIND.judge(configured, [], question())

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)
    assert not KIND.probes(configured)
    assert KIND.configured(configured) == configured


@pytest.mark.parametrize(
    "config, message",
    [
        ({"ics_text": "<html>"}, "this is no calendar"),
        ({"ics_text": feed(event("DTSTART:20180101T000000", "RRULE:FREQ=HOURLY")).decode()}, "'X': "),
        ({"ics_text": feed(*[EVENT] * 1001).decode()}, "Longer than maximum length 65536."),
        ({"ics_url": FEED["ics_url"]}, "either a calendar's text, or a feed"),
        ({"rrule": "FREQ=DAILY"}, "either a calendar's text, or a feed"),
        ({"starts_on": "2018-01-25"}, "either a calendar's text, or a feed"),
        ({"ics_text": 7}, "Not a valid string."),
    ],
)
def test_a_pasted_calendar_that_is_not_understood_is_refused(config: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured({**PASTED, **config})

    (problem,) = told.value.problems
    assert problem.pointer == "/config/ics_text"
    assert problem.detail.startswith(message)


def copy(age: timedelta = timedelta(minutes=1), **data: Any) -> EvidenceItem:
    """The founding day's labs, as read some time ago."""
    labs = [["2018-01-25T17:00:00+00:00", "2018-01-26T03:00:00+00:00"]]
    kept = {"ics_url": FEED["ics_url"], "spans": labs, "until": "2018-03-28T00:00:00+00:00"}
    return EvidenceItem("observation", NOW - age, data=kept | data)


def failed(**data: Any) -> EvidenceItem:
    return EvidenceItem("observation", NOW, data={"ics_url": FEED["ics_url"], **data})


SOON = ["2018-01-25T23:40:00+00:00", "2018-01-26T01:00:00+00:00"]
AWAY, DENIED = failed(unreachable="no answer"), failed(refused="it cannot be reached from here")


@pytest.mark.parametrize(
    "config, evidence, verdict, code",
    [
        ({}, [copy()], "fail", "frozen"),
        ({"mode": "allow"}, [copy()], "pass", "open"),
        ({}, [copy(spans=[])], "pass", "open"),
        ({"mode": "allow"}, [copy(spans=[])], "fail", "closed"),
        ({}, [copy(spans=[SOON])], "fail", "runs_into_window"),
        # The last copy serves while the feed is away.
        ({}, [AWAY, copy()], "fail", "frozen"),
        ({}, [AWAY, copy(timedelta(hours=25))], "stale", "old_copy"),
        ({}, [AWAY, copy(timedelta(hours=2), until="2018-01-25T00:00:00+00:00")], "stale", "old_copy"),
        ({"ics_stale_after_s": 300}, [copy(timedelta(minutes=6))], "stale", "old_copy"),
        ({}, [AWAY], "inconclusive", "unreachable"),
        ({}, [], "inconclusive", "not_observed"),
        ({}, [copy(ics_url="https://other.example.org/")], "inconclusive", "not_observed"),
        ({}, [DENIED], "error", "egress_refused"),
        ({}, [failed(trouble="'X': FREQ must be one of DAILY")], "error", "bad_calendar"),
    ],
)  # fmt: skip
def test_copies_are_judged(
    config: dict[str, Any], evidence: list[EvidenceItem], verdict: str, code: str
) -> None:
    judgement = KIND.judge(KIND.configured({**FEED, **config}), evidence, question())

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


def looked(reply: Reply) -> tuple[dict[str, Any], Judgement]:
    with answering(lambda asked: reply) as place:
        config = KIND.configured({**FEED, "ics_url": place.url("/labs.ics")})
        data = KIND.observe(config, question(), LOOPBACK)
    return data, KIND.judge(config, [EvidenceItem("observation", NOW, data=data)], question())


@pytest.mark.parametrize(
    "reply, verdict",
    [
        ((200, {}, feed(EVENT)), "fail"),
        ((200, {}, feed()), "pass"),
        ((404, {}, b""), "error"),
        ((200, {}, b"<html>"), "error"),
        ((200, {}, b"x" * 1_200_000), "error"),
        ((302, {"Location": "http://169.254.169.254/"}, b""), "error"),
    ],
)
def test_a_real_feed_is_read(reply: Reply, verdict: str) -> None:
    data, judgement = looked(reply)

    assert judgement.verdict == verdict
    assert KIND.is_worth_keeping(data) is (verdict != "error")


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({"ics_url": "webcal://calendar.example.org/"}, "/config/ics_url"),
        ({"rrule": "FREQ=DAILY"}, "/config/ics_url"),
        ({"starts_on": "2018-01-25"}, "/config/ics_url"),
        ({"ics_stale_after_s": 299}, "/config/ics_stale_after_s"),
        ({"headers": ["Authorization: Bearer abc"]}, "/config/headers/0"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured({**FEED, **config})

    assert {problem.pointer for problem in told.value.problems} == {pointer}
