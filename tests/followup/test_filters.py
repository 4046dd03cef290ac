"""Filters in words: what a list shows, as a person says it."""

from __future__ import annotations

from datetime import date

import pytest

from postmortems.followup.filters import Filters

SAID = [
    (Filters(), "all items"),
    (Filters(status="open,in_progress", sort="-age"), "status: open, in progress; by age, turned round"),
    (Filters(status="wont_do", sort="owner"), "status: won't do; by owner"),
    (Filters(overdue=True, unowned=True, reopened=True), "overdue; without owner; re-opened"),
    (Filters(service="-", priority="P0,-"), "service: none; priority: P0, none"),
    (Filters(due_before=date(2026, 3, 2), age=30), "due before: 2026-03-02; age: 30"),
    (Filters(q='"in_progress"', owner="@kim"), 'owner: @kim; words: "in_progress"'),
]


@pytest.mark.parametrize("filters, said", SAID)
def test_filters_are_said_in_words(filters: Filters, said: str) -> None:
    assert filters.said() == said
