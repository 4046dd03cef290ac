"""Tickets for many items at once: each by the rules of one; who gets none is told with the reason."""

from __future__ import annotations

from collections.abc import Iterable

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.errors import Conflict, NotAllowed, NotFound
from postmortems.tickets import links, trackers
from postmortems.tickets.models import Ticket

Left = tuple[str, str]


def create(refs: Iterable[str], tracker_id: int, *, actor: Actor) -> tuple[list[Ticket], list[Left]]:
    """Have an issue created for each; returns the tickets, and who got none with why. Raises `NotFound`."""
    permissions.require_anywhere(actor, "item.edit")
    trackers.found(tracker_id)
    made, left = [], []
    for ref in dict.fromkeys(refs):
        try:
            with session().begin_nested():
                made.append(links.create(ref, tracker_id, actor=actor))
        except (Conflict, NotAllowed, NotFound) as refused:
            left.append((ref, refused.detail))
    return made, left
