"""Times as people write them: what is one, what it says, and what it does not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from postmortems.document import moments, stamps
from postmortems.document.model import Document, Entry, Prose, Section
from postmortems.document.moments import Reading
from tests.document.cases import shown

DAY = date(2018, 1, 25)


def read(*written: str, lead: str = "", title: str = "", day: date | None = DAY) -> list[str]:
    blocks = (*([Prose(lead)] if lead else []), *(Entry(each) for each in written))
    document = Document(title=title, date=day, sections=(Section("Timeline", blocks),))
    return [shown(reading) for reading in moments.read_entries(document)]


@pytest.mark.parametrize(
    "written, means",
    [
        ("14:30", "2018-01-25T14:30"),
        ("4:27", "2018-01-25T04:27"),
        ("0:25:59 AM", "2018-01-25T00:25:59"),
        ("21:10:57", "2018-01-25T21:10:57"),
        ("10:45a", "2018-01-25T10:45"),
        ("12:29p", "2018-01-25T12:29"),
        ("12:10 a.m.", "2018-01-25T00:10"),
        ("7:01am", "2018-01-25T07:01"),
        ("7p", "2018-01-25T19:00"),
        ("5 am", "2018-01-25T05:00"),
        ("17:14pm", "2018-01-25T17:14"),
        ("02.30 PM", "2018-01-25T14:30"),
        ("15.26", "2018-01-25T15:26"),
        ("1600", "2018-01-25T16:00"),
        ("1600 hrs", "2018-01-25T16:00"),
        ("2000 hrs", "2018-01-25T20:00"),
        ("14h30", "2018-01-25T14:30"),
        ("noon", "2018-01-25T12:00"),
        ("~16:05:00", "2018-01-25T16:05:00, about"),
        ("ca. 18:30", "2018-01-25T18:30, about"),
        ("around 19:30", "2018-01-25T19:30, about"),
        ("about 7 pm", "2018-01-25T19:00, about"),
        ("12:45 (maybe earlier?)", "2018-01-25T12:45, about"),
        ("14:30?", "2018-01-25T14:30, about"),
        ("at 14:30", "2018-01-25T14:30"),
        ("00:25 - 00:29 AM", "2018-01-25T00:25 until 2018-01-25T00:29"),
        ("11:30 - 12:15 PM", "2018-01-25T11:30 until 2018-01-25T12:15"),
        ("1:00-2:30pm", "2018-01-25T13:00 until 2018-01-25T14:30"),
        ("8:20 – 8:24", "2018-01-25T08:20 until 2018-01-25T08:24"),
        ("~13:30-~13:45", "2018-01-25T13:30 until 2018-01-25T13:45, about"),
        ("09:00 to 11:00", "2018-01-25T09:00 until 2018-01-25T11:00"),
        ("between 02:00 and 02:30", "2018-01-25T02:00 until 2018-01-25T02:30"),
        ("23:30 - 00:15", "2018-01-25T23:30 until 2018-01-26T00:15"),
        ("2018-01-25 23:30 - 2018-01-26 00:15", "2018-01-25T23:30 until 2018-01-26T00:15"),
        ("14:00 UTC - 15:00 UTC", "2018-01-25T14:00 until 2018-01-25T15:00, UTC"),
        ("16:22 PST", "2018-01-25T16:22, PST"),
        ("16:22 (PST)", "2018-01-25T16:22, PST"),
        ("4:22 PM Pacific Time", "2018-01-25T16:22, Pacific Time"),
        ("16:22 US/Pacific", "2018-01-25T16:22, US/Pacific"),
        ("16:22 UTC+1", "2018-01-25T16:22, UTC+1"),
        ("16:22 GMT-07:00", "2018-01-25T16:22, GMT-07:00"),
        ("2018-01-25T16:22:00Z", "2018-01-25T16:22:00, Z"),
        ("2018-01-25T16:22+02:00", "2018-01-25T16:22, +02:00"),
        ("2018-01-26", "2018-01-26"),
        ("2018/01/26 14:00", "2018-01-26T14:00"),
        ("Jan 26", "2018-01-26"),
        ("January 26th, 14:00", "2018-01-26T14:00"),
        ("Friday, January 26th, 2018, 14:00", "2018-01-26T14:00"),
        ("26 January 2018 14:00", "2018-01-26T14:00"),
        ("26. Jan., 14:00", "2018-01-26T14:00"),
        ("14:00 on 26 January", "2018-01-26T14:00"),
        ("26/01/18 14:00", "2018-01-26T14:00"),
        ("1-26-18 2:00 PM", "2018-01-26T14:00"),
        ("01/26/2018, 14:00", "2018-01-26T14:00"),
        ("26.01.2018 14:00", "2018-01-26T14:00"),
        ("1/26 14:00", "2018-01-26T14:00"),
        ("{{ 06:10 }}", "2018-01-25T06:10"),
        ("2018-01-26 --:--", "2018-01-26"),
        ("22:XX", "unknown"),
        ("24:XX", "unknown"),
        ("??:??", "unknown"),
        ("hh:mm", "unknown"),
    ],
)
def test_a_time_is_read_as_it_was_meant(written: str, means: str) -> None:
    assert read(written) == [means]


@pytest.mark.parametrize(
    "written, means",
    [
        ("24:00", "unknown; there is no such time"),
        ("25:10", "unknown; there is no such time"),
        ("10:75", "unknown; there is no such time"),
        ("10:00 - 10:75", "2018-01-25T10:00; there is no such time to end at"),
        ("11:30 -29p", "2018-01-25T11:30; there is no such time to end at"),
        ("2018-02-30 10:00", "unknown; this date cannot be read, or there is no such day"),
        ("20181-01-25 10:00", "unknown; this date cannot be read, or there is no such day"),
        ("2018-01-?? 10:00", "unknown; this date cannot be read, or there is no such day"),
        ("2018/19-??-?? HH:mm", "unknown; this date cannot be read, or there is no such day"),
        ("Feb 30, 10:00", "unknown; this date cannot be read, or there is no such day"),
        ("13:55 AM", "2018-01-25T13:55; a time in the afternoon that says AM"),
        ("15:00 - 14:00", "2018-01-25T15:00 until 2018-01-25T14:00; ends before it begins"),
        ("2017-05-09 10:45", "2017-05-09T10:45; this date is far from the incident's, 2018-01-25"),
        (
            "02/01/2018 10:00",
            "2018-02-01T10:00; day and month could be the other way round; read as 2018-02-01",
        ),
        ("soon after lunch", "unknown; this is no time that can be read"),
        ("", "unknown"),
    ],
)
def test_what_cannot_be_meant_is_told_and_not_repaired(written: str, means: str) -> None:
    assert read(written) == [means]


@pytest.mark.parametrize(
    "text",
    [
        "1600 users",
        "1.25 million",
        "2018",
        "10 - 15 pods",
        "3 things",
        "~280 users",
        "5.45 upgrade",
        "100% of it",
        "v1.20",
        "80:80",
        "12:345",
        "May we do this",
        "May 12 we did",
        "Decide what to do",
        "2018-01-25-merge.md",
        "2018-01-25 words without a separator",
        "#14:30",
        "[the log of 14:30](https://example.org)",
        "{{ summary }}",
        "- 14:30",
        "",
        "*",
        "{{",
        "[",
        "--",
    ],
)
def test_what_only_looks_like_a_time_is_text(text: str) -> None:
    assert stamps.of_heading(text) is None


@pytest.mark.parametrize(
    "line, written, rest",
    [
        ("14:30 text", "14:30", "text"),
        ("14:30: text", "14:30", "text"),
        ("14:30 - text", "14:30", "text"),
        ("14:30 – text", "14:30", "text"),
        ("14:30 | text", "14:30", "text"),
        ("14:30 ~280 users", "14:30", "~280 users"),
        ("14:30 1600 users", "14:30", "1600 users"),
        ("14:30 - 15 pods", "14:30", "15 pods"),
        ("**14:30** text", "14:30", "text"),
        ("**14:30:** text", "14:30", "text"),
        ("**14:30 UTC:** text", "14:30 UTC", "text"),
        ("**14:30: all of it**", "14:30", "**all of it**"),
        ("**14:30: some** of it", "14:30", "**some** of it"),
        ("`14:30` text", "14:30", "text"),
        ("_14:30_ text", "14:30", "text"),
        ("[14:30] text", "14:30", "text"),
        ("(14:30) text", "14:30", "text"),
        ("Dec 16th **12:43** `@who` text", "Dec 16th 12:43", "`@who` text"),
        ("2018-08-22, 03:26pm: text", "2018-08-22, 03:26pm", "text"),
        ("2018-01-25 text", "2018-01-25", "text"),
        ("2018-01-25 15.26 text", "2018-01-25 15.26", "text"),
        ("05/04/2023 - text", "05/04/2023", "text"),
        ("1600: text", "1600", "text"),
    ],
)
def test_a_line_is_cut_behind_its_time(line: str, written: str, rest: str) -> None:
    stamp = stamps.of_line(line)

    assert stamp is not None
    assert (stamp.written, stamp.rest) == (written, rest)


def test_a_day_is_inherited_from_the_nearest_entry_above() -> None:
    assert read("14:30", "2018-01-26 09:00", "10:00") == [
        "2018-01-25T14:30",
        "2018-01-26T09:00",
        "2018-01-26T10:00",
    ]


def test_a_day_stands_in_a_heading_or_on_a_line_between() -> None:
    blocks = (Prose("### May 12"), Entry("23:00"), Prose("### Pause\n\nMay 14"), Entry("9:00"))
    document = Document(date=date(2025, 5, 12), sections=(Section("Timeline", blocks),))

    assert [shown(reading) for reading in moments.read_entries(document)] == [
        "2025-05-12T23:00",
        "2025-05-14T09:00",
    ]


def test_a_day_given_for_all_entries_holds_after_one_that_says_otherwise() -> None:
    lead = "Unless noted, all events happened\non 2018-01-25, and all times are in\nUTC."

    assert read("2018-01-24 23:50", "01:38", lead=lead) == ["2018-01-24T23:50, UTC", "2018-01-25T01:38, UTC"]


def test_a_missing_year_is_the_one_nearest_to_the_incident() -> None:
    assert read("Dec 31, 23:00", "Jan 1, 01:00", day=date(2018, 1, 1)) == [
        "2017-12-31T23:00",
        "2018-01-01T01:00",
    ]


def test_only_late_evening_to_early_morning_is_a_new_day() -> None:
    assert read("23:55", "00:40")[1] == "2018-01-26T00:40"
    assert read("23:21", "21:31")[1] == "2018-01-25T21:31; earlier than the entry above it"
    assert read("15:33", "13:40")[1] == "2018-01-25T13:40; earlier than the entry above it"


def test_a_time_without_any_day_says_so() -> None:
    assert read("14:30", day=None) == ["unknown; no date is given for this time"]
    assert read("May 12, 14:30", day=None) == ["unknown; no year is given for this date"]


@pytest.mark.parametrize(
    "lead, zone",
    [
        ("All times in PST", "PST"),
        ("All times in PST (UTC-7)", "PST (UTC-7)"),
        ("All times in UTC+1 (Zurich time)", "UTC+1 (Zurich time)"),
        ("*(All times US/Pacific, 24-hour clock.)*", "US/Pacific"),
        ("_All times in EEST_", "EEST"),
        ("All times are in UTC.", "UTC"),
        ("All events are documented in [UTC](https://example.org) time.", "UTC"),
        ("| Date and Time in CET | Event |\n|---|---|", "CET"),
        ("Times: CEST", "CEST"),
        ("All times approximate", ""),
        ("All times in {{ most convenient timezone}}", ""),
        ("We met at UTC", ""),
    ],
)
def test_a_zone_for_all_is_kept_as_it_was_stated(lead: str, zone: str) -> None:
    assert read("14:30", lead=lead) == [f"2018-01-25T14:30{f', {zone}' if zone else ''}"]


@pytest.mark.parametrize(
    "title, name, first, expected",
    [
        ("2018-01-25, Hub down", "", "14:30", DAY),
        ("Hub down", "incidents/2018-01-25-hub-down.md", "14:30", DAY),
        ("Hub down", "2018_01_25_hub.md", "14:30", DAY),
        ("Hub down", "20180125-hub.md", "14:30", DAY),
        ("Hub down", "", "2018-01-25 14:30", DAY),
        ("January 25th, 2018 hub down", "", "", DAY),
        ("Incident on 2018-01-25 - hub down", "", "", DAY),
        ("2017-12-01, copied title", "2018-01-25-hub.md", "2018-01-25 14:30", DAY),
        ("2018-01-25, published later", "2018-02-01-hub.md", "14:30", DAY),
        ("PM2019-009 Hub down", "PM2019-009-hub.md", "14:30", None),
        ("Hub down", "", "Jan 25, 14:30", None),
    ],
)
def test_the_day_of_the_incident_comes_from_where_it_is_told(
    title: str, name: str, first: str, expected: date | None
) -> None:
    document = Document(title=title, sections=(Section("Timeline", (Entry(first, "text"),)),))

    assert moments.incident_date(document, name) == expected


def test_an_instant_needs_a_zone_and_a_time() -> None:
    reading = Reading(at=datetime.fromisoformat("2018-01-25T15:30"), precision="minute")
    day = Reading(at=datetime.fromisoformat("2018-01-25"), precision="day")

    assert moments.instant(reading, "America/Los_Angeles") == datetime(2018, 1, 25, 23, 30, tzinfo=UTC)
    assert moments.instant(reading, "Nowhere/Land") is None
    assert moments.instant(reading, "") is None
    assert moments.instant(reading, "../../etc/passwd") is None
    assert moments.instant(day, "UTC") is None
    assert moments.instant(Reading(), "UTC") is None


def test_a_time_that_the_clocks_skipped_is_refused_and_told() -> None:
    skipped = Reading(at=datetime.fromisoformat("2018-03-11T02:30"), precision="minute")

    assert moments.instant(skipped, "America/Los_Angeles") is None
    assert "no such time" in moments.zone_warnings(skipped, "America/Los_Angeles")[0]


def test_a_time_that_came_twice_is_the_earlier() -> None:
    twice = Reading(at=datetime.fromisoformat("2018-11-04T01:30"), precision="minute")

    assert moments.instant(twice, "America/Los_Angeles") == datetime(2018, 11, 4, 8, 30, tzinfo=UTC)
    assert moments.zone_warnings(twice, "America/Los_Angeles") == ()


FAR = "; this date is far from the incident's, 2018-01-25"


@pytest.mark.parametrize(
    "written, means",
    [
        (("9999-12-31 23:30 - 00:15",), f"9999-12-31T23:30 until 9999-12-31T00:15{FAR}"),
        (("9999-12-31 23:30 - 24:00",), f"9999-12-31T23:30 until 9999-12-31T00:00{FAR}"),
        (("9999-12-31 23:30", "00:15"), "9999-12-31T00:15"),
    ],
)
def test_no_day_follows_the_last_one(written: tuple[str, ...], means: str) -> None:
    assert read(*written)[-1] == means


@pytest.mark.parametrize(
    "at, zone", [("0001-01-01T00:00", "Europe/Berlin"), ("9999-12-31T23:30", "America/Los_Angeles")]
)
def test_there_is_no_instant_before_the_first_day_or_after_the_last(at: str, zone: str) -> None:
    assert moments.instant(Reading(at=datetime.fromisoformat(at), precision="minute"), zone) is None
