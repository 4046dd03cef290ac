"""Merges one action item into another, and takes that back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item
from postmortems.errors import Conflict, Invalid, NotFound
from postmortems.followup import queries, rules
from postmortems.followup.item import merges
from postmortems.followup.item.models import ItemMerge
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import ActionItem, Incident

# By ref, what is made of an item.
Changes = Mapping[str, Callable[[Item], Item]]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items with their incidents, by slug, held for this unit of work."""

    item: ActionItem
    into: ActionItem
    incidents: Mapping[str, Incident]
    documents: Mapping[str, Document]

    def block(self, item: ActionItem) -> Item:
        """What the document says of one of them."""
        document = self.documents[item.incident.slug]
        return next(block for block in document.items if block.id == item.ref)


def merge(ref: str, into: str, *, actor: Actor) -> ActionItem:
    """Let one item that is not closed stand for another, which will not be done by itself any more.

    That one keeps what it says, its guards and comments, and a link; the other gets its guards and tickets
    that it lacks. Raises `NotFound`, `Conflict` where one of the two is closed, and `Invalid` at `/into`.
    """
    permissions.require_anywhere(actor, "item.edit")
    item = queries.by_ref(ref, actor)
    team_rights.require_item(actor, item)
    target = _target(item, into, actor)
    team_rights.require_item(actor, target)
    pair = _held(item, target)
    for each in (pair.item, pair.into):
        if not _is_unclosed(each):
            raise Conflict(f"{each.ref} is {_words(each)}: only what is still to be done is merged")
    carried = merges.carried(pair.block(item), pair.block(pair.into))
    row = ItemMerge(
        item_id=item.id, into_id=pair.into.id, carried=carried, status=item.status, reason=item.reason,
        opened_at=item.opened_at, reopened_at=item.reopened_at, by=actor.name, at=clock.now(),
    )  # fmt: skip
    changes: Changes = {
        item.ref: lambda block: replace(block, status="wont_do", reason=_reason(pair.into)),
        pair.into.ref: lambda block: merges.with_carried(block, carried),
    }
    _save(pair, changes, f"{item.ref} merged into {pair.into.ref}", actor)
    session().refresh(item)
    row.at = item.closed_at or row.at
    session().merge(row)
    _record(("merged", "took_over"), pair, actor)
    return item


def undo(ref: str, *, actor: Actor) -> ActionItem:
    """Take a merge back: the item is what it was, and the other one loses what it got by it.

    What somebody changed since stays. Raises `NotFound`, and `Conflict` where it is not merged, or where the
    other one is closed: its guards are what it was closed by.
    """
    permissions.require_anywhere(actor, "item.edit")
    item = queries.by_ref(ref, actor)
    team_rights.require_item(actor, item)
    if (into := merges.into(item)) is None:
        raise Conflict(f"{item.ref} is not merged into another item")
    team_rights.require_item(actor, into)
    pair = _held(item, into)
    row = session().get(ItemMerge, item.id)
    if row is None or row.at != item.closed_at:
        raise Conflict(f"{item.ref} is not merged into another item any more")
    if not _is_unclosed(pair.into) and row.carried["guards"]:
        raise Conflict(
            f"{pair.into.ref} is {_words(pair.into)}, with the guards of {item.ref}: open it first"
        )
    status, carried, said, was = row.status, row.carried, _reason(pair.into), row.reason
    changes: Changes = {
        item.ref: lambda block: replace(
            block, status=status, reason=was if block.reason == said else block.reason
        ),
        pair.into.ref: lambda block: merges.without_carried(block, carried),
    }
    life = {"opened_at": row.opened_at, "reopened_at": row.reopened_at}
    _save(pair, changes, f"{item.ref} no longer merged into {pair.into.ref}", actor)
    # It was never done or dropped: this is no second life.
    db.change(item, **life)
    session().delete(row)
    _record(("unmerged", "gave_back"), pair, actor)
    return item


def _target(item: ActionItem, into: str, actor: Actor) -> ActionItem:
    try:
        target = queries.by_ref(into.strip(), actor)
    except NotFound as missing:
        raise Invalid(missing.detail, "/into") from None
    if target.id == item.id:
        raise Invalid("an item is not merged into itself", "/into")
    if target.incident_id != item.incident_id and (item.incident.restricted or target.incident.restricted):
        # Its guards, tickets and name would be told to people who may not know of them.
        raise Invalid("an item of a restricted incident is merged with items of that incident alone", "/into")
    return target


def _held(item: ActionItem, into: ActionItem) -> Pair:
    # In one order, so that two merges never wait for each other.
    slugs = sorted({item.incident.slug, into.incident.slug})
    held = {slug: incidents.for_saving(slug) for slug in slugs}
    for each in (item, into):
        session().refresh(each)
    return Pair(item, into, held, {slug: rows.to_document(incident) for slug, incident in held.items()})


def _save(pair: Pair, changes: Changes, message: str, actor: Actor) -> None:
    for slug, document in pair.documents.items():
        after = document.with_items(lambda block: changes[block.id](block) if block.id in changes else block)
        try:
            about = [item.id for item in document.items if item.id in changes]
            save_incident.save(slug, after, version=None, actor=actor, message=message, items=about)
        except Invalid as refused:
            raise Conflict(f"it cannot be saved: {refused.detail}") from refused


def _record(verbs: tuple[str, str], pair: Pair, actor: Actor) -> None:
    item, into = pair.item, pair.into
    session().flush()
    said = {"incident": item.incident.slug, "into": into.ref, "why": f"into {into.ref}"}
    audit.record(actor, f"item.{verbs[0]}", "item", item.ref, **said)
    told = {"incident": into.incident.slug, "from": item.ref, "why": f"from {item.ref}"}
    audit.record(actor, f"item.{verbs[1]}", "item", into.ref, **told)


def _is_unclosed(item: ActionItem) -> bool:
    return item.status in rules.UNCLOSED


def _words(item: ActionItem) -> str:
    return item.status.replace("_", " ")


def _reason(into: ActionItem) -> str:
    return f"Merged into {into.ref}"
