"""Days that are called the next one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
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


TOLD = Document(
    title="Hub down",
    date=date(2026, 3, 10),
    sections=(
        Section("Timeline", (Entry("10:00", "It is down on 9/10."), Prose("Times are CET."))),
        Section("Action items", (Item("Add an alert by 4/3.", id="AI-1", owner="Ada"), Category("Later"))),
    ),
)
# What is another in the document, and whether its days and times may be others then.
CHANGES: list[tuple[Document, bool]] = [
    (replace(TOLD), False),
    (replace(TOLD, severity="SEV1", services=("hub",), tags=("dns",), status="draft"), False),
    (TOLD.with_items(lambda item: replace(item, id="AI-7", owner="Ben", due=date(2026, 4, 3))), False),
    (replace(TOLD, title="Hub down on 3 March"), True),
    (replace(TOLD, heading="Hub down on 3 March"), True),
    (replace(TOLD, date=date(2026, 3, 11)), True),
    (replace(TOLD, timezone="CET"), True),
    (replace(TOLD, extra=(("date", "3 March"),)), True),
    (replace(TOLD, sections=TOLD.sections[:1]), True),
    (replace(TOLD, sections=(replace(TOLD.sections[0], heading="9 March"), TOLD.sections[1])), True),
    (replace(TOLD, sections=(Section("Timeline", (Entry("10:01"),)), TOLD.sections[1])), True),
    (replace(TOLD, sections=(TOLD.sections[0], Section("Action items", TOLD.items))), True),
    (TOLD.with_items(lambda item: replace(item, text="Add an alert by 3/4.")), True),
]


@pytest.mark.parametrize("document, is_told_anew", CHANGES)
def test_days_are_told_anew_where_the_document_says_something_else_of_them(
    document: Document, is_told_anew: bool
) -> None:
    assert dates.say_the_same(TOLD, document) is not is_told_anew
    assert dates.say_the_same(document, TOLD) is not is_told_anew


# What days are made of, without the digits that each of them has.
WITHOUT_DIGITS = (
    *("May", "march", "Monday", "Mo.", "st", "next day", "the following day at", "翌日", "翌朝", "次日"),
    *("年", "月", "日", "mm", "dd", "xx", "??", "-", "/", ".", " ", ",", "of", "de", "am", "noon", "o'clock"),
)


@given(st.lists(st.sampled_from(WITHOUT_DIGITS), max_size=8).map("".join))
def test_no_day_is_told_without_a_digit(text: str) -> None:
    assert grammar._day_here(text, 0) is None


@pytest.mark.parametrize(
    "text, end",
    [
        ("yyyy-mm-dd", 10),
        ("YYYY-MM-DD", 10),
        ("翌日 9:00", 2),
        ("May 3, 2026", 11),
        ("٣/٤/٢٠٢٦", 8),
        (f"May 3, 2026{' more' * 1_000}", 11),
    ],
)
def test_a_day_is_found_with_the_digits_that_it_has(text: str, end: int) -> None:
    found = grammar.day_at(text)

    assert found is not None
    assert found[1] == end
