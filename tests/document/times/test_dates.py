"""Days that are called the next one."""

from __future__ import annotations

from datetime import date

import pytest

from postmortems.document.times import dates, grammar

NEXT = grammar.Day(is_next=True)


@pytest.mark.parametrize(
    "text",
    [
        "翌日 9:00",
        "翌2:00",
        "翌朝7時",
        "次日09:00",
        "다음날 오전 9시",
        "next day 9 am",
        "The following day at 09:00",
        "Am Folgetag um 9:00",
        "al día siguiente a las 9:00",
        "на следующий день в 9:00",
        "9:00 (next day)",
        "02:15 +1d - done",
        "9:00 (翌日)",
        "09:00 (+1)",
        "14:00 next day",
    ],
)
def test_a_word_for_the_next_day_beside_a_clock_is_its_day(text: str) -> None:
    stated = grammar.scan(text)

    assert stated is not None
    assert stated.day == NEXT
    assert stated.clock is not None


@pytest.mark.parametrize(
    "text",
    [
        "Next day, the team met",
        "翌日に復旧",
        "次日复盘",
        "9:00 (nextcloud)",
        "09:00 +1 replica",
        "09:00 next days",
    ],
)
def test_a_word_without_a_clock_is_no_time(text: str) -> None:
    stated = grammar.scan(text)

    assert stated is None or stated.day is None


@pytest.mark.parametrize(
    "number, near, meant",
    [
        (None, date(2026, 2, 28), date(2026, 3, 1)),
        (8, date(2026, 3, 7), date(2026, 3, 8)),
        (8, date(2026, 3, 8), date(2026, 4, 8)),
        (1, date(2025, 12, 31), date(2026, 1, 1)),
        (31, date(2026, 1, 31), date(2026, 3, 31)),
        (None, None, None),
        (None, date.max, None),
    ],
)
def test_the_next_day_is_that_after_the_one_above(
    number: int | None, near: date | None, meant: date | None
) -> None:
    assert dates.resolved(grammar.Day(day=number, is_next=True), near) == meant


def test_a_number_that_no_day_has_is_no_day() -> None:
    stated = grammar.scan("翌32日 9:00")

    assert stated is not None
    assert stated.day is not None
    assert dates.resolved(stated.day, date(2026, 3, 1)) is None
