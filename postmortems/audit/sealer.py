"""The sealer: chains the events that were committed since the last seal, while others write more of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import literal, select

from postmortems import clock
from postmortems.actor import Actor
from postmortems.audit import horizon, seals
from postmortems.audit import operations as audit
from postmortems.audit.models import Event, EventSeal
from postmortems.db import session as db

# Events of one seal at most, so that each unit of work is short, and seals of one run.
BATCH, MOST_SEALS = 1_000, 400
# Any number will do as long as every process takes the same one.
TURN = 7_260_312_906
SEALED = "audit.sealed"
COLUMNS = (*(getattr(Event, name) for name in seals.FIELDS), Event.address)


def seal_all(actor: Actor, now: datetime | None = None) -> int:
    """Seal what is not sealed yet, seal by seal; returns how many events that were. `now` is the database's.

    Opens its own units of work. Who writes events does not wait for them: rows are read and hashed outside
    the unit in which the seal is stored, for up to the horizon they change no more.
    """
    until = horizon.settled()
    count = 0
    for _ in range(MOST_SEALS if until else 0):
        with db.reading():
            seal = _next_seal(until or 0, now or clock.now())
        if seal is None:
            break
        with db.transaction():
            if not _store(seal, actor):
                break
        count += seal.count
    return count


def newest() -> EventSeal | None:
    """The head of the chain, in a unit of work."""
    return db.session().scalar(select(EventSeal).order_by(EventSeal.number.desc()).limit(1))


def _next_seal(until: int, now: datetime) -> EventSeal | None:
    head = newest()
    behind = head.last_id if head else 0
    unsealed = (Event.id > behind, Event.id <= until)
    # That something was sealed is an event, too: by itself it is no reason for another seal.
    if not db.rows(select(literal(1)).where(*unsealed, Event.verb != SEALED).limit(1)):
        return None
    page = db.rows(select(*COLUMNS).where(*unsealed).order_by(Event.id).limit(BATCH))
    hashes = {row.id: seals.event_hash(row) for row in page}
    addresses = {row.id: row.address for row in page}
    return seals.following(head, hashes, addresses, max(row.at for row in page), now)


def _store(seal: EventSeal, actor: Actor) -> bool:
    """Whether the seal is on the chain now; not where another process was quicker."""
    db.take_turns(TURN)
    # In a statement of its own, so that it sees what the one before us has committed.
    head = newest()
    if seal.previous != (head.hash if head else seals.BEGINNING):
        return False
    db.insert(seal)
    audit.record(
        actor, SEALED, "audit", f"seal {seal.number}", number=seal.number, hash=seal.hash, events=seal.count
    )
    return True
