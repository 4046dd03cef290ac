"""Policies: which accepted items get a ticket by themselves, from the moment that a policy is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import by_key, insert, session
from postmortems.document import model
from postmortems.errors import Conflict, Invalid, Problem
from postmortems.followup import rules
from postmortems.incidents.models import ActionItem, Affected
from postmortems.tickets import links, trackers
from postmortems.tickets.models import Ticket, TicketPolicy

POLICY = Actor.system("ticket policy")
MOST = 100


def listing(tracker_id: int | None = None) -> list[TicketPolicy]:
    """All policies, or those of a tracker, the oldest first."""
    found = select(TicketPolicy).order_by(TicketPolicy.id).limit(MOST)
    if tracker_id is not None:
        found = found.where(TicketPolicy.tracker_id == tracker_id)
    return list(session().scalars(found))


def add(
    tracker_id: int, *, service: str = "", priority: str = "", kind: str = "", actor: Actor
) -> TicketPolicy:
    """Have items that are accepted from now on get a ticket, where they fit. Raises `Invalid`, `NotFound`."""
    permissions.require(actor, trackers.MANAGE)
    tracker = trackers.found(tracker_id)
    problems = []
    if priority not in {"", *model.PRIORITIES}:
        problems.append(Problem("/priority", f"choose one of {', '.join(model.PRIORITIES)}, or none for all"))
    if kind not in {"", *model.ITEM_KINDS}:
        problems.append(Problem("/kind", f"choose one of {', '.join(model.ITEM_KINDS)}, or none for all"))
    if len(service) > 100 or not service.isprintable():
        problems.append(Problem("/service", "write the name of a service, or nothing for all"))
    if problems:
        raise Invalid(problems)
    if len(listing()) >= MOST:
        raise Conflict(f"there are {MOST} policies already")
    row = TicketPolicy(service=service.strip(), priority=priority, kind=kind, by=actor.name, at=clock.now())
    row.tracker_id = tracker.id
    insert(row)
    told = {"service": row.service, "priority": priority, "kind": kind}
    audit.record(actor, "tracker.policy_added", "integration", tracker.name, **told)
    return row


def remove(policy_id: int, *, actor: Actor) -> None:
    """Have no more tickets created by it; those that there are stay. Raises `NotFound`."""
    permissions.require(actor, trackers.MANAGE)
    row = by_key(TicketPolicy, policy_id, f"there is no ticket policy {policy_id}")
    session().delete(row)
    session().flush()
    audit.record(actor, "tracker.policy_removed", "integration", row.tracker.name, service=row.service)


def apply(item_ids: Iterable[int]) -> int:
    """Begin the tickets that policies ask for these items; returns how many. With the service's own eyes.

    Of restricted incidents none is begun but where an admin allows it for the tracker.
    """
    policies = [one for one in listing() if one.tracker.is_enabled]
    ids = list(item_ids)
    return sum(_apply(policy, ids) for policy in policies) if ids else 0


def _apply(policy: TicketPolicy, ids: Sequence[int]) -> int:
    begun = 0
    for item in session().scalars(_fitting(policy, ids)):
        if policy.tracker.sends_restricted or not links.is_secret(item):
            links.begin(item, policy.tracker, by=POLICY)
            begun += 1
    return begun


def _fitting(policy: TicketPolicy, ids: Sequence[int]) -> Any:
    has_ticket = exists().where(Ticket.tracker_id == policy.tracker_id, Ticket.item_id == ActionItem.id)
    found = select(ActionItem).where(ActionItem.id.in_(ids), ActionItem.status.in_(rules.OPEN), ~has_ticket)
    if policy.priority:
        found = found.where(ActionItem.priority == policy.priority)
    if policy.kind:
        found = found.where(ActionItem.kind == policy.kind)
    if policy.service:
        hit = exists().where(
            Affected.incident_id == ActionItem.incident_id, Affected.service == policy.service
        )
        found = found.where(hit)
    return found.options(joinedload(ActionItem.incident)).order_by(ActionItem.number)
