"""Retention of the audit log: old events, and before them old addresses, go seal by seal.

What is left is proof: the seal's list keeps the hash of each event that was removed, and of erased addresses
the hash over all of a seal. An event says up to which seal, so that what is missing behind it is found.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import ColumnElement, Update, and_, delete, not_, select, update

from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit.models import Event, EventSeal
from postmortems.db import rest
from postmortems.db import session as db
from postmortems.db.session import session

REMOVED, ERASED = "audit.events_removed", "audit.addresses_erased"
# Messages about an event are tried again for days, and look whether it is still there.
SHORTEST = timedelta(days=30)
# Seals of one run, so that the worker's turn ends.
MOST_SEALS = 400
# That a restricted incident was deleted is what withholds its name for good.
WITHHOLDS = and_(Event.verb == "incident.deleted", Event.is_sealed)
GOES = and_(Event.is_told, not_(WITHHOLDS))


def remove(now: datetime, *, keep_days: int, actor: Actor) -> int:
    """Remove the events that are older than that; 0 keeps them. Returns of how many seals.

    Opens its own units of work.
    """
    if not keep_days:
        return 0
    return _walk(REMOVED, now - max(timedelta(days=keep_days), SHORTEST), actor)


def erase_addresses(now: datetime, *, keep_days: int, actor: Actor) -> int:
    """Likewise of the addresses that events carry, which are personal; the events stay."""
    return _walk(ERASED, now - timedelta(days=keep_days), actor) if keep_days else 0


def _walk(verb: str, before: datetime, actor: Actor) -> int:
    """Announce up to which seal, then do it seal by seal: the next run goes on where one was killed."""
    with db.transaction():
        seals = _old(EventSeal.is_emptied.is_(False) if verb == REMOVED else EventSeal.salt != "", before)
        if seals and seals[-1].number > announced(verb):
            last = seals[-1]
            about = {"until_seal": last.number, "until_event": last.last_id, "before": before.isoformat()}
            audit.record(actor, verb, "audit", f"seal {last.number}", **about)
    for seal in seals:
        began = time.monotonic()
        with db.transaction():
            _remove(seal) if verb == REMOVED else _erase(seal)
        rest.after(began)
    return len(seals)


def announced(verb: str) -> int:
    """Up to which seal that was done, or is being done, as the newest event of it says."""
    newest = select(Event.data).where(Event.verb == verb).order_by(Event.id.desc()).limit(1)
    try:
        told = db.rows(newest)
        until = told[0].data["until_seal"] if told else 0
    except (KeyError, TypeError, ValueError):
        # Somebody has laid hands on it, so that it announces nothing.
        return 0
    return until if isinstance(until, int) else 0


def _old(has_some: ColumnElement[bool], before: datetime) -> list[EventSeal]:
    """The oldest seals with something left to remove, up to the first that is younger.

    What a seal covers was there when it was made: an event that says it is of a later time is of a machine
    whose clock was wrong, and holds up nothing.
    """
    page = select(EventSeal).where(has_some).order_by(EventSeal.number).limit(MOST_SEALS)
    return list(takewhile(lambda seal: min(seal.newest_at, seal.sealed_at) < before, session().scalars(page)))


def _of(seal: EventSeal) -> ColumnElement[bool]:
    return Event.id.between(seal.first_id, seal.last_id)


def _remove(seal: EventSeal) -> None:
    session().execute(delete(Event).where(_of(seal), GOES).execution_options(synchronize_session=False))
    session().execute(_this(seal).values(is_emptied=True))


def _erase(seal: EventSeal) -> None:
    about = update(Event).where(_of(seal), Event.address != "").values(address="")
    session().execute(about.execution_options(synchronize_session=False))
    session().execute(_this(seal).values(salt=""))


def _this(seal: EventSeal) -> Update:
    return update(EventSeal).where(EventSeal.number == seal.number)
