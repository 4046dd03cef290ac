"""Merges of action items: what one takes over from another, and which items were merged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from postmortems.db.session import session
from postmortems.document.model import Item
from postmortems.followup.item.models import ItemMerge
from postmortems.incidents import guard_remarks
from postmortems.incidents.comments.models import Comment
from postmortems.incidents.models import ActionItem


@dataclass(frozen=True, slots=True)
class Merged:
    """An item that was merged into another one, with how many comments it keeps."""

    item: ActionItem
    by: str
    comments: int


def carried(from_item: Item, into: Item) -> dict[str, list[str]]:
    """The guards, as written, and the tickets of one item that the other does not have."""
    known = {guard_remarks.slug(written) for written in into.guards}
    return {
        "guards": [written for written in from_item.guards if guard_remarks.slug(written) not in known],
        "tickets": [ticket for ticket in from_item.tickets if ticket not in into.tickets],
    }


def with_carried(item: Item, more: dict[str, list[str]]) -> Item:
    """The item with what it takes over."""
    return replace(item, guards=(*item.guards, *more["guards"]), tickets=(*item.tickets, *more["tickets"]))


def without_carried(item: Item, more: dict[str, list[str]]) -> Item:
    """The item without what it took over; what somebody took off since is no mistake."""
    slugs = {guard_remarks.slug(written) for written in more["guards"]}
    return replace(
        item,
        guards=tuple(written for written in item.guards if guard_remarks.slug(written) not in slugs),
        tickets=tuple(ticket for ticket in item.tickets if ticket not in more["tickets"]),
    )


def into(item: ActionItem) -> ActionItem | None:
    """The item that this one was merged into; None where it was not, or was opened again since."""
    if item.closed_at is None:
        return None
    found = select(ActionItem).join(ItemMerge, ItemMerge.into_id == ActionItem.id)
    found = found.where(ItemMerge.item_id == item.id, ItemMerge.at == item.closed_at)
    return session().scalars(found).one_or_none()


def of(item: ActionItem) -> list[Merged]:
    """The items that were merged into this one, by number."""
    found = select(ActionItem, ItemMerge.by).join(ItemMerge, ItemMerge.item_id == ActionItem.id)
    found = found.where(ItemMerge.into_id == item.id, ItemMerge.at == ActionItem.closed_at)
    rows = session().execute(found.order_by(ActionItem.number)).all()
    counts = _comments([row[0] for row in rows])
    return [Merged(each, by, counts.get((each.incident_id, each.ref), 0)) for each, by in rows]


def _comments(items: Iterable[ActionItem]) -> dict[tuple[int, str], int]:
    refs = {item.ref: item.incident_id for item in items}
    if not refs:
        return {}
    counted: Any = select(Comment.incident_id, Comment.part, func.count()).select_from(Comment)
    counted = counted.where(
        Comment.incident_id.in_(refs.values()), Comment.part.in_(refs), Comment.deleted_at.is_(None)
    )
    rows = session().execute(counted.group_by(Comment.incident_id, Comment.part))
    return {(incident, part): count for incident, part, count in rows}
