"""Re-opens done items whose protection has regressed, and records that it did."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.gate.protection import rules as protection_rules
from postmortems.incidents import operations as incidents
from postmortems.incidents import rows
from postmortems.incidents.items import item_edit
from postmortems.incidents.models import ActionItem


def regressed(fallen: Mapping[int, tuple[str, str]], actors: Mapping[int, Actor]) -> None:
    """Record each fall, and open again what was done. By id of the item: what it was and why; whose act."""
    for item in _items(fallen):
        was, why = fallen[item.id]
        caused_by = f"{actors[item.id].name} ({actors[item.id].kind})"
        data = {"was": was, "why": why, "after": caused_by, "tells": _to_tell(item)}
        # An item that is taken out of its text is not found by its id any more.
        data |= {"incident": item.incident.slug}
        audit.record(_gate(), "item.regressed", "item", item.ref, **data)
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


def _to_tell(item: ActionItem) -> list[str]:
    """Who has to know: the item's owners, and who leads the incident (who began its postmortem)."""
    return sorted({*protection_rules.owners(item.owner), item.incident.created_by} - {""})


def _gate() -> Actor:
    return Actor.system("gate")
