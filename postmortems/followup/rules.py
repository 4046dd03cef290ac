"""Rules of follow-up: when an item is open, overdue, old or unproven. Each docstring is the definition."""

from __future__ import annotations

from datetime import UTC, date, datetime
from statistics import median

# Somebody has committed to it and it is not done: what "open" means in every figure.
OPEN = ("open", "in_progress")
# Not closed: with what was only proposed.
UNCLOSED = ("proposed", *OPEN)
CLOSED = ("done", "wont_do")
# Where nobody chose which proof an item asks for, closing asks for the choice. Without one only the proof
# of a drill is enough, so what an import claims to be done is not proven.
ASKS_PROOF = ("", "enforceable")
PROOF = ("proven", "enforced")

# (label, from this many days, to below this many)
AGES = (
    ("under 30 days", 0, 30),
    ("30 to 89 days", 30, 90),
    ("90 to 364 days", 90, 365),
    ("a year or more", 365, None),
)


def age_label(days: int) -> str:
    """The span of `AGES` that an age of so many days lies in."""
    return next(label for label, low, high in AGES if low <= days and (high is None or days < high))


def is_open(status: str) -> bool:
    """Open: the status is open or in progress. What is only proposed is not yet a commitment."""
    return status in OPEN


def is_overdue(status: str, due: date | None, today: date) -> bool:
    """Overdue: open, and its due date lies before today (UTC)."""
    return is_open(status) and due is not None and due < today


def is_unowned(status: str, owner: str) -> bool:
    """Unowned: open, and no owner is named; a team alone is not an owner."""
    return is_open(status) and not owner


def is_unproven(status: str, guardability: str, protection: str) -> bool:
    """Done, not proven: done, enforceable or nobody chose, and no drill shows that a guard stops it."""
    return status == "done" and guardability in ASKS_PROOF and protection not in PROOF


def is_reopened(status: str, reopened_at: datetime | None) -> bool:
    """Re-opened: open, and it was closed before."""
    return is_open(status) and reopened_at is not None


# How an item was done that has a due date, as `how_done` says it.
DONE = ("in_time", "late")


def how_done(due: date | None, closed_at: datetime) -> str:
    """In time where it was done on its due date (UTC) or before, late after it."""
    if due is None:
        return "undated"
    return "in_time" if closed_at.astimezone(UTC).date() <= due else "late"


def age_days(opened_at: datetime, now: datetime, closed_at: datetime | None = None) -> int:
    """Age: days from the day (UTC) on which the item's present life began to today, or to its closing.

    It begins with the incident for what was imported, with the save for what was added later, and anew with
    each re-opening.
    """
    end = (closed_at or now).astimezone(UTC).date()
    return max(0, (end - opened_at.astimezone(UTC).date()).days)


def median_days(ages: list[int]) -> float | None:
    """The middle age, or the mean of the two middle ones; None of none."""
    return float(median(ages)) if ages else None
