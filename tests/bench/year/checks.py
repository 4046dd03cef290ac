"""What has to hold after the year: sums, the audit chain, and that nothing waits longer than it has to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from postmortems.audit import verification
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.tallies import recount
from postmortems.jobs import leases
from postmortems.notify.digests.models import DigestSchedule
from postmortems.notify.models import Message


def faults(now: datetime) -> Iterator[str]:
    """Each thing that does not hold, in a sentence. Reads only."""
    with db.reading(at_one_moment=True):
        yield from recount.differences()
    with db.reading(at_one_moment=True):
        yield from verification.of_database().faults
    with db.reading():
        yield from _waiting(now)


def _waiting(now: datetime) -> Iterator[str]:
    late, since = leases.overdue(now)
    if late:
        yield f"{late} periodic jobs are due, the first since {since}"
    for what, query in {
        "messages wait, or were given up": select(func.count(Message.id)).where(
            (Message.state == "dead") | ((Message.state == "waiting") & (Message.due_at <= now))
        ),
        "events were told to nobody": select(func.count(Event.id)).where(Event.is_told.is_(False)),
        "digests are late": select(func.count(DigestSchedule.id)).where(DigestSchedule.due_at <= now),
    }.items():
        if count := session().scalar(query):
            yield f"{count} {what}"
