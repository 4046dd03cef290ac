"""Queries of bulk edits: the items that one is about, and what became of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, func, select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import existing, session
from postmortems.errors import Invalid
from postmortems.followup import conditions
from postmortems.followup.bulk.models import BulkEdit, BulkLine
from postmortems.followup.bulk.plan import ItemFacts
from postmortems.followup.filters import Filters
from postmortems.incidents.models import ActionItem, Incident, ItemGuard

# One edit is about so many items at most.
MOST_ITEMS = 10_000
# Keys of one statement: SQLite has some 30,000 parameters for one.
KEYS_AT_ONCE = 1_000
LIFE = ("opened_at", "closed_at", "closed_by", "closed_unproven", "reopened_at", "reopened_because")
PLAIN = ("owner", "team", "due", "priority", "reason", "outcome", "evidence")


class Shown(NamedTuple):
    """A line with what a page shows of its item."""

    line: BulkLine
    text: str
    slug: str

    @property
    def ref(self) -> str:
        return f"AI-{self.line.number}"


def of_filters(filters: Filters) -> list[ItemFacts]:
    """The items that the filters let through, by number. Raises `Invalid` at `/filter` for too many."""
    keys = select(ActionItem.id).where(*conditions.conditions(filters, clock.now().date()))
    keys = keys.order_by(ActionItem.number).limit(MOST_ITEMS + 1)
    ids = list(session().scalars(keys))
    if len(ids) > MOST_ITEMS:
        raise Invalid(
            f"lets through more than {MOST_ITEMS:,} items, and one edit takes so many at most: narrow it",
            "/filter",
        )
    return of_keys(ids)


def of_numbers(numbers: Sequence[int]) -> list[ItemFacts]:
    """The items of these numbers, by number, as far as the viewer may know of them."""
    ids: list[int] = []
    for start in range(0, len(numbers), KEYS_AT_ONCE):
        some = numbers[start : start + KEYS_AT_ONCE]
        ids += session().scalars(select(ActionItem.id).where(ActionItem.number.in_(some)))
    return of_keys(ids)


def of_keys(ids: Sequence[int]) -> list[ItemFacts]:
    """The items of these keys, by number. Two statements for a thousand."""
    found: list[ItemFacts] = []
    for start in range(0, len(ids), KEYS_AT_ONCE):
        some = ids[start : start + KEYS_AT_ONCE]
        guards: defaultdict[int, list[str]] = defaultdict(list)
        named = select(ItemGuard.item_id, ItemGuard.written).where(ItemGuard.item_id.in_(some))
        for item_id, written in session().execute(named.order_by(ItemGuard.item_id, ItemGuard.position)):
            guards[item_id].append(written)
        rows = session().execute(_facts().where(ActionItem.id.in_(some)))
        found += [_read(row, tuple(guards[row.id])) for row in rows]
    return sorted(found, key=lambda facts: facts.number)


def _facts() -> Select[Any]:
    item = ActionItem
    columns = (item.id, item.number, item.incident_id, item.text, item.kind, item.guardability, item.status)
    found = select(
        *columns,
        item.status_stated,
        *(getattr(item, name) for name in (*PLAIN, *LIFE)),
        Incident.slug,
        Incident.tags,
        conditions.protection().label("protection"),
    )
    return found.join(Incident, Incident.id == item.incident_id)


def _read(row: Row[Any], guards: tuple[str, ...]) -> ItemFacts:
    said = {name: getattr(row, name) for name in PLAIN}
    said |= {"status": row.status if row.status_stated else "", "guards": guards}
    said["tags"] = tuple(row.tags)
    return ItemFacts(
        *(row.id, row.number, row.incident_id, row.slug, row.text, row.kind, row.guardability),
        *(row.protection, row.status, said),
        life={name: getattr(row, name) for name in LIFE},
    )


def by_id(number: int, actor: Actor) -> BulkEdit:
    """One of one's own, or any for an admin. Raises `NotFound`."""
    permissions.require_anywhere(actor, "item.edit")
    wanted = select(BulkEdit).where(BulkEdit.id == number)
    if actor.role != "admin":
        wanted = wanted.where(BulkEdit.by == actor.name)
    return existing(wanted, f"there is no bulk edit {number}")


def counts(number: int) -> dict[str, int]:
    """By state, how many lines there are, as far as the viewer may know of their items."""
    counted = select(BulkLine.state, func.count()).join(ActionItem, ActionItem.id == BulkLine.item_id)
    rows = session().execute(counted.where(BulkLine.bulk_id == number).group_by(BulkLine.state))
    return {row[0]: row[1] for row in rows}


def lines(number: int, after: int, limit: int, state: str = "") -> list[Shown]:
    """Lines behind the item's number `after`, in their order: all, or those in one state."""
    wanted = select(BulkLine, ActionItem.text, Incident.slug)
    wanted = wanted.join(ActionItem, ActionItem.id == BulkLine.item_id)
    wanted = wanted.join(Incident, Incident.id == ActionItem.incident_id)
    wanted = wanted.where(BulkLine.bulk_id == number, BulkLine.number > after)
    if state:
        wanted = wanted.where(BulkLine.state == state)
    rows = session().execute(wanted.order_by(BulkLine.number).limit(limit))
    return [Shown(*row) for row in rows.all()]
