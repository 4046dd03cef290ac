"""What is open, overdue, unowned, unproven and how old: tables of values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from postmortems.followup import rules
from postmortems.followup.filters import Filters

TODAY = date(2026, 3, 2)
YESTERDAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "status, is_open",
    [("proposed", False), ("open", True), ("in_progress", True), ("done", False), ("wont_do", False)],
)
def test_open_means_somebody_committed_to_it(status: str, is_open: bool) -> None:
    assert rules.is_open(status) is is_open


@pytest.mark.parametrize(
    "status, due, is_overdue",
    [
        ("open", YESTERDAY, True),
        ("in_progress", YESTERDAY, True),
        ("open", TODAY, False),
        ("open", None, False),
        ("proposed", YESTERDAY, False),
        ("done", YESTERDAY, False),
        ("wont_do", YESTERDAY, False),
    ],
)
def test_overdue_begins_the_day_after_the_due_date(status: str, due: date | None, is_overdue: bool) -> None:
    assert rules.is_overdue(status, due, TODAY) is is_overdue


@pytest.mark.parametrize(
    "status, owner, is_unowned",
    [("open", "", True), ("open", "sam", False), ("proposed", "", False), ("done", "", False)],
)
def test_unowned_is_open_without_an_owner(status: str, owner: str, is_unowned: bool) -> None:
    assert rules.is_unowned(status, owner) is is_unowned


@pytest.mark.parametrize(
    "status, guardability, protection, is_unproven",
    [
        ("done", "", "unguarded", True),
        ("done", "enforceable", "guarded", True),
        ("done", "enforceable", "regressed", True),
        ("done", "enforceable", "proven", False),
        ("done", "enforceable", "enforced", False),
        ("done", "attestable", "unguarded", False),
        ("done", "not_guardable", "unguarded", False),
        ("open", "enforceable", "unguarded", False),
        ("wont_do", "enforceable", "unguarded", False),
    ],
)
def test_done_is_unproven_where_a_guard_could_prove_it_and_none_does(
    status: str, guardability: str, protection: str, is_unproven: bool
) -> None:
    assert rules.is_unproven(status, guardability, protection) is is_unproven


@pytest.mark.parametrize(
    "opened, closed, days",
    [
        (NOW, None, 0),
        (NOW - timedelta(hours=10), None, 1),
        (NOW - timedelta(days=30), None, 30),
        (NOW - timedelta(days=30), NOW - timedelta(days=20), 10),
        (NOW + timedelta(days=3), None, 0),
        (datetime(2026, 3, 1, 23, 0, tzinfo=timezone(timedelta(hours=-8))), None, 0),
    ],
)
def test_an_age_counts_days_in_utc(opened: datetime, closed: datetime | None, days: int) -> None:
    assert rules.age_days(opened, NOW, closed) == days


@pytest.mark.parametrize(
    "ages, middle", [([], None), ([4], 4), ([1, 9], 5), ([1, 2, 9], 2), ([1, 2, 3, 10], 2.5)]
)
def test_the_median_is_the_middle_age(ages: list[int], middle: float | None) -> None:
    assert rules.median_days(ages) == middle


def test_the_spans_of_ages_cover_every_age_once() -> None:
    bounds = [(low, high) for _, low, high in rules.AGES]

    assert bounds[0][0] == 0
    assert bounds[-1][1] is None
    assert [high for _, high in bounds[:-1]] == [low for low, _ in bounds[1:]]


@pytest.mark.parametrize(
    "filters, query",
    [
        (Filters(), ""),
        (Filters(status="open,in_progress", unowned=True), "status=open,in_progress&unowned=1"),
        (Filters(service="data8/prod", due_before=TODAY), "service=data8/prod&due_before=2026-03-02"),
        (Filters(q="a & b", owner="sam+co"), "owner=sam%2Bco&q=a+%26+b"),
    ],
)
def test_filters_are_the_query_of_an_address(filters: Filters, query: str) -> None:
    assert filters.query() == query
