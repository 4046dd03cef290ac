"""Webhooks from trackers: checked, noted once, and answered at once; the issue itself is read later.

A delivery says no more than that an issue may have changed. So one that comes late, out of order or again
does no harm: both sides are compared as they are when the worker looks.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from postmortems import clock, visibility
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Invalid, NotAllowed
from postmortems.jobs import batches
from postmortems.tickets import queue, trackers
from postmortems.tickets.models import Ticket, Tracker, TrackerDelivery
from postmortems.trackers import hooks
from postmortems.trackers.hooks import Forged, Unreadable
from postmortems.vault.encryption import Vault

FORGED = "the signature is not that of the tracker at this address, or what it signs is too old"


def receive(tracker_id: int, headers: hooks.Headers, body: bytes, *, vault: Vault) -> str:
    """One word on what came of it: accepted, known (it came before) or ignored (it is about no ticket here).

    Raises `NotAllowed` for what is forged or was sent before, and for a tracker that is not there: whoever
    guesses learns nothing. `Invalid` for what cannot be read.
    """
    tracker, now = session().get(Tracker, tracker_id), clock.now()
    if tracker is None:
        raise NotAllowed(FORGED)
    try:
        about = hooks.about(tracker.service, headers, body, trackers.webhook_secret(tracker, vault), now)
    except Forged:
        raise NotAllowed(FORGED) from None
    except Unreadable as unreadable:
        raise Invalid(str(unreadable)) from None
    if not tracker.is_enabled or about is None:
        return "ignored"
    if about.place and not tracker.place.isdigit() and about.place.casefold() != tracker.place.casefold():
        return "ignored"
    with visibility.seen_by(visibility.EVERYTHING):
        its = select(Ticket).where(Ticket.tracker_id == tracker.id, Ticket.key == about.key)
        ticket = session().scalars(its).one_or_none()
    if ticket is None:
        return "ignored"
    name = hooks.identity(body)
    if session().get(TrackerDelivery, (tracker.id, name)) is not None:
        return "known"
    session().add(TrackerDelivery(tracker_id=tracker.id, delivery=name, at=now))
    queue.ask(ticket, now)
    return "accepted"


def note_forgery(tracker_id: int, address: str) -> None:
    """Somebody sent what the tracker did not; recorded, but not as often as they like."""
    tracker = session().get(Tracker, tracker_id)
    if tracker is not None:
        audit.record_rarely(
            Actor.nobody(), "tracker.forged", "integration", tracker.name, address=address[:64]
        )


def forget(before: datetime, after: object) -> tuple[object, int]:
    """Remove some deliveries from before that."""
    return batches.some(TrackerDelivery, TrackerDelivery.delivery, TrackerDelivery.at < before)
