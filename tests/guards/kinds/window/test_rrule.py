"""Rules by days, with a general expander of iCalendar rules as the referee."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from postmortems.guards.kinds.window import rrule

ANCHORS = st.dates(date(2015, 1, 1), date(2024, 12, 31))
WEEKDAY = st.sampled_from(rrule.WEEKDAYS)
NUMBERED = st.builds(lambda nth, day: f"{nth}{day}", st.integers(-5, 5).filter(bool), WEEKDAY)
MONTH_DAY = st.integers(-31, 31).filter(bool).map(str)


def some(values: st.SearchStrategy[str], name: str) -> st.SearchStrategy[str]:
    listed = st.lists(values, min_size=1, max_size=4, unique=True).map(
        lambda each: f";{name}={','.join(each)}"
    )
    return st.just("") | listed


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(rrule.FREQUENCIES))
    text = f"FREQ={frequency};INTERVAL={draw(st.integers(1, 4))};WKST={draw(WEEKDAY)}"
    text += draw(some(st.integers(1, 12).map(str), "BYMONTH"))
    if frequency != "WEEKLY":
        text += draw(some(MONTH_DAY, "BYMONTHDAY"))
    if frequency in {"DAILY", "WEEKLY"}:
        return text + draw(some(WEEKDAY, "BYDAY"))
    # Not both together: there the referee wants a day to be both, where the standard wants either.
    return text + draw(some(draw(st.sampled_from([WEEKDAY, NUMBERED])), "BYDAY"))


@settings(max_examples=100, deadline=None)
@given(text=rules(), anchor=ANCHORS)
def test_a_day_fits_when_the_referee_expands_to_it(text: str, anchor: date) -> None:
    last = anchor + timedelta(days=800)
    start = datetime.combine(anchor, datetime.min.time())
    # `until` bounds the referee only where instances come at all, hence so near an end.
    expanded = rrulestr(f"{text};UNTIL={last:%Y%m%d}", dtstart=start) if _comes(text, anchor) else []

    rule = rrule.read(text)
    days = [anchor + timedelta(days=after) for after in range(801)]
    assert [day for day in days if rule.falls_on(day, anchor)] == [each.date() for each in expanded]


def _comes(text: str, anchor: date) -> bool:
    return rrule.read(text).ever_falls(anchor)


@pytest.mark.parametrize(
    "text, days",
    [
        ("FREQ=DAILY", "2018-01-25 2018-01-26"),
        ("freq=weekly;byday=mo,we", "2018-01-29 2018-01-31"),
        ("RRULE:FREQ=WEEKLY;BYDAY=SA,SU;", "2018-01-27 2018-01-28"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2018-01-26 2018-02-23"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2018-01-31 2018-02-28"),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "2018-11-22 2019-11-28"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2020-02-29 2024-02-29"),
        ("FREQ=YEARLY;BYDAY=1MO", "2019-01-07 2020-01-06"),
    ],
)
def test_rules_say_what_people_mean(text: str, days: str) -> None:
    rule, anchor = rrule.read(text), date(2018, 1, 25)
    found = (anchor + timedelta(days=after) for after in range(4000))

    first_two = [day for day in found if rule.falls_on(day, anchor)][:2]
    assert " ".join(day.isoformat() for day in first_two) == days


@pytest.mark.parametrize(
    "text, told",
    [
        ("", "NAME=VALUE"),
        ("daily", "NAME=VALUE"),
        ("FREQ=", "NAME=VALUE"),
        ("BYDAY=MO", "FREQ must be"),
        ("FREQ=SECONDLY", "FREQ must be"),
        ("FREQ=MINUTELY", "FREQ must be"),
        ("FREQ=HOURLY", "FREQ must be"),
        ("FREQ=DAILY;FREQ=WEEKLY", "twice"),
        ("FREQ=DAILY;COUNT=1000000000", "instead of COUNT"),
        ("FREQ=DAILY;UNTIL=20180101", "instead of UNTIL"),
        ("FREQ=DAILY;BYHOUR=9", "starts and ends"),
        ("FREQ=DAILY;BYMINUTE=0", "starts and ends"),
        ("FREQ=DAILY;BYSECOND=0", "starts and ends"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1", "number the weekday"),
        ("FREQ=YEARLY;BYWEEKNO=20", "not understood"),
        ("FREQ=YEARLY;BYEASTER=0", "not understood"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL must be"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL must be"),
        ("FREQ=DAILY;INTERVAL=100", "INTERVAL must be"),
        ("FREQ=DAILY;INTERVAL=٣", "INTERVAL must be"),
        ("FREQ=DAILY;INTERVAL=99999999999999999999", "INTERVAL must be"),
        ("FREQ=WEEKLY;BYDAY=XX", "no weekday"),
        ("FREQ=WEEKLY;BYDAY=1MO", "numbered weekday"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "does not go with"),
        ("FREQ=MONTHLY;BYDAY=54MO", "BYDAY must be"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY must be"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY must be"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH must be"),
        ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH must be"),
    ],
)
def test_other_rules_are_refused_with_a_reason(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        rrule.read(text)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29",
    ],
)
def test_a_rule_that_never_comes_is_known_to(text: str) -> None:
    assert not rrule.read(text).ever_falls(date(2017, 1, 1))
