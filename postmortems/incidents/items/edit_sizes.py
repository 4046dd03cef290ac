"""Sizes of edits: how many items one unit of work edits, by what is written for them.

An incident is written whole, with its revision and what search keeps of it, however few of its items change.
On SQLite whoever writes keeps all others from it meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from sqlalchemy import func, select

from postmortems.db.session import session
from postmortems.incidents.models import ActionItem, Entry, Section

# Items and entries of all incidents that one unit of work writes: by few statements for all, or by some for
# each.
TOGETHER, ONE_BY_ONE = 2_000, 500
# A job, which nobody waits for, writes such a part of it at once: a gate waits less, and it costs no more.
BY_JOB = 8
KEYS_AT_ONCE = 1_000


def fitting(ids: Sequence[int], most: int) -> int:
    """How many of these items by their keys are edited at once, from the first on: one incident's at least.

    `most` counts the items and entries of their incidents.
    """
    places, parts = _places(ids), Counter[int]()
    for key, size in _sizes(sorted({*places.values()})):
        parts[key] += size
    # Each incident counts with the first of its items, and the first fits however long it is.
    sizes = [parts.pop(places[id], 0) if id in places else 0 for id in ids]
    sizes[:1] = [min(size, most) for size in sizes[:1]]
    return sum(size <= most for size in accumulate(sizes))


def _sizes(keys: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Of incidents by their keys, how many items each has, and how many entries."""
    items = select(ActionItem.incident_id, func.count()).group_by(ActionItem.incident_id)
    entries = select(Section.incident_id, func.count()).join(Entry, Entry.section_id == Section.id)
    entries = entries.group_by(Section.incident_id)
    for start in range(0, len(keys), KEYS_AT_ONCE):
        some = keys[start : start + KEYS_AT_ONCE]
        found = [*session().execute(items.where(ActionItem.incident_id.in_(some)))]
        found += session().execute(entries.where(Section.incident_id.in_(some)))
        yield from ((row[0], row[1]) for row in found)


def _places(ids: Sequence[int]) -> dict[int, int]:
    """By the keys of items, those of their incidents."""
    found: dict[int, int] = {}
    for start in range(0, len(ids), KEYS_AT_ONCE):
        known = select(ActionItem.id, ActionItem.incident_id)
        known = known.where(ActionItem.id.in_(ids[start : start + KEYS_AT_ONCE]))
        found |= {row[0]: row[1] for row in session().execute(known)}
    return found
