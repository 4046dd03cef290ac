"""What item and issue say of the fields that flow, in one vocabulary, and the text of a new ticket. Pure.

People are compared by the names of our accounts. Who is no account here, or has none there, is told but does
not flow, and so a team that owns an item never takes a person's name off a ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from postmortems.tickets.agreement import ASSIGNEE, DUE, STATE, TITLE, Values
from postmortems.trackers.issue import DONE, DROPPED, OPEN, Issue

LONGEST_TITLE = 200
STATES = {"done": DONE, "wont_do": DROPPED}


@dataclass(frozen=True, slots=True)
class People:
    """Which of theirs is which of our accounts, and who the owners of items are.

    `ours` has the names of our accounts by theirs, by account and by address, in small letters; `owners` the
    account that each owner as written means.
    """

    ours: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)


def title(text: str) -> str:
    """The title of a ticket: the first line of an item's text, cut between two words."""
    line = _first_line(text)
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 3].rsplit(" ", 1)[0] + "..."


def with_title(text: str, new: str) -> str | None:
    """An item's text with another title; None where its own was cut, and words would be lost."""
    if _first_line(text) != title(text):
        return None
    lines = text.strip().split("\n")
    return "\n".join([" ".join(new.split()), *lines[1:]])


def of_item(item: Any, people: People) -> Values:
    """The fields of an item's row."""
    owner = people.owners.get(item.owner, "")
    return {
        TITLE: title(item.text),
        STATE: STATES.get(item.status, OPEN),
        ASSIGNEE: (owner if owner in people.theirs else None) if item.owner else "",
        DUE: item.due.isoformat() if item.due else "",
    }


def of_issue(issue: Issue, people: People, agreed: str = "") -> Values:
    """The fields of an issue; of several people the one that was agreed on counts, else the first."""
    known = [name for who in issue.assignees if (name := ours(who.account, who.address, people))]
    return {
        TITLE: " ".join(issue.title.split()),
        STATE: issue.state,
        ASSIGNEE: (agreed if agreed in known else known[0]) if known else None if issue.assignees else "",
        DUE: (issue.due.isoformat() if issue.due else "") if issue.has_due else None,
    }


def ours(account: str, address: str, people: People) -> str:
    """Which of our accounts one of theirs is; "" where nobody says."""
    return people.ours.get(account.casefold()) or people.ours.get(address.casefold(), "") if account else ""


def day(said: str) -> date | None:
    """A value of `due` as a day."""
    return date.fromisoformat(said) if said else None


def body(item: Any, url: str, mark: str) -> str:
    """The text of a new ticket: the item's own, where it comes from, and the mark that finds it again."""
    rest = "\n".join(item.text.strip().split("\n")[1:]).strip()
    whole = item.text.strip() if _first_line(item.text) != title(item.text) else rest
    done_when = f"Done when: {item.done_when.strip()}" if item.done_when.strip() else ""
    due = f"Due: {item.due.isoformat()}" if item.due else ""
    origin = (
        f"From action item {item.ref} of a postmortem: {url}/action-items/{item.ref}. Title, state, assignee "
        "and due date are kept in step; closing this ticket does not prove that the item is done."
    )
    return "\n\n".join(part for part in (whole, done_when, due, origin, f"Mark: {mark}") if part)


def _first_line(text: str) -> str:
    return " ".join(text.strip().partition("\n")[0].split())
