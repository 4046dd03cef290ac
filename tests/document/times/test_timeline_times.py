"""Times as people write them: what is one, what it says, and what it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from postmortems.document.lint import warnings
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Entry, Prose, Section
from postmortems.document.times import prefix, timeline_times
from postmortems.document.times.timeline_times import Reading
from tests.document.cases import shown

DAY = date(2018, 1, 25)


def read(*written: str, lead: str = "", title: str = "", day: date | None = DAY) -> list[str]:
    blocks = (*([Prose(lead)] if lead else []), *(Entry(each) for each in written))
    document = Document(title=title, date=day, sections=(Section("Timeline", blocks),))
    return [shown(reading) for reading in timeline_times.read_entries(document)]


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
        ("4:22 PM Eastern", "2018-01-25T16:22, Eastern"),
        ("16:37 Denver", "2018-01-25T16:37, Denver"),
        ("16:37 Denver time", "2018-01-25T16:37, Denver"),
        ("16:37 (São Paulo)", "2018-01-25T16:37"),
        ("16:37 utc", "2018-01-25T16:37, utc"),
        ("5:56 p. m.", "2018-01-25T17:56"),
        ("gegen 16:00 Uhr", "2018-01-25T16:00, about"),
        ("ca. 16.30 Uhr", "2018-01-25T16:30, about"),
        ("kurz nach 16 Uhr", "2018-01-25T16:00, about"),
        ("um 16 Uhr MEZ", "2018-01-25T16:00, MEZ"),
        ("Mittwoch, 24. Januar 2018, 16:00 Uhr", "2018-01-24T16:00"),
        ("vers 15h", "2018-01-25T15:00, about"),
        ("à 15 h 30", "2018-01-25T15:30"),
        ("mercredi 24 janvier 2018 à 15h", "2018-01-24T15:00"),
        ("1er février 2018, 9h05", "2018-02-01T09:05"),
        ("sobre las 15:30", "2018-01-25T15:30, about"),
        ("24 de enero de 2018 a las 15:30 horas", "2018-01-24T15:30"),
        ("por volta das 15h30", "2018-01-25T15:30, about"),
        ("às 15h30min", "2018-01-25T15:30"),
        ("verso le 15", "unknown; this is no time that can be read"),
        ("verso le 15:30", "2018-01-25T15:30, about"),
        ("ore 15:30 del 24 gennaio", "2018-01-24T15:30"),
        ("rond 15:30 uur", "2018-01-25T15:30, about"),
        ("kl. 15.30", "2018-01-25T15:30"),
        ("omkring kl 15:30", "2018-01-25T15:30, about"),
        ("klo 15.30", "2018-01-25T15:30"),
        ("noin klo 15.30", "2018-01-25T15:30, about"),
        ("24. tammikuuta 2018 klo 15.30", "2018-01-24T15:30"),
        ("около 15:30 МСК", "2018-01-25T15:30, about, МСК"),
        ("24 января 2018 г., 15:30", "2018-01-24T15:30"),
        ("około 15:30", "2018-01-25T15:30, about"),
        ("24 stycznia 2018 r. 15:30", "2018-01-24T15:30"),
        ("15時30分頃", "2018-01-25T15:30, about"),
        ("約15時", "2018-01-25T15:00, about"),
        ("午後3時半", "2018-01-25T15:30"),
        ("2018年1月24日（水）15時30分", "2018-01-24T15:30"),
        ("1月24日 15:30ごろ", "2018-01-24T15:30, about"),
        ("下午3点15分", "2018-01-25T15:15"),
        ("上午10点", "2018-01-25T10:00"),
        ("晚上8点半", "2018-01-25T20:30"),
        ("凌晨12点10分", "2018-01-25T00:10"),
        ("15：30左右", "2018-01-25T15:30, about"),
        ("오후 3시 15분경", "2018-01-25T15:15, about"),
        ("2018년 1월 24일 15:30", "2018-01-24T15:30"),
        ("18:00~19:00", "2018-01-25T18:00 until 2018-01-25T19:00"),
        ("18:00 ~ 19:00", "2018-01-25T18:00 until 2018-01-25T19:00"),
        ("18:00から19:00まで", "2018-01-25T18:00 until 2018-01-25T19:00"),
        ("10:45~", "2018-01-25T10:45, about"),
        ("2018-01-24[^1] 14:30", "2018-01-24T14:30"),
        ("14:30[^2]", "2018-01-25T14:30"),
        ("2018-01-24 (Wednesday) 14:30", "2018-01-24T14:30"),
        ("2018-01-24 1906", "2018-01-24T19:06"),
        ("1906", "2018-01-25T19:06"),
        ("01-24 16:21", "2018-01-24T16:21"),
        ("08.02.2018 14:30", "2018-02-08T14:30"),
        ("24.01. 14:30", "2018-01-24T14:30"),
        ("24.01.18 14:30", "2018-01-24T14:30"),
        ("25. Jan 14:30", "2018-01-25T14:30"),
        ("25\\. Jan 14:30", "2018-01-25T14:30"),
        ("01-24", "2018-01-24"),
        ("22-23.01.2018", "2018-01-22"),
        ("Tue 1/23 14:03", "2018-01-23T14:03"),
        ("~2018-01-24 06:2xZ", "2018-01-24, about, Z"),
        ("2X:XX", "unknown"),
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
        ("24:01", "unknown; there is no such time"),
        ("24:00 PM", "unknown; there is no such time"),
        ("25:10", "unknown; there is no such time"),
        ("10:75", "unknown; there is no such time"),
        ("10:00 - 10:75", "2018-01-25T10:00; there is no such time to end at"),
        ("11:30 -29p", "2018-01-25T11:30; there is no such time to end at"),
        ("2018-02-30 10:00", "unknown; this date cannot be read, or there is no such day"),
        ("20181-01-25 10:00", "unknown; this date cannot be read, or there is no such day"),
        ("2018-01-?? 10:00", "unknown; this date cannot be read, or there is no such day"),
        ("2018/19-??-?? HH:mm", "unknown; this date cannot be read, or there is no such day"),
        ("01.13.2018 10:00", "unknown; this date cannot be read, or there is no such day"),
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


ON_ONE_DAY = "All events happened on 2018-01-25."


@pytest.mark.parametrize(
    "lead, written, means",
    [
        ("", ["24:00"], ["26T00:00"]),
        ("", ["24:00:00 UTC"], ["26T00:00:00, UTC"]),
        ("", ["2018-01-25T24:00Z"], ["26T00:00, Z"]),
        ("", ["2018-01-24 24:00", "00:20"], ["25T00:00", "25T00:20"]),
        ("", ["23:50", "24:00", "24:00", "00:20"], ["25T23:50", "26T00:00", "26T00:00", "26T00:20"]),
        ("", ["00:00", "24:00"], ["25T00:00", "26T00:00"]),
        ("", ["24:00", "next day 09:00"], ["26T00:00", "26T09:00"]),
        ("", ["2018-01-25 22:00 - 2018-01-25 24:00"], ["25T22:00 until 2018-01-26T00:00"]),
        (ON_ONE_DAY, ["23:50", "24:00", "00:20"], ["25T23:50", "26T00:00", "26T00:20"]),
        (ON_ONE_DAY, ["23:50", "00:10", "00:20"], ["25T23:50", "26T00:10", "26T00:20"]),
        (
            ON_ONE_DAY,
            ["2018-01-26 00:10", "14:00"],
            ["26T00:10", "25T14:00; earlier than the entry above it"],
        ),
    ],
)
def test_a_day_ends_at_24_00_which_is_the_next_ones_midnight(
    lead: str, written: list[str], means: list[str]
) -> None:
    assert read(*written, lead=lead) == [f"2018-01-{each}" for each in means]


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
        "5h later it was back",
        "5 set up",
        "set 12 replicas",
        "1.2.30 was released",
        "14:30~19",
        "15 Denver nodes",
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
    assert prefix.of_heading(text) is None


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
        ("14:30 Uhr: text", "14:30 Uhr", "text"),
        ("15h : texte", "15h", "texte"),
        ("16:37 Denver - text", "16:37 Denver", "text"),
        ("16:37 Denver office closed", "16:37", "Denver office closed"),
        ("10:45~ text", "10:45~", "text"),
        ("[12-05 16:21] text", "12-05 16:21", "text"),
        ("2025-07-26 1906: text", "2025-07-26 1906", "text"),
        ("2026-03-11[^1]: text", "2026-03-11[^1]", "text"),
        ("15時30分頃、監視が鳴る", "15時30分頃", "監視が鳴る"),
        ("15:30頃 監視が鳴る", "15:30頃", "監視が鳴る"),
        ("下午3点15分 报警", "下午3点15分", "报警"),
        ("15:30，报警", "15:30", "报警"),
        ("🔴 14:30 - text", "14:30", "🔴 text"),
        (":clock3: **14:30** text", "14:30", ":clock3: text"),
        ("2026-03-11 06:00 (= 23:00 PT): text", "2026-03-11 06:00 (= 23:00 PT)", "text"),
        ("Update 12.03.2026 10:00 Uhr: text", "Update 12.03.2026 10:00 Uhr", "text"),
        ("T0: text", "T0", "text"),
        ("15:30 UTC Feb 20: text", "15:30 UTC Feb 20", "text"),
        ("15:30 Feb 20 deploy undone", "15:30", "Feb 20 deploy undone"),
        ("**2026-05-16 to 17** - text", "2026-05-16 to 17", "text"),
        ("01/07 ~19:17 text", "01/07 ~19:17", "text"),
        ("7.10.2025 - 16:00 Uhr: text", "7.10.2025 - 16:00 Uhr", "text"),
        ("2018-01-25 - 1600 users", "2018-01-25", "1600 users"),
        ("T+N minutes: text", "T+N minutes", "text"),
    ],
)
def test_a_line_is_cut_behind_its_time(line: str, written: str, rest: str) -> None:
    stamp = prefix.of_line(line)

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

    assert [shown(reading) for reading in timeline_times.read_entries(document)] == [
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


def test_only_evening_to_early_morning_is_a_new_day() -> None:
    assert read("23:55", "00:40")[1] == "2018-01-26T00:40"
    assert read("20:00", "07:59")[1] == "2018-01-26T07:59"
    assert read("5:36 PM", "12:15 AM")[1] == "2018-01-26T00:15"
    assert read("17:36", "07:15")[1] == "2018-01-25T07:15; earlier than the entry above it"
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
        ("All times are Denver time", "Denver"),
        ("All times Eastern", "Eastern"),
        ("All times are in Pacific Time.", "Pacific Time"),
        ("all times utc", "utc"),
        ("Alle Zeiten in MEZ", "MEZ"),
        ("Alle Uhrzeiten sind UTC+2.", "UTC+2"),
        ("Toutes les heures sont en UTC.", "UTC"),
        ("Todas las horas están en UTC-3.", "UTC-3"),
        ("Todos os horários em BRT", "BRT"),
        ("Tutti gli orari sono in CET", "CET"),
        ("Alle tijden zijn in CEST", "CEST"),
        ("Всё время указано по МСК", "МСК"),
        ("時刻はすべてJSTです", "JST"),
        ("所有时间均为北京时间", "北京时间"),
        ("모든 시간은 KST 기준", "KST"),
        ("| Zeit (MEZ) | Ereignis |", "MEZ"),
        ("| Uhrzeit (UTC+1) | Ereignis |", "UTC+1"),
        ("Around this time Grafana showed nothing", ""),
        ("Problems/Timeline of events", ""),
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
        ("Hub down on January 25-26, 2018", "", "14:30", DAY),
        ("Störung vom 25.-26. Januar 2018", "", "14:30", DAY),
        ("25.01.2018 Hub down", "", "14:30", DAY),
        ("Ausfall am 25. Januar 2018", "", "14:30", DAY),
        ("Incidencia del 25 de enero de 2018", "", "14:30", DAY),
        ("2018年1月25日の障害", "", "14:30", DAY),
        ("2018년 1월 25일 장애", "", "14:30", DAY),
    ],
)
def test_the_day_of_the_incident_comes_from_where_it_is_told(
    title: str, name: str, first: str, expected: date | None
) -> None:
    document = Document(title=title, sections=(Section("Timeline", (Entry(first, "text"),)),))

    assert timeline_times.incident_date(document, name) == expected


def timed(*written: str, timezone: str, day: str) -> tuple[Reading, ...]:
    document = Document(
        date=date.fromisoformat(day),
        timezone=timezone,
        sections=(Section("Timeline", tuple(Entry(each) for each in written)),),
    )
    return timeline_times.read_entries(document)


@pytest.mark.parametrize(
    "timezone, day, written, minutes",
    [
        ("Europe/Berlin", "2026-03-29", ("01:30", "03:30"), 60),
        ("Europe/Berlin", "2026-10-25", ("01:30", "03:30"), 180),
        ("", "2026-03-11", ("2026-03-11T14:30Z", "2026-03-11T15:40+01:00"), 10),
        ("", "2026-03-11", ("14:30 UTC", "15:40 CET"), 10),
        ("", "2026-03-11", ("14:30 UTC", "15:40 MEZ"), 10),
        ("", "2026-03-11", ("9:30 AM Eastern", "7:45 AM Denver"), 15),
        ("", "2026-07-11", ("14:30 UTC", "8:40 Mountain Time"), 10),
        ("", "2026-03-11", ("15:30 МСК", "12:45 UTC"), 15),
        ("America/Los_Angeles", "2026-07-01", ("07:00", "14:30 UTC"), 30),
        ("America/Los_Angeles", "2026-07-01", ("17:30", "00:45 UTC"), 15),
        ("Europe/Berlin", "2026-01-10", ("00:40", "23:50 UTC"), 10),
        ("America/New_York", "2026-11-01", ("01:45 EDT", "01:30 EST"), 45),
        ("", "2026-11-01", ("01:45 EDT", "01:30 EST"), 45),
        ("Asia/Shanghai", "2026-07-01", ("10:00 CST", "02:30 UTC"), 30),
        ("Europe/Dublin", "2026-07-01", ("10:00 IST", "09:30 UTC"), 30),
        ("PST/PDT", "2026-07-01", ("07:00", "14:30 UTC"), 30),
        ("", "2026-07-01", ("14:30 UTC", "14:40"), 10),
        ("Australia/Lord_Howe", "2026-10-04", ("01:45", "02:45"), 30),
    ],
)
def test_what_lies_between_two_times_is_told_by_instants(
    timezone: str, day: str, written: tuple[str, str], minutes: int
) -> None:
    first, second = timed(*written, timezone=timezone, day=day)

    assert first.instant
    assert second.instant
    assert second.instant - first.instant == timedelta(minutes=minutes)
    assert (first.warnings, second.warnings) == ((), ())


@pytest.mark.parametrize(
    "timezone, day, written, warning",
    [
        ("America/New_York", "2026-03-08", "02:30", "no such time in America/New_York"),
        ("Europe/Berlin", "2026-03-29", "02:00", "no such time in Europe/Berlin"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "no such time in Australia/Lord_Howe"),
        ("Central European Time", "2026-03-29", "02:30", ""),
        ("America/New_York", "2026-03-08", "03:00", ""),
        ("Nowhere/Land", "2026-03-08", "02:30", ""),
        ("../../etc/passwd", "2026-03-08", "02:30", ""),
        ("", "2026-03-08", "02:30", ""),
    ],
)
def test_a_time_that_the_clocks_skipped_is_told(timezone: str, day: str, written: str, warning: str) -> None:
    (reading,) = timed(written, timezone=timezone, day=day)

    assert reading.at is not None
    assert warning in "".join(reading.warnings)
    assert bool(reading.warnings) == bool(warning)
    assert not (warning and reading.instant)


@pytest.mark.parametrize(
    "written, zone",
    [(("01:30 EST", "01:45 EDT"), ""), (("15:40 CET", "14:30 UTC"), ""), (("14:30 UTC", "15:20 CET"), "")],
)
def test_a_time_that_runs_backwards_on_other_clocks_is_told(written: tuple[str, ...], zone: str) -> None:
    assert timed(*written, timezone=zone, day="2026-11-01")[1].warnings == (
        "earlier than the entry above it",
    )


def test_what_follows_a_time_that_was_skipped_is_compared_with_the_one_before_it() -> None:
    last = timed("03:30", "02:30", "02:00 UTC", timezone="Europe/Berlin", day="2026-03-29")[-1]

    assert last.warnings == ()


def test_of_a_time_that_came_twice_the_second_is_read_where_only_that_is_in_order() -> None:
    first, second = timed("01:45", "01:15", timezone="America/New_York", day="2026-11-01")

    assert first.instant == datetime(2026, 11, 1, 5, 45, tzinfo=UTC)
    assert second.instant == datetime(2026, 11, 1, 6, 15, tzinfo=UTC)
    assert second.warnings == ("this time came twice; read as the second, behind the entry above it",)


def test_a_span_may_end_on_other_clocks_and_in_the_second_pass_of_an_hour() -> None:
    for written in ("01:45 EDT - 01:30 EST", "14:30 UTC - 15:40 CET", "15:40 CET - 14:50 UTC"):
        assert timed(written, timezone="", day="2026-11-01")[0].warnings == ()
    assert timed("01:45 - 01:15", timezone="America/New_York", day="2026-11-01")[0].warnings == ()


@pytest.mark.parametrize(
    "day, zone", [("0001-01-01", "Europe/Berlin"), ("9999-12-31", "America/Los_Angeles")]
)
def test_there_is_no_instant_before_the_first_day_or_after_the_last(day: str, zone: str) -> None:
    (reading,) = timed("00:00" if day < "1" else "23:30", timezone=zone, day=day)

    assert (reading.instant, reading.warnings) == (None, ())


FAR = "; this date is far from the incident's, 2018-01-25"


@pytest.mark.parametrize(
    "written, means",
    [
        (("9999-12-31 23:30 - 00:15",), f"9999-12-31T23:30 until 9999-12-31T00:15{FAR}"),
        (("9999-12-31 23:30 - 24:00",), f"9999-12-31T23:30 until 9999-12-31T00:00{FAR}"),
        (("9999-12-31 23:30", "00:15"), "9999-12-31T00:15"),
        (("9999-12-31 24:00",), f"unknown{FAR}; there is no such time"),
    ],
)
def test_no_day_follows_the_last_one(written: tuple[str, ...], means: str) -> None:
    assert read(*written)[-1] == means


def days_of(*written: str, title: str = "", text: str = "", name: str = "") -> list[str]:
    blocks = (Prose(text or "Text."), *(Entry(each) for each in written))
    document = Document(title=title, sections=(Section("Timeline", blocks),))
    readings = timeline_times.read_entries(document, name=name)
    assert not any("other way round" in warning for reading in readings for warning in reading.warnings)
    return [f"{reading.at:%m-%d}" if reading.at else "" for reading in readings]


@pytest.mark.parametrize(
    "written, name, days",
    [
        (("04/03/2026 10:00", "13/03/2026 11:00"), "", ["03-04", "03-13"]),
        (("03/04/2026 10:00", "03/13/2026 11:00"), "", ["03-04", "03-13"]),
        (("03/04/2026 10:00",), "2026-03-04-x.md", ["03-04"]),
        (("04/03/2026 10:00",), "2026-03-04-x.md", ["03-04"]),
        (("04/03/2026 10:00", "05/03/2026 11:00", "06/03/2026 09:00"), "", ["03-04", "03-05", "03-06"]),
        (("08.03.2026 10:00", "04/03/2026 11:00", "25/02/2026 11:00"), "", ["03-08", "03-04", "02-25"]),
    ],
)
def test_the_order_of_day_and_month_is_one_decision(
    written: tuple[str, ...], name: str, days: list[str]
) -> None:
    assert days_of(*written, name=name) == days


@pytest.mark.parametrize(
    "heading",
    [
        "### 2025-07-26 Saturday",
        "### 2025-07-26 (Saturday)",
        "### 2025-07-26 Data8 outage",
        "### 2025-07-26 (All times CEST)",
        "### Saturday, 26 July 2025",
        "### 26. Juli 2025 - Ausfall",
    ],
)
def test_the_heading_of_a_day_may_say_more(heading: str) -> None:
    document = Document(
        date=date(2025, 7, 24), sections=(Section("Timeline", (Prose(heading), Entry("14:30"))),)
    )

    (reading,) = timeline_times.read_entries(document)

    assert reading.at == datetime.fromisoformat("2025-07-26T14:30")
    assert reading.zone == ("CEST" if "CEST" in heading else "")


@pytest.mark.parametrize(
    "text, entry, day",
    [
        ("**Date:** March 9, 2026", "14:30", "2026-03-09"),
        ("Text.", "2026-03-10 14:30", "2026-03-10"),
        ("Text.", "Mar 10, 14:30", "2026-03-10"),
        ("On March 9th, 2026 the hub was down.", "14:30", "2026-03-09"),
        ("On Monday, March 9, the hub was down.", "14:30", "2026-03-09"),
        ("Text.", "14:30", "2026-03-12"),
        ("Text.", "March 10", "2026-03-10"),
        ("We do it again on March 20, 2026.", "14:30", "2026-03-12"),
    ],
)
@pytest.mark.parametrize("extra", [("layout", "post"), ("pubDate", "2026-03-12")])
def test_the_date_of_a_page_that_was_published_gives_way_to_what_its_text_says(
    text: str, entry: str, day: str, extra: tuple[str, str]
) -> None:
    document = Document(
        date=date(2026, 3, 12),
        extra=(extra,),
        sections=(Section("", (Prose(text),)), Section("Timeline", (Entry(entry),))),
    )

    assert timeline_times.incident_date(document) == date.fromisoformat(day)
    assert timeline_times.incident_date(replace(document, extra=())) == date(2026, 3, 12)


@pytest.mark.parametrize(
    "value, told",
    [
        ("2026-03-11 14:00:00 -0800", "its day is read, 2026-03-11; the rest is kept as it is written"),
        ("08.03.2026", "its day is read, 2026-03-08; the rest is kept as it is written"),
        ("2020-13-40", "this date cannot be read; write it as 2018-01-25"),
    ],
)
def test_a_date_of_front_matter_that_is_more_or_less_than_a_day_is_told_once(value: str, told: str) -> None:
    text = f"---\ntitle: A\ndate: {value}\n---\n"

    found = warnings.of(parser.parse(text), text)

    assert [(each.line, each.text) for each in found] == [(3, told)]


@pytest.mark.parametrize(
    "line, day",
    [
        ("**Date: 2018-01-26**", "2018-01-26"),
        ("### Day 2 (2018-01-26)", "2018-01-26"),
        ("### Día 1 (26 de enero, 2018)", "2018-01-26"),
        ("### Tag 2: 26. Januar 2018", "2018-01-26"),
        ("Datum: 26.01.2018", "2018-01-26"),
        ("日付：2018年1月26日", "2018-01-26"),
    ],
)
def test_a_day_between_entries_may_stand_behind_a_word(line: str, day: str) -> None:
    document = Document(date=DAY, sections=(Section("Timeline", (Prose(line), Entry("14:30"))),))

    (reading,) = timeline_times.read_entries(document)

    assert f"{reading.at:%Y-%m-%d %H:%M}" == f"{day} 14:30"


@pytest.mark.parametrize(
    "text, day",
    [
        ("On 2023-07-20 between 12:17 and 12:30 UTC all downloads were broken.", "2023-07-20"),
        ("At 01:52 UTC, 2022-10-28, a change was merged.", "2022-10-28"),
        ("The report of the outage that occurred on January23, 2021. We are sorry.", "2021-01-23"),
        ("| Reported | 2026-04-19T14:30Z |", "2026-04-19"),
        ("📅 **Date:** 2026-04-19", "2026-04-19"),
        ("| 影響期間 | 2026-04-19 18:35 JST 〜 18:50 JST |", "2026-04-19"),
        ("Duration: Thursday, May 9, 2024, 17:30 PST - Friday, May 10, 2024, 01:00 PST", "2024-05-09"),
        ("By Ada.\n\n![](x.gif)\n\nThe outage was reported on August 5th 2022, 18:00 GMT.", "2022-08-05"),
        ("Am 8. März 2026 gegen 16 Uhr fiel der Server aus.", "2026-03-08"),
        ("The service was slow.", "2023-07-19"),
    ],
)
def test_the_first_sentences_tell_the_day_before_the_timeline_does(text: str, day: str) -> None:
    entries = (Entry("2023-07-19 12:32"), Entry("2023-07-20 12:17"))
    document = Document(
        title="Broken downloads", sections=(Section("Summary", (Prose(text),)), Section("Timeline", entries))
    )

    assert timeline_times.incident_date(document) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text, zone",
    [
        ("Errors came back from 7:31 PM to 9:21 PM PT. We are sorry.", "PT"),
        ("Duration: 2 hours (9:00 AM - 11:00 AM, UTC)", "UTC"),
        ("Down from 17:09 EST to about 23:42 EST (6 hours and 33 minutes).", "EST"),
        ("Lost between 10:00 CET and 11:00 UTC.", ""),
        ("Ads were shown from 9:00 AM to 10:00 AM.", ""),
    ],
)
def test_the_zone_of_a_text_is_told_by_its_times(text: str, zone: str) -> None:
    document = Document(sections=(Section("Summary", (Prose(text),)), Section("Timeline", (Entry("9:05"),))))

    assert timeline_times.stated_zone(document, timeline_times.read_entries(document)) == zone
