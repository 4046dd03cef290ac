"""Rows that this unit of work has stored first: what is kept about them elsewhere cannot be there yet.

Each step at the end of a unit that keeps something about a row asks once; from then on it may have kept it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from postmortems.db import session as db
from postmortems.db.session import Base


def note(kind: type[Base], keys: Iterable[int]) -> None:
    """Rows with these keys were stored just now."""
    # A key that a savepoint took back may be given again: then nothing is kept about it any more.
    _known(kind).update({key: set() for key in keys})


def are_new(kind: type[Base], keys: Collection[int], step: str) -> bool:
    """Whether all of these are new in this unit of work, and to this step of it. They are no longer."""
    known, is_new = _known(kind), True
    for key in keys:
        # What was there before has been told to every step.
        told = known.get(key, {step})
        is_new &= step not in told
        told.add(step)
    return is_new


def _known(kind: type[Base]) -> dict[int, set[str]]:
    known: dict[int, set[str]] = db.noted().setdefault(("stored first", kind), {})
    return known
