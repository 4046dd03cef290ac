"""The queue of tickets to be looked at: each trigger asks, and the worker answers one at a time a tracker."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select

from postmortems import visibility
from postmortems.db.session import session
from postmortems.notify import outbox
from postmortems.notify.models import Message
from postmortems.tickets.models import CREATING, HELD, Ticket, Tracker

CHANNEL = "ticket"
# So many are asked for at once when a tracker can be reached again; the poll finds the rest.
MOST_AGAIN = 1000


def ask(ticket: Ticket, now: datetime) -> None:
    """Have the ticket looked at: read there, settled, and sent what is ours; in the cause's unit of work.

    One that waits already and is not under way will see this cause as well; it is locked meanwhile, so that
    no worker begins before this is committed.
    """
    ticket.asked += 1
    about = f"{ticket.id}:{ticket.asked}"
    waits = select(Message.id).where(
        Message.channel == CHANNEL,
        Message.receiver == str(ticket.tracker_id),
        Message.state == "waiting",
        Message.about.startswith(f"{ticket.id}:"),
        Message.leased_until.is_(None),
    )
    if session().scalar(waits.limit(1).with_for_update()) is None:
        outbox.put(CHANNEL, str(ticket.tracker_id), about, {"type": "ticket", "ticket": ticket.id}, now)
    session().flush()


def ask_all(item_ids: Iterable[int], now: datetime) -> int:
    """Have the tickets of these items looked at; returns how many there are."""
    with visibility.seen_by(visibility.EVERYTHING):
        tickets = list(session().scalars(select(Ticket).where(Ticket.item_id.in_(list(item_ids)))))
        for ticket in tickets:
            ask(ticket, now)
    return len(tickets)


def ask_again(tracker: Tracker, now: datetime) -> None:
    """Have looked at what could not be sent before."""
    with visibility.seen_by(visibility.EVERYTHING):
        stuck = select(Ticket).where(
            Ticket.tracker_id == tracker.id,
            or_(Ticket.standing.in_([CREATING, HELD]), Ticket.trouble != ""),
        )
        for ticket in session().scalars(stuck.order_by(Ticket.id).limit(MOST_AGAIN)):
            ask(ticket, now)
