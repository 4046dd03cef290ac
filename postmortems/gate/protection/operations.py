"""Restates the protection of items, and notices a fall: `reopen` opens what was done.

Operations on guards, drills, decisions, deploys and incidents touch items; the unit of work ends with this.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select, update

from postmortems import clock, visibility
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.prepared import PreparedInsert, PreparedQuery
from postmortems.db.session import session
from postmortems.gate.models import ItemProtection
from postmortems.gate.protection import inputs, reopen
from postmortems.gate.protection import rules as protection_rules
from postmortems.gate.protection.rules import Protection
from postmortems.incidents.models import ActionItem, Incident, ItemGuard
from postmortems.incidents.parts import fresh_rows

# How many items are restated with one round of queries: SQLite takes some 30,000 parameters a statement.
BATCH = 500

# Called with the keys of items whose protection is another by now, but for those that this unit of work
# stored first, of which their incident's save has told: rooms to the right add theirs.
when_turned: list[Callable[[Collection[int]], None]] = []

# Put together once, for every save.
ITEMS: BindParameter[Sequence[int]] = bindparam("items", expanding=True)
HOLD = PreparedQuery(
    select(Incident.id)
    .where(Incident.id.in_(select(ActionItem.incident_id).where(ActionItem.id.in_(ITEMS))))
    .order_by(Incident.id)
    .with_for_update()
)
SAID = ("protection", "since", "was_proven", "why")
STORED = PreparedQuery(
    select(ItemProtection.item_id, *(getattr(ItemProtection, name) for name in SAID)).where(
        ItemProtection.item_id.in_(ITEMS)
    )
)
NEW = PreparedInsert(ItemProtection, "item_id", *SAID)
CHANGE = PreparedQuery(
    update(ItemProtection)
    .where(ItemProtection.item_id == bindparam("key"))
    .values({name: bindparam(f"now_{name}") for name in SAID})
)


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
    session().flush()
    with visibility.seen_by(visibility.EVERYTHING):
        actors: dict[int, Actor] = {}
        for (sort, actor), keys in touched.items():
            actors = dict.fromkeys(keys if sort == "items" else _items_of(sort, keys), actor) | actors
        wanted = sorted(actors)
        # Nobody else has those that are new, and nothing is stored of them.
        are_new = fresh_rows.are_new(ActionItem, wanted, __name__)
        if not are_new:
            _hold_incidents(wanted)
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            stored = [] if are_new else STORED.rows({"items": batch})
            turned = _restate_batch(batch, {row.item_id: row for row in stored}, actors, now)
            for tell in when_turned if turned and not are_new else ():
                tell(turned)


def _items_of(sort: str, slugs: Collection[str]) -> Sequence[int]:
    slug = Incident.slug if sort == "incidents" else ItemGuard.slug
    items = select(ActionItem.id).join(ActionItem.incident).outerjoin(ActionItem.guards)
    return session().scalars(items.where(slug.in_(slugs))).all()


def _hold_incidents(item_ids: Sequence[int]) -> None:
    # Two that restate the same items at once would both notice the slide; in one order, they cannot deadlock.
    for start in range(0, len(item_ids), BATCH):
        HOLD.rows({"items": item_ids[start : start + BATCH]})


def _restate_batch(
    item_ids: Sequence[int], stored: Mapping[int, Any], actors: Mapping[int, Actor], now: datetime
) -> list[int]:
    """Restate some items; those whose protection is another than what was stored."""
    slid, new, changed = {}, list[dict[str, Any]](), list[dict[str, Any]]()
    for item_id, current in derive(item_ids, now).items():
        was = stored.get(item_id)
        before = was.protection if was is not None else ""
        if current.protection == "regressed" and before != "regressed":
            slid[item_id] = (before, current.why)
        since = was.since if was is not None and before == current.protection else now
        said = (current.protection, since, current.was_proven, current.why)
        if was is None:
            new.append(dict(zip(SAID, said, strict=True), item_id=item_id))
        elif was[1:] != said:
            changed.append({"key": item_id, **{f"now_{n}": v for n, v in zip(SAID, said, strict=True)}})
    NEW.run(new)
    CHANGE.each(changed)
    reopen.regressed(slid, actors)
    turned = [row["item_id"] for row in new]
    return turned + [row["key"] for row in changed if stored[row["key"]].protection != row["now_protection"]]
