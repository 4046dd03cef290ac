"""Restates the protection of items: notices a fall, and re-opens what was done.

Restated after guards are edited or deleted, drills, decisions, deploys and saves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from postmortems import clock, visibility
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.gate.models import ItemProtection
from postmortems.gate.protection import inputs
from postmortems.gate.protection import rules as protection_rules
from postmortems.gate.protection.rules import Protection
from postmortems.incidents import operations as incidents
from postmortems.incidents import rows
from postmortems.incidents.items import item_edit
from postmortems.incidents.models import ActionItem, Incident, ItemGuard

# How many items are restated with one round of queries: SQLite takes some 30,000 parameters a statement.
BATCH = 500


def derive(item_ids: Collection[int], now: datetime | None = None) -> dict[int, Protection]:
    """Each item's protection as the facts are now, whatever is stored; a fixed number of queries."""
    with visibility.seen_by(visibility.EVERYTHING):
        gathered = inputs.gather(item_ids, now or clock.now())
    return {item_id: protection_rules.protection(found) for item_id, found in gathered.items()}


def restate(item_ids: Iterable[int], *, actor: Actor, now: datetime) -> None:
    """Store the items' standings as they are now. A done item whose fix slid back is opened again.

    `actor` is whose act made it necessary; what the gate concludes from it, it does in its own name.
    """
    wanted = sorted(set(item_ids))
    with visibility.seen_by(visibility.EVERYTHING):
        _hold_incidents(wanted)
        for start in range(0, len(wanted), BATCH):
            _restate_batch(wanted[start : start + BATCH], actor, now)


def begin(item_ids: Sequence[int], now: datetime) -> None:
    """Store the first standings of items that were added in this unit: nobody knows them, none slid back."""
    for start in range(0, len(item_ids), BATCH):
        for item_id, found in derive(item_ids[start : start + BATCH], now).items():
            standing = ItemProtection(item_id=item_id, protection=found.protection, since=now)
            standing.was_proven, standing.why = found.was_proven, found.why
            session().add(standing)
    session().flush()


def restate_incident(incident_id: int, *, actor: Actor, now: datetime) -> None:
    """Restate all items of one incident, and of the one that it repeats."""
    repeats = select(Incident.recurrence_of).where(Incident.id == incident_id).scalar_subquery()
    earlier = select(Incident.id).where(Incident.slug == repeats)
    hit = or_(ActionItem.incident_id == incident_id, ActionItem.incident_id.in_(earlier))
    restate(_ids(hit), actor=actor, now=now)


def restate_slug(slug: str, *, actor: Actor, now: datetime) -> None:
    """Restate all items of the incident with this slug, where there is one."""
    if slug:
        named = select(Incident.id).where(Incident.slug == slug).scalar_subquery()
        restate(_ids(ActionItem.incident_id == named), actor=actor, now=now)


def items_naming(slugs: Collection[str]) -> list[int]:
    """The ids of the items that name one of these guards."""
    with visibility.seen_by(visibility.EVERYTHING):
        return list(session().scalars(select(ItemGuard.item_id).where(ItemGuard.slug.in_(slugs)).distinct()))


def _ids(condition: object) -> Sequence[int]:
    with visibility.seen_by(visibility.EVERYTHING):
        return session().scalars(select(ActionItem.id).where(condition)).all()  # type: ignore[arg-type]


def _hold_incidents(item_ids: Sequence[int]) -> None:
    # Two that restate the same items at once would both notice the slide; in one order, they cannot deadlock.
    for start in range(0, len(item_ids), BATCH):
        batch = item_ids[start : start + BATCH]
        named = select(ActionItem.incident_id).where(ActionItem.id.in_(batch))
        session().execute(
            select(Incident.id).where(Incident.id.in_(named)).order_by(Incident.id).with_for_update()
        )


def _restate_batch(item_ids: Sequence[int], actor: Actor, now: datetime) -> None:
    stored = (
        select(ItemProtection)
        .where(ItemProtection.item_id.in_(item_ids))
        .execution_options(populate_existing=True)
    )
    standings = {standing.item_id: standing for standing in session().scalars(stored)}
    slid = {}
    for item_id, found in derive(item_ids, now).items():
        standing = standings.get(item_id)
        if standing is None:
            standing = ItemProtection(item_id=item_id, protection="", since=now)
            session().add(standing)
        if found.protection == "regressed" and standing.protection != "regressed":
            slid[item_id] = (standing.protection, found.why)
        if standing.protection != found.protection:
            standing.protection, standing.since = found.protection, now
        standing.was_proven, standing.why = found.was_proven, found.why
    session().flush()
    for item in _items(slid):
        was, why = slid[item.id]
        caused_by = f"{actor.name} ({actor.kind})"
        told = _told(item)
        audit.record(
            _gate(), "item.regressed", "item", item.ref, was=was, why=why, after=caused_by, tells=told
        )
        if item.status == "done":
            _reopen(item, why)


def _items(item_ids: Collection[int]) -> Sequence[ActionItem]:
    if not item_ids:
        return []
    wanted = select(ActionItem).where(ActionItem.id.in_(item_ids)).options(joinedload(ActionItem.incident))
    return session().scalars(wanted.order_by(ActionItem.number)).all()


def _reopen(item: ActionItem, why: str) -> None:
    """Open a done item again, through its document, so that the incident's history shows it."""
    incident, ref = item.incident, item.ref
    opened = item_edit.with_item(rows.to_document(incident), ref, status="open")
    message = f"{ref} re-opened: {why}"
    incidents.save(incident.slug, opened, version=None, actor=_gate(), message=message)
    item.reopened_because = why
    session().flush()


def _told(item: ActionItem) -> list[str]:
    """Who has to know: the item's owners, and who leads the incident (who began its postmortem)."""
    return sorted({*protection_rules.owners(item.owner), item.incident.created_by} - {""})


def _gate() -> Actor:
    return Actor.system("gate")
