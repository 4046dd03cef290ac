"""Restates the protection of items, and notices a fall: `reopen` opens what was done.

Operations on guards, drills, decisions, deploys and incidents touch items; the unit of work ends with this.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from postmortems import clock, visibility
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.models import ItemProtection
from postmortems.gate.protection import inputs, reopen
from postmortems.gate.protection import rules as protection_rules
from postmortems.gate.protection.rules import Protection
from postmortems.incidents.models import ActionItem, Incident, ItemGuard

# How many items are restated with one round of queries: SQLite takes some 30,000 parameters a statement.
BATCH = 500


def derive(item_ids: Collection[int], now: datetime | None = None) -> dict[int, Protection]:
    """Each item's protection as the facts are now, whatever is stored; a fixed number of queries."""
    with visibility.seen_by(visibility.EVERYTHING):
        gathered = inputs.gather(item_ids, now or clock.now())
    return {item_id: protection_rules.protection(facts) for item_id, facts in gathered.items()}


def touch(
    *,
    actor: Actor,
    items: Collection[int] = (),
    incidents: Collection[str] = (),
    guards: Collection[str] = (),
) -> None:
    """Have items restated once, before this unit of work ends: those with these ids, of the incidents with
    these slugs, and those that name these guards. `actor` is whose act makes it necessary.
    """
    touched = db.at_end(restate)
    for sort, keys in (("items", items), ("incidents", incidents), ("guards", guards)):
        if keys:
            touched.setdefault((sort, actor), set()).update(keys)


def restate(touched: Mapping[tuple[str, Actor], set[Any]]) -> None:
    """Store the protection of touched items as it is now. A done item whose fix slid back is opened again.

    What the gate concludes from somebody's act, it does in its own name.
    """
    now = clock.now()
    with visibility.seen_by(visibility.EVERYTHING):
        actors: dict[int, Actor] = {}
        for (sort, actor), keys in touched.items():
            actors = dict.fromkeys(keys if sort == "items" else _items_of(sort, keys), actor) | actors
        wanted = sorted(actors)
        _hold_incidents(wanted)
        for start in range(0, len(wanted), BATCH):
            _restate_batch(wanted[start : start + BATCH], actors, now)


def _items_of(sort: str, slugs: Collection[str]) -> Sequence[int]:
    slug = Incident.slug if sort == "incidents" else ItemGuard.slug
    items = select(ActionItem.id).join(ActionItem.incident).outerjoin(ActionItem.guards)
    return session().scalars(items.where(slug.in_(slugs))).all()


def _hold_incidents(item_ids: Sequence[int]) -> None:
    # Two that restate the same items at once would both notice the slide; in one order, they cannot deadlock.
    for start in range(0, len(item_ids), BATCH):
        batch = item_ids[start : start + BATCH]
        named = select(ActionItem.incident_id).where(ActionItem.id.in_(batch))
        session().execute(
            select(Incident.id).where(Incident.id.in_(named)).order_by(Incident.id).with_for_update()
        )


def _restate_batch(item_ids: Sequence[int], actors: Mapping[int, Actor], now: datetime) -> None:
    query = select(ItemProtection).where(ItemProtection.item_id.in_(item_ids))
    fresh = session().scalars(query.execution_options(populate_existing=True))
    stored = {row.item_id: row for row in fresh}
    slid = {}
    for item_id, current in derive(item_ids, now).items():
        row = stored.get(item_id)
        if row is None:
            row = ItemProtection(item_id=item_id, protection="", since=now)
            session().add(row)
        if current.protection == "regressed" and row.protection != "regressed":
            slid[item_id] = (row.protection, current.why)
        if row.protection != current.protection:
            row.protection, row.since = current.protection, now
        row.was_proven, row.why = current.was_proven, current.why
    session().flush()
    reopen.regressed(slid, actors)
