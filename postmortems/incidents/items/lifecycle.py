"""The life of an action item: its row, its block in the document, opened and closed."""

from __future__ import annotations

from datetime import UTC, datetime, time

from postmortems import search_words
from postmortems.db.session import change
from postmortems.document import model
from postmortems.incidents import guard_remarks
from postmortems.incidents.items import kinds
from postmortems.incidents.items.item_numbers import number_of
from postmortems.incidents.models import ActionItem, Incident, ItemGuard

CLOSED = frozenset({"done", "wont_do"})


def number_given(block: model.Item) -> int:
    """The number in the block's id. Operations give one before rows are made: lacking it is our mistake."""
    number = number_of(block.id)
    if number is None:
        raise ValueError(f"{block.id!r} is no item's id")
    return number


def to_item(item: ActionItem) -> model.Item:
    """The Item that a row says."""
    return model.Item(
        text=item.text,
        id=item.ref,
        kind=item.kind if item.kind_stated else "",
        owner=item.owner,
        team=item.team,
        due=item.due,
        priority=item.priority,
        status=item.status if item.status_stated else "",
        reason=item.reason,
        done_when=item.done_when,
        guardability=item.guardability,
        outcome=item.outcome,
        tickets=tuple(item.tickets),
        guards=tuple(guard.written for guard in sorted(item.guards, key=lambda guard: guard.position)),
    )


def said(block: model.Item) -> list[str]:
    """What people may look for in an item, part by part."""
    named = (block.id, block.text, block.owner, block.team, *block.tickets)
    return [*named, block.reason, block.done_when, block.outcome]


def begun(incident: Incident, block: model.Item, now: datetime, by: str, *, is_import: bool) -> ActionItem:
    """A new item. When an imported one was closed nobody knows, so nothing is made up."""
    day = datetime.combine(incident.occurred_on, time(), UTC)
    # Guards are stated to be none, or each item would ask for them again once it is stored.
    status = block.status or "open"
    item = ActionItem(number=number_given(block), incident=incident, status=status, guards=[])
    item.opened_at = min(day, now) if is_import else now
    # Stated for each, open or closed: rows that say the same fields go in by one statement.
    is_closed = item.status in CLOSED and not is_import
    item.closed_at, item.closed_by = (now, by) if is_closed else (None, "")
    return item


def apply(item: ActionItem, block: model.Item, heading: str, now: datetime, by: str) -> None:
    """Make the row say what the block says; `heading` is its section's. Its category is set already."""
    owner_key = search_words.person(block.owner)
    change(item, text=block.text, owner=block.owner, owner_key=owner_key, team=block.team, due=block.due)
    kind = block.kind or kinds.kind_of(item.category, heading)
    change(item, kind=kind, kind_stated=bool(block.kind), priority=block.priority)
    # Items of one category are found by it.
    found_by = "\n".join(filter(None, map(search_words.fold, [*said(block), item.category])))
    change(item, search_text=found_by, status_stated=bool(block.status), tickets=list(block.tickets))
    _live(item, block.status or "open", now, by)
    change(item, reason=block.reason, done_when=block.done_when, outcome=block.outcome)
    change(item, guardability=block.guardability)
    wanted = {guard_remarks.slug(written): (place, written) for place, written in enumerate(block.guards)}
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
