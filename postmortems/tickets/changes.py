"""Reads off the audit trail which items changed: their tickets are looked at, policies begin new ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from postmortems import visibility
from postmortems.audit.models import Event
from postmortems.db.session import session
from postmortems.incidents.items.item_numbers import number_of
from postmortems.incidents.models import ActionItem, Incident
from postmortems.tickets import policies, queue
from postmortems.tickets.models import Tracker

ITEM_VERBS = frozenset(
    {
        "item.added",
        "item.assigned",
        "item.closed",
        "item.closed_unproven",
        "item.dated",
        "item.edited",
        "item.progressed",
        "item.reopened",
    }
)
# Here the incident alone has an event: it is new, or its items may flow from now on, or no more.
INCIDENT_VERBS = frozenset({"incident.created", "incident.opened_to_all", "incident.restricted"})


def told(events: Sequence[Event], now: datetime) -> None:
    """What happened to items, in the unit of work that reads it off the trail: once for each event."""
    numbers = {number_of(one.subject) for one in events if one.verb in ITEM_VERBS} - {None}
    slugs = {one.subject for one in events if one.verb in INCIDENT_VERBS}
    if not numbers and not slugs:
        return
    with visibility.seen_by(visibility.EVERYTHING):
        if session().scalar(select(Tracker.id).limit(1)) is None:
            return
        of_whole = select(Incident.id).where(Incident.slug.in_(slugs))
        about = or_(ActionItem.number.in_(numbers), ActionItem.incident_id.in_(of_whole))
        ids = list(session().scalars(select(ActionItem.id).where(about)))
        queue.ask_all(ids, now)
        policies.apply(ids)
