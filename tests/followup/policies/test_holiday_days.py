"""Holidays as days: of countries, from iCalendar files, and from lists."""

from __future__ import annotations

import re
import warnings
from collections import defaultdict
from datetime import date, timedelta

import holidays
import pytest

from postmortems.errors import Invalid
from postmortems.followup.policies import holiday_days


def ical(*events: str) -> bytes:
    named = [event if "UID:" in event else f"UID:{number}\n{event}" for number, event in enumerate(events)]
    parts = [f"BEGIN:VEVENT\n{event}\nEND:VEVENT" for event in named]
    text = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x", *parts, "END:VCALENDAR", ""])
    return text.replace("\n", "\r\n").encode()


def days(*texts: str) -> set[date]:
    return {date.fromisoformat(text) for text in texts}


def repeated(rule: str, day: str = "20260101") -> bytes:
    return ical(f"DTSTART;VALUE=DATE:{day}\nRRULE:{rule}")


# (events, the days that are read)
FILES = [
    (["DTSTART;VALUE=DATE:20261225"], days("2026-12-25")),
    (["DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261226"], days("2026-12-25")),
    (
        ["DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227"],
        days("2026-12-24", "2026-12-25", "2026-12-26"),
    ),
    (["DTSTART;VALUE=DATE:20261224\nDURATION:P2D"], days("2026-12-24", "2026-12-25")),
    (["DTSTART:20261225T000000\nDTEND:20261226T000000"], days("2026-12-25")),
    (["DTSTART;VALUE=DATE:20261225\nSTATUS:CANCELLED", "DTSTART;VALUE=DATE:20261226"], days("2026-12-26")),
    (["DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;COUNT=1;UNTIL=20400101T000000Z"], days("2026-01-01")),
    (
        ["DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;INTERVAL=4;UNTIL=20310101"],
        days("2026-01-01", "2030-01-01"),
    ),
    (
        ["DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY;COUNT=2"],
        days("2024-02-29", "2028-02-29"),
    ),
    (
        ["DTSTART;VALUE=DATE:20251225\nRRULE:FREQ=YEARLY;UNTIL=20271231\nEXDATE;VALUE=DATE:20261225"],
        days("2025-12-25", "2027-12-25"),
    ),
    (
        ["DTSTART;VALUE=DATE:20251127\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=2"],
        days("2025-11-27", "2026-11-26"),
    ),
    # Days that no rule gives are listed (§3.8.5.2).
    (
        ["DTSTART;VALUE=DATE:20260320\nRDATE;VALUE=DATE:20270310,20280227\nRDATE;VALUE=DATE:20290214"],
        days("2026-03-20", "2027-03-10", "2028-02-27", "2029-02-14"),
    ),
    (
        ["DTSTART;VALUE=DATE:20261224\nDURATION:P2D\nRRULE:FREQ=YEARLY;COUNT=1\nRDATE;VALUE=DATE:20270101"],
        days("2026-12-24", "2026-12-25", "2027-01-01", "2027-01-02"),
    ),
    (
        ["DTSTART;VALUE=DATE:20260320\nRDATE;VALUE=DATE:20270310\nEXDATE;VALUE=DATE:20260320"],
        days("2027-03-10"),
    ),
    # One of them is on another day (§3.8.4.4), or not at all.
    (
        [
            "DTSTART;VALUE=DATE:20261226\nRRULE:FREQ=YEARLY;COUNT=3\nUID:boxing",
            "RECURRENCE-ID;VALUE=DATE:20261226\nDTSTART;VALUE=DATE:20261228\nUID:boxing",
            "RECURRENCE-ID;VALUE=DATE:20271226\nDTSTART;VALUE=DATE:20271226\nUID:boxing\nSTATUS:CANCELLED",
        ],
        days("2026-12-28", "2028-12-26"),
    ),
    # The same midnight in UTC.
    (
        [
            "DTSTART;TZID=Europe/Berlin:20261225T000000\nDTEND;TZID=Europe/Berlin:20261226T000000\n"
            "RRULE:FREQ=YEARLY;COUNT=2\nEXDATE:20271224T230000Z"
        ],
        days("2026-12-25"),
    ),
]


@pytest.mark.parametrize("events, wanted", FILES)
def test_a_file_gives_its_whole_days(events: list[str], wanted: set[date]) -> None:
    assert holiday_days.from_ical(ical(*events), 2026) == wanted


def test_what_comes_every_year_is_known_for_the_next_years() -> None:
    found = holiday_days.from_ical(ical("DTSTART;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY"), 2026)

    assert (min(found), max(found), len(found)) == (date(2020, 12, 25), date(2036, 12, 25), 17)


BERLIN = "DTSTART;TZID=Europe/Berlin:20261225T000000\nDTEND;TZID=Europe/Berlin:20261226T000000"

# (file, what is said)
BAD_FILES = [
    (b"", "no event"),
    (b"hello", "no iCalendar file"),
    (b"\xff\xfe\x00", "no iCalendar file"),
    (ical(), "no event"),
    (ical("SUMMARY:Party"), "“Party” has no day"),
    (ical("SUMMARY:Lunch\nDTSTART:20261225T120000Z\nDTEND:20261225T130000Z"), "“Lunch” has a time of day"),
    (ical("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=WEEKLY"), "otherwise than every year"),
    (ical("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=SECONDLY"), "otherwise than every year"),
    (ical("DTSTART;VALUE=DATE:20200101\nDTEND;VALUE=DATE:20300101"), "longer than a year"),
    (
        ical(*(f"DTSTART;VALUE=DATE:{2000 + n}0101\nDTEND;VALUE=DATE:{2000 + n}1231" for n in range(20))),
        "at most",
    ),
    (b"x" * (holiday_days.LARGEST_FILE + 1), "KiB"),
    (ical("DTSTART;TZID=Europe:20261225T000000"), "no iCalendar file"),
    (ical("DTSTART;VALUE=DATE:20261225\nRDATE;VALUE=PERIOD:20261226T000000Z/P1D"), "names a period in RDATE"),
    (
        ical(
            "DTSTART;VALUE=DATE:20261226\nRRULE:FREQ=YEARLY\nUID:a",
            "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20271226\nDTSTART;VALUE=DATE:20271227\nUID:a",
        ),
        "otherwise from a day on",
    ),
    (ical(f"{BERLIN}\nRDATE:99991231T233000Z"), "names in RDATE cannot be read"),
    (ical(f"{BERLIN}\nRECURRENCE-ID:99991231T233000Z"), "stands for cannot be read"),
    (ical("DTSTART;VALUE=DATE:20261225" + "\nRECURRENCE-ID;VALUE=DATE:20261226" * 2), "cannot be read"),
    # What would be worked out for ever, or for hours.
    (repeated("FREQ=YEARLY;INTERVAL=0"), "cannot be read"),
    (repeated("FREQ=YEARLY;BYHOUR=1,2,3;BYMINUTE=1,2,3"), "no holiday does"),
    (repeated("FREQ=YEARLY;BYYEARDAY=1"), "no holiday does"),
    (repeated("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", day="20000101"), "at most"),
    (repeated("FREQ=YEARLY;UNTIL=tomorrow"), "cannot be read"),
    (repeated("FREQ=YEARLY;BYMONTH=13"), "comes on no day"),
    (repeated("FREQ=YEARLY", day="00010101"), "no holiday does"),
    (ical(*["DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"] * 300), "on no day"),
    (ical(*["DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY"] * 301), "more than 300 events"),
    (ical(*["DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20270101"] * 60), "at most"),
]


@pytest.mark.parametrize("data, said", BAD_FILES)
def test_a_file_that_cannot_be_used_is_refused_in_words(data: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        holiday_days.from_ical(data, 2026)

    assert refused.value.problems[0].pointer == "/ical"


def test_a_list_is_read_a_day_a_line() -> None:
    text = "2026-12-24\n\n# company\r\n2026-12-31 half a day\n2027-01-02, bridge\n2026-12-24\n"

    assert holiday_days.from_list(text) == days("2026-12-24", "2026-12-31", "2027-01-02")


# (list, the lines that are named)
BAD_LISTS = [
    ("24.12.2026", [1]),
    ("2026-12-24\n2026-02-30\nChristmas", [2, 3]),
    ("0001-01-01", [1]),
    ("9999-12-31", [1]),
    ("2026-12-241", [1]),
    ("x\n" * 500, list(range(1, 21))),
]


@pytest.mark.parametrize("text, lines", BAD_LISTS)
def test_a_list_with_what_is_no_day_names_the_lines(text: str, lines: list[int]) -> None:
    with pytest.raises(Invalid) as refused:
        holiday_days.from_list(text)

    assert [problem.line for problem in refused.value.problems] == lines


def test_ten_thousand_holidays_are_refused() -> None:
    first = date(2026, 1, 1)
    text = "\n".join((first + timedelta(days=number)).isoformat() for number in range(10_000))

    with pytest.raises(Invalid, match="at most 5000 days"):
        holiday_days.from_list(text)


# (country, part, field that is refused)
UNKNOWN = [("XX", "", "/country"), ("", "", "/country"), ("us", "", "/country"), ("DE", "XX", "/subdivision")]


@pytest.mark.parametrize("country, part, field", UNKNOWN)
def test_an_unknown_country_or_part_is_refused(country: str, part: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        holiday_days.of_country(country, part, [2026])

    assert refused.value.problems[0].pointer == field


def test_observed_days_stand_in_the_year_in_which_they_fall() -> None:
    assert date(2027, 12, 31) in holiday_days.of_country("US", "", [2027])
    assert date(2027, 12, 31) not in holiday_days.of_country("US", "", [2028])
    assert holiday_days.weekend_of("IL", "") == {4, 5}


def test_where_days_end_before_others_is_written_down_for_this_release_of_the_library() -> None:
    known = holidays.list_supported_countries(include_aliases=False)
    ends = {country: end for country in known if (end := _last_year(country, None)) is not None}
    for country in known.keys() - ends.keys():
        parts = {part: _last_year(country, part) for part in known[country]}
        ends |= {f"{country}-{part}": end for part, end in parts.items() if end is not None}

    assert ends == holiday_days.LAST_KNOWN


def _last_year(country: str, part: str | None) -> int | None:
    """Where the country ends, or a name that came each year, or nearly, and then comes never again."""
    first, last = 2025, 2042
    with warnings.catch_warnings():
        # It warns of India alone.
        warnings.simplefilter("ignore")
        days = holidays.country_holidays(country, subdiv=part, years=range(first, last))
    if days.end_year < last:
        return int(days.end_year)
    years = defaultdict[str, set[int]](set)
    for day, names in days.items():
        for name in names.split("; "):
            # Estimated and observed days say so in brackets or by a star.
            years[re.sub(r"\s*\(.*?\)|\*", "", name)].add(day.year)
    ended = [(max(each), each) for each in years.values() if max(each) < last - 2]
    # Some names are another where two fall on one day.
    return max((end for end, each in ended if len(each & {*range(end - 6, end + 1)}) > 5), default=None)
