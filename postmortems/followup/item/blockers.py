"""Blockers of action items: set, lifted, and shown from both sides as far as the viewer may know of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotFound
from postmortems.followup import queries, rules
from postmortems.followup.item import waits
from postmortems.followup.item.models import ItemBlocker
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import ActionItem
from postmortems.incidents.validation import MOST_BLOCKERS

# Of two who link at once the second sees what the first did: else they could close a circle together.
TURN = 0x17E3_B10C
ITEMS = ActionItem.__table__
Key = InstrumentedAttribute[int]


@dataclass(frozen=True, slots=True)
class Linked:
    """An item at the other end of a link; None where the viewer may not know of it."""

    item: ActionItem | None
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Blockers:
    """What an item waits for, and what waits for it, each by number; what the viewer may not see is last."""

    blocked_by: tuple[Linked, ...]
    blocks: tuple[Linked, ...]

    @property
    def is_blocked(self) -> bool:
        """Blocked: it waits for an item that is not closed."""
        return any(not each.is_closed for each in self.blocked_by)


def of(item: ActionItem) -> Blockers:
    """The item's links; four statements."""
    by, blocks = ItemBlocker.blocker_id, ItemBlocker.item_id
    return Blockers(_linked(by, blocks, item.id), _linked(blocks, by, item.id))


def _linked(other: Key, own: Key, item_id: int) -> tuple[Linked, ...]:
    # By the table: that a link is there is told to all who see one of its ends.
    known = select(ITEMS.c.id, ITEMS.c.status).join(ItemBlocker, other == ITEMS.c.id).where(own == item_id)
    statuses = {row.id: row.status for row in session().execute(known)}
    if not statuses:
        return ()
    seen = select(ActionItem).where(ActionItem.id.in_(statuses)).order_by(ActionItem.number)
    items = session().scalars(seen.options(joinedload(ActionItem.incident))).all()
    hidden = [status for id, status in statuses.items() if id not in {item.id for item in items}]
    ends = [(item, item.status) for item in items] + [(None, status) for status in sorted(hidden)]
    return tuple(Linked(end, status in rules.CLOSED) for end, status in ends)


def add(ref: str, blocker: str, *, actor: Actor) -> ActionItem:
    """Say that an item waits for another one; again says nothing new.

    Raises `NotFound`, `Conflict` where that would be a circle, and `Invalid` where it has too many.
    """
    permissions.require_anywhere(actor, "item.edit")
    item = queries.by_ref(ref, actor)
    team_rights.require_item(actor, item)
    other = queries.by_ref(blocker, actor)
    take_turns()
    link(item, other, actor)
    return item


def link(item: ActionItem, other: ActionItem, actor: Actor) -> None:
    """Have one wait for the other, where it does not yet; in the caller's turn. Raises as `add` does."""
    if session().get(ItemBlocker, (item.id, other.id)) is not None:
        return
    if is_circle(item, other):
        raise Conflict(_circle(item, other))
    if _count(item) >= MOST_BLOCKERS:
        raise Invalid(f"{item.ref} waits for {MOST_BLOCKERS} items, which is all it can wait for", "/blocker")
    session().add(ItemBlocker(item_id=item.id, blocker_id=other.id, by=actor.name, at=clock.now()))
    _record("item.blocked", item, other, actor)


def is_circle(item: ActionItem, other: ActionItem) -> bool:
    """Whether the other waits for the item already, itself or through others."""
    return waits.reaches(other.id, item.id, _following)


def take_turns() -> None:
    """Let nobody else link items until this unit of work ends."""
    db.take_turns(TURN)


def remove(ref: str, blocker: str, *, actor: Actor) -> ActionItem:
    """Say that an item waits for another one no longer. Raises `NotFound`."""
    permissions.require_anywhere(actor, "item.edit")
    item = queries.by_ref(ref, actor)
    team_rights.require_item(actor, item)
    other = queries.by_ref(blocker, actor)
    row = session().get(ItemBlocker, (item.id, other.id))
    if row is None:
        raise NotFound(f"{item.ref} does not wait for {other.ref}")
    session().delete(row)
    _record("item.unblocked", item, other, actor)
    return item


def _following(items: Collection[int]) -> Iterable[int]:
    return session().scalars(select(ItemBlocker.blocker_id).where(ItemBlocker.item_id.in_(items)))


def _count(item: ActionItem) -> int:
    counted = select(func.count()).select_from(ItemBlocker).where(ItemBlocker.item_id == item.id)
    return session().scalar(counted) or 0


def _circle(item: ActionItem, other: ActionItem) -> str:
    if item.id == other.id:
        return "an item does not wait for itself"
    return f"{other.ref} waits for {item.ref} already, itself or through others: neither could ever begin"


def _record(verb: str, item: ActionItem, other: ActionItem, actor: Actor) -> None:
    session().flush()
    is_told = not other.incident.restricted or other.incident_id == item.incident_id
    named = other.ref if is_told else "an item of a restricted incident"
    audit.record(actor, verb, "item", item.ref, incident=item.incident.slug, why=f"by {named}")
