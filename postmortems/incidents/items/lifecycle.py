"""The life of an action item: its row, its block in the document, opened and closed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from postmortems.db.session import change
from postmortems.document import model
from postmortems.incidents import guard_remarks
from postmortems.incidents.items import kinds
from postmortems.incidents.items.item_numbers import number_of
from postmortems.incidents.models import ActionItem, ItemGuard

CLOSED = frozenset({"done", "wont_do"})
# The columns of a new item's row that `begun` gives.
BEGINS_WITH = (
    "category", "text", "kind", "kind_stated", "owner", "owner_key", "team", "due", "priority",
    "status_stated", "reason", "done_when", "guardability", "outcome", "evidence", "tickets",
    "number", "status", "opened_at", "closed_at", "closed_by",
)  # fmt: skip


def number_given(block: model.Item) -> int:
    """The number in the block's id. Operations give one before rows are made: lacking it is our mistake."""
    number = number_of(block.id)
    if number is None:
        raise ValueError(f"{block.id!r} is no item's id")
    return number


def to_item(row: Any, guards: Iterable[Any]) -> model.Item:
    """The Item that a row says, with the rows of its guards."""
    return model.Item(
        text=row.text,
        id=f"AI-{row.number}",
        kind=row.kind if row.kind_stated else "",
        owner=row.owner,
        team=row.team,
        due=row.due,
        priority=row.priority,
        status=row.status if row.status_stated else "",
        reason=row.reason,
        done_when=row.done_when,
        guardability=row.guardability,
        outcome=row.outcome,
        evidence=row.evidence,
        tickets=tuple(row.tickets),
        guards=tuple(guard.written for guard in sorted(guards, key=lambda guard: guard.position)),
    )


def guards_of(block: model.Item) -> dict[str, tuple[int, str]]:
    """By slug, the guards that an item names: where each stands, and as it is written."""
    return {guard_remarks.slug(written): (place, written) for place, written in enumerate(block.guards)}


def values(block: model.Item, category: str, heading: str, owner_key: str) -> dict[str, Any]:
    """What a row says of its block under this category, in the section of this heading; not its status.

    `owner_key` is whom the owner's name means: `teams.owner_keys`.
    """
    return {
        "category": category,
        "text": block.text,
        "kind": block.kind or kinds.kind_of(category, heading),
        "kind_stated": bool(block.kind),
        "owner": block.owner,
        "owner_key": owner_key,
        "team": block.team,
        "due": block.due,
        "priority": block.priority,
        "status_stated": bool(block.status),
        "reason": block.reason,
        "done_when": block.done_when,
        "guardability": block.guardability,
        "outcome": block.outcome,
        "evidence": block.evidence,
        "tickets": list(block.tickets),
    }


def begun(
    block: model.Item,
    category: str,
    heading: str,
    owner_key: str,
    now: datetime,
    by: str,
    *,
    day: date | None,
) -> dict[str, Any]:
    """The values of a new item's row. One that came with a file began on its `day`, if not later.

    When an imported one was closed nobody knows, so nothing is made up.
    """
    status = block.status or "open"
    is_closed = status in CLOSED and day is None
    return values(block, category, heading, owner_key) | {
        "number": number_given(block),
        "status": status,
        "opened_at": now if day is None else min(datetime.combine(day, time(), UTC), now),
        "closed_at": now if is_closed else None,
        "closed_by": by if is_closed else "",
    }


def apply(
    item: ActionItem, block: model.Item, category: str, heading: str, owner_key: str, now: datetime, by: str
) -> None:
    """Make a stored item say what the block says; `by` is who closes what becomes closed."""
    change(item, **values(block, category, heading, owner_key))
    _live(item, block.status or "open", now, by)
    wanted = guards_of(block)
    for gone in [guard for guard in item.guards if guard.slug not in wanted]:
        item.guards.remove(gone)
    known = {guard.slug: guard for guard in item.guards}
    for slug, (place, written) in wanted.items():
        if slug not in known:
            item.guards.append(ItemGuard(slug=slug, position=place, written=written))
        else:
            change(known[slug], position=place, written=written)


def _live(item: ActionItem, status: str, now: datetime, by: str) -> None:
    """Give the item its status, and note when its present life ends or begins anew."""
    if status == item.status:
        return
    if status in CLOSED:
        item.closed_at, item.closed_by, item.closed_unproven = now, by, False
    elif item.status in CLOSED:
        item.opened_at = item.reopened_at = now
        item.reopened_because = ""
        item.closed_at, item.closed_by, item.closed_unproven = None, "", False
    item.status = status
