"""What a bulk edit changes of an item, worked out from values alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from postmortems.followup.bulk import plan
from postmortems.followup.bulk.plan import ItemFacts

SAID: dict[str, Any] = {
    "owner": "ada",
    "team": "",
    "due": date(2026, 5, 1),
    "priority": "P1",
    "status": "",
    "reason": "",
    "outcome": "",
    "guards": ("staging-online (soft)",),
    "tags": ("db",),
}
FACTS = ItemFacts(1, 7, 1, "outage", "Do it", "process", "", "unguarded", "open", SAID, {})


def judge(facts: ItemFacts, changes: plan.Values) -> tuple[str, str]:
    return ("", "") if changes.get("reason") else ("undropped", "say why")


@pytest.mark.parametrize(
    "wanted, changes",
    [
        ({"owner": "kim"}, {"owner": "kim"}),
        ({"owner": "ada"}, {}),
        ({"owner": "ada", "team": "ops"}, {"team": "ops"}),
        ({"due": None}, {"due": None}),
        ({"due": date(2026, 5, 1)}, {}),
        ({"priority": ""}, {"priority": ""}),
        # A status that nobody wrote is open.
        ({"status": "open"}, {}),
        ({"status": "in_progress"}, {"status": "in_progress"}),
        ({"guard": "staging-online"}, {}),
        ({"guard": "no-merge"}, {"guards": ("staging-online (soft)", "no-merge")}),
        ({"tag": "db"}, {}),
        ({"tag": "network"}, {"tags": ("db", "network")}),
        ({"status": "wont_do", "reason": "gone"}, {"status": "wont_do", "reason": "gone"}),
    ],
)
def test_only_what_differs_changes(wanted: dict[str, Any], changes: dict[str, Any]) -> None:
    (row,) = plan.rows([FACTS], wanted, judge)

    assert (row.changes, row.is_refused) == (changes, False)


def test_a_row_that_may_not_be_closed_changes_nothing_and_says_why() -> None:
    (row,) = plan.rows([FACTS], {"status": "wont_do", "owner": "kim"}, judge)

    assert (row.changes, row.code, row.detail) == ({}, "undropped", "say why")


def test_json_gives_back_the_values_that_it_kept() -> None:
    assert plan.from_json(plan.as_json(SAID)) == SAID


def test_values_that_are_odd_are_remarked_on() -> None:
    strangers = {"who": "no account", "kim": "account switched off"}
    said = plan.remarks({"due": date(2026, 1, 1)}, date(2026, 1, 2), strangers)

    assert said == [
        "2026-01-01 lies in the past: open items are overdue at once",
        "nobody can sign in as who: no account",
        "nobody can sign in as kim: account switched off",
    ]
    assert plan.remarks({"due": date(2026, 1, 2)}, date(2026, 1, 2)) == []
