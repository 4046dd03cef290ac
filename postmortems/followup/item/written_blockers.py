"""Blockers of items as documents write them, `Blocked by: AI-3`: put into exports, taken up by saves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace

from sqlalchemy import ColumnElement, bindparam, literal, select, union_all

from postmortems import visibility
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import session
from postmortems.document.model import Document, Item
from postmortems.errors import Conflict, Invalid
from postmortems.followup.item import blockers
from postmortems.followup.item.models import AwaitedBlocker, ItemBlocker
from postmortems.incidents.items.item_numbers import number_of
from postmortems.incidents.models import ActionItem, Incident

ITEMS = ActionItem.__table__
BLOCKERS = ITEMS.alias("blockers")


def _waiting(of: ColumnElement[int]) -> PreparedQuery:
    """By the column that names an item: the number of each that it waits for, and whether that is there."""
    named = of.in_(bindparam("items", expanding=True))
    linked = select(of.label("item"), BLOCKERS.c.number, literal(True).label("is_there"))
    linked = linked.join_from(ItemBlocker, ITEMS, ITEMS.c.id == ItemBlocker.item_id)
    linked = linked.join(BLOCKERS, BLOCKERS.c.id == ItemBlocker.blocker_id).where(named)
    is_there = select(BLOCKERS.c.id).where(BLOCKERS.c.number == AwaitedBlocker.number).exists()
    awaited = select(of.label("item"), AwaitedBlocker.number, literal(False).label("is_there"))
    awaited = awaited.join_from(AwaitedBlocker, ITEMS, ITEMS.c.id == AwaitedBlocker.item_id)
    return PreparedQuery(union_all(linked, awaited.where(named, ~is_there)))


# Put together once, for every answer that holds a document.
BY_KEY, BY_NUMBER = _waiting(ITEMS.c.id), _waiting(ITEMS.c.number)


def refs(items: Collection[int]) -> dict[int, tuple[str, ...]]:
    """By an item's key, what it waits for as far as the viewer may know. At most two statements."""
    return _refs(BY_KEY, items)


def _refs(wanted: PreparedQuery, items: Collection[int]) -> dict[int, tuple[str, ...]]:
    rows = wanted.rows({"items": items})
    if not rows:
        return {}
    known = select(ActionItem.number).where(
        ActionItem.number.in_({row.number for row in rows if row.is_there})
    )
    seen = set(session().scalars(known))
    waiting = {(row.item, row.number) for row in rows if row.number in seen or not row.is_there}
    found: defaultdict[int, list[str]] = defaultdict(list)
    for item, number in sorted(waiting):
        found[item].append(f"AI-{number}")
    return {item: tuple(names) for item, names in found.items()}


def noted(document: Document) -> Document:
    """A stored document with what each of its items waits for."""
    numbers = [number for item in document.items if (number := number_of(item.id)) is not None]
    if not numbers:
        return document
    session().flush()
    told = {f"AI-{number}": names for number, names in _refs(BY_NUMBER, numbers).items()}
    if not told:
        return document
    return document.with_items(
        lambda item: replace(item, blocked_by=told[item.id]) if item.id in told else item
    )


def take_up(document: Document, incident: Incident, *, actor: Actor, is_import: bool) -> None:
    """Have the incident's items wait for what a document says that was just saved; nothing is taken away.

    An item that is not there yet is waited for as soon as another file brings it, where `is_import`. Raises
    `Invalid` at places such as `/sections/0/blocks/1/blocked_by/0`.
    """
    if is_import and any(item.id for item in document.items):
        _arrive(incident, actor)
    if not any(item.blocked_by for item in document.items):
        return
    # Who saved them was asked whether they may with this incident.
    permissions.require_anywhere(actor, "item.edit")
    blockers.take_turns()
    own = {item.ref: item for item in _items(incident)}
    free = defaultdict[str, list[ActionItem]](list)
    for item in own.values():
        free[" ".join(item.text.split())].append(item)
    for pointer, said, ref, place in _written(document):
        found = own.get(said.id) or next(iter(free[" ".join(said.text.split())]), None)
        if found is not None:
            _link(found, ref, f"{pointer}/blocked_by/{place}", actor, is_import=is_import)


def _written(document: Document) -> Iterator[tuple[str, Item, str, int]]:
    for pointer, item in document.placed_items():
        for ref in dict.fromkeys(item.blocked_by):
            yield pointer, item, ref, item.blocked_by.index(ref)


def _items(incident: Incident) -> list[ActionItem]:
    own = select(ActionItem).where(ActionItem.incident_id == incident.id).order_by(ActionItem.number)
    return list(session().scalars(own))


def _link(item: ActionItem, ref: str, pointer: str, actor: Actor, *, is_import: bool) -> None:
    number = number_of(ref) or 0
    other = session().scalars(select(ActionItem).where(ActionItem.number == number)).one_or_none()
    if other is None:
        # What a file said once may be said again: it is told to whoever reads the document.
        if session().get(AwaitedBlocker, (item.id, number)) is not None:
            return
        if not is_import:
            raise Invalid(f"there is no action item {ref}", pointer)
        session().add(AwaitedBlocker(item_id=item.id, number=number))
        return
    try:
        blockers.link(item, other, actor)
    except (Conflict, Invalid) as refused:
        raise Invalid(str(refused), pointer) from None


def _arrive(incident: Incident, actor: Actor) -> None:
    """Have items that waited for one of these to be imported wait for it."""
    by_number = {item.number: item for item in _items(incident)}
    # Those that wait may be of an incident that is hidden from who imports this one.
    with visibility.seen_by(visibility.EVERYTHING):
        waiting = session().scalars(select(AwaitedBlocker).where(AwaitedBlocker.number.in_(by_number))).all()
        if not waiting:
            return
        blockers.take_turns()
        for row in waiting:
            item, blocker = session().get_one(ActionItem, row.item_id), by_number[row.number]
            session().delete(row)
            if not blockers.is_circle(item, blocker):
                blockers.link(item, blocker, actor)
