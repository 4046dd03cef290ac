"""Rules of publishing: the state a report is in, when it is due, and how many approvals it needs. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from postmortems.document.markdown import parser
from postmortems.document.model import SEVERITIES, Document
from postmortems.errors import Problem
from postmortems.incidents.templates.template import is_same

STATES = ("draft", "in_review", "published", "reopened", "skipped")
# What a list of incidents can be narrowed to besides: nothing is written yet, and it is late.
LISTS = ("unwritten", "overdue")


@dataclass(frozen=True, slots=True)
class Rule:
    """What incidents of a severity ask for; a report without `due_days` is never due."""

    severity: str
    approvals: int
    due_days: int | None
    required_fields: tuple[str, ...] = ()
    required_sections: tuple[str, ...] = ()


# What holds where nobody said otherwise: no approvals, and the worse it was the sooner it is written.
DEFAULTS = {
    severity: Rule(severity, 0, days)
    for severity, days in zip((*SEVERITIES, ""), (5, 10, 20, 30, 30), strict=True)
}
# What can be asked for besides sections; `owners` and `due_dates` are of each item that is not closed.
FIELDS = ("title", "date", "severity", "timezone", "services", "tags", "owners", "due_dates")
OF_ITEMS = {"owners": ("owner", "an owner"), "due_dates": ("due", "a due date")}
CLOSED = ("done", "wont_do")
MOST_REQUIRED, LONGEST_HEADING = 30, 100
MOST_APPROVALS, LONGEST_DUE_DAYS = 10, 3650


@dataclass(frozen=True, slots=True)
class Given:
    """An approval, and how it stands to the report as it is now."""

    name: str
    version: int
    at: object
    is_current: bool
    # How many versions were saved since, where the text is another one now.
    changes_since: int


def state(status: str, *, was_published: bool, is_in_review: bool, is_skipped: bool) -> str:
    """The one state that a report is shown in, of `STATES`."""
    if status == "published":
        return "published"
    if is_skipped:
        return "skipped"
    if is_in_review:
        return "in_review"
    return "reopened" if was_published else "draft"


def due_on(occurred_on: date, rule: Rule) -> date | None:
    """The day by which the report is to be published; None where it never is due."""
    if rule.due_days is None or rule.due_days > (date.max - occurred_on).days:
        return None
    return occurred_on + timedelta(days=rule.due_days)


def is_overdue(state_now: str, due: date | None, today: date) -> bool:
    """Whether a report that nobody has skipped or published is late."""
    return due is not None and due < today and state_now not in {"published", "skipped"}


def digest(document: Document) -> str:
    """The text that an approval is of, as SHA-256.

    Publishing it and whom it is shown to is no part of that text, and which incident it repeats not everybody
    may know.
    """
    text = parser.write(replace(document, status="", restricted=(), recurrence_of=""))
    return hashlib.sha256(text.encode()).hexdigest()


def lacking(rule: Rule, document: Document) -> list[Problem]:
    """What the report lacks of what its severity asks for, each with the place of its field."""
    found = []
    for name in rule.required_fields:
        if name in OF_ITEMS:
            member, words = OF_ITEMS[name]
            found += [
                Problem(f"{pointer}/{member}", f"before this is published, each item needs {words}")
                for pointer, item in document.placed_items()
                if item.status not in CLOSED and not getattr(item, member)
            ]
        elif not getattr(document, name):
            found.append(Problem(f"/{name}", f"before this is published, say its {name}"))
    return found + [wrong for heading in rule.required_sections if (wrong := _unwritten(heading, document))]


def _unwritten(wanted: str, document: Document) -> Problem | None:
    same = [n for n, section in enumerate(document.sections) if is_same(section.heading, wanted)]
    if any(document.sections[n].blocks for n in same):
        return None
    if same:
        told = f"before this is published, write something under {document.sections[same[0]].heading}"
        return Problem(f"/sections/{same[0]}/heading", told)
    return Problem("/sections", f"before this is published, add the section {wanted} and write it")


def missing(needed: int, digests: Iterable[str], text: str) -> Problem | None:
    """What speaks against publishing a text of that digest, with approvals of these ones."""
    found = sum(1 for each in digests if each == text)
    if found >= needed:
        return None
    return Problem(
        "/status",
        f"before this is published, its text needs {needed} approval{'' if needed == 1 else 's'}, and it has "
        f"{found}: save it as a draft, ask for a review on its page, and publish what was approved",
    )
