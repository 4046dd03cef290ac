"""What items and issues say of the fields that flow, and the text of a new ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from postmortems.tickets import values
from postmortems.tickets.values import People
from postmortems.trackers.issue import Issue, Person

PEOPLE = People(
    ours={"ada-gh": "ada", "ben@example.org": "ben"},
    theirs={"ada": "ada-gh"},
    owners={"@Ada": "ada", "Ben B.": "ben"},
)
LONG = "word " * 60


@dataclass
class Item:
    """As much of an item's row as is looked at."""

    text: str = "Alert early"
    status: str = "open"
    owner: str = ""
    due: date | None = None
    done_when: str = ""
    ref: str = "AI-7"


@pytest.mark.parametrize(
    "text, title",
    [
        ("Alert early", "Alert early"),
        ("  Alert   early \n\nand often", "Alert early"),
        ("`alert` *early*", "`alert` *early*"),
        (LONG, ("word " * 39).strip() + "..."),
        ("x" * 300, "x" * 197 + "..."),
        ("", ""),
    ],
)
def test_a_title_is_the_first_line(text: str, title: str) -> None:
    assert values.title(text) == title
    assert len(title) <= values.LONGEST_TITLE


@pytest.mark.parametrize(
    "text, new, becomes",
    [
        ("Alert early", "Alert late", "Alert late"),
        ("Alert early\n\n- and\n- often", "Alert late", "Alert late\n\n- and\n- often"),
        ("Alert early", "Alert\nlate", "Alert late"),
        (LONG, "Alert late", None),
    ],
)
def test_another_title_loses_no_word_of_the_rest(text: str, new: str, becomes: str | None) -> None:
    assert values.with_title(text, new) == becomes


@pytest.mark.parametrize(
    "owner, assignee",
    [("", ""), ("@Ada", "ada"), ("Ben B.", None), ("platform team", None), ("ada, ben", None)],
)
def test_an_owner_is_told_where_the_tracker_knows_them(owner: str, assignee: str | None) -> None:
    assert values.of_item(Item(owner=owner), PEOPLE)["assignee"] == assignee


@pytest.mark.parametrize(
    "people, agreed, assignee",
    [
        ((), "", ""),
        ((Person("ADA-gh"),), "", "ada"),
        ((Person("u-1", "Ben@Example.org"),), "", "ben"),
        ((Person("stranger"),), "", None),
        ((Person("stranger"), Person("ada-gh")), "", "ada"),
        ((Person("ada-gh"), Person("u-1", "ben@example.org")), "", "ada"),
        ((Person("ada-gh"), Person("u-1", "ben@example.org")), "ben", "ben"),
        ((Person("ada-gh"),), "ben", "ada"),
    ],
)
def test_of_those_assigned_the_one_agreed_on_counts(
    people: tuple[Person, ...], agreed: str, assignee: str | None
) -> None:
    issue = Issue("1", "#1", "", "Alert", "open", people)

    assert values.of_issue(issue, PEOPLE, agreed)["assignee"] == assignee


@pytest.mark.parametrize(
    "status, state",
    [
        ("proposed", "open"),
        ("open", "open"),
        ("in_progress", "open"),
        ("done", "done"),
        ("wont_do", "dropped"),
    ],
)
def test_a_status_is_one_of_three_states(status: str, state: str) -> None:
    assert values.of_item(Item(status=status), PEOPLE)["state"] == state


def test_a_tracker_without_due_dates_says_nothing_of_them() -> None:
    assert values.of_issue(Issue("1", "#1", "", "Alert", "open", has_due=False), PEOPLE)["due"] is None
    assert values.of_issue(Issue("1", "#1", "", "Alert", "open"), PEOPLE)["due"] == ""


def test_a_new_ticket_says_what_it_is_and_where_it_comes_from() -> None:
    item = Item("Alert early\n\n- and often", due=date(2026, 4, 1), done_when="it pages")

    body = values.body(item, "https://pm.example.org", "a-mark")

    assert body.startswith("- and often\n\nDone when: it pages\n\nDue: 2026-04-01\n\n")
    assert "https://pm.example.org/action-items/AI-7" in body
    assert body.endswith("Mark: a-mark")


def test_a_title_that_was_cut_stands_whole_in_the_text() -> None:
    assert values.body(Item(LONG), "https://pm.example.org", "a-mark").startswith(LONG.strip())
