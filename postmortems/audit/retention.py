"""Retention of the audit log: old events, and before them old addresses, go seal by seal.

On PostgreSQL, where events stand by month, a month goes whole once it is over, and until then stays.
What is left is proof: the seal's list keeps the hash of each event that was removed, and of erased addresses
the hash over all of a seal. An event says up to which seal, so that what is missing behind it is found.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Update,
    and_,
    delete,
    func,
    not_,
    or_,
    select,
    union,
    update,
)

from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit.models import Event, EventSeal
from postmortems.db import partitions, rest
from postmortems.db import session as db
from postmortems.db.partitions import Part
from postmortems.db.session import session

REMOVED, ERASED = "audit.events_removed", "audit.addresses_erased"
# Messages about an event are tried again for days, and look whether it is still there.
SHORTEST = timedelta(days=30)
EVENTS = Event.__tablename__
# A month is removed whole where no more of its events than so many are to be put elsewhere.
MOST_MOVED = 5_000
# Seals of one run, so that the worker's turn ends.
MOST_SEALS = 400
# That a restricted incident was deleted is what withholds its name for good.
WITHHOLDING = "incident.deleted"
WITHHOLDS = and_(Event.verb == WITHHOLDING, Event.is_sealed)
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
    has_some = EventSeal.is_emptied.is_(False) if verb == REMOVED else EventSeal.salt != ""
    with db.transaction():
        if verb == REMOVED:
            before = partitions.due(EVENTS, before)
        last = _last_old(has_some, before)
        if last is not None and last.number > announced(verb):
            about = {"until_seal": last.number, "until_event": last.last_id, "before": before.isoformat()}
            audit.record(actor, verb, "audit", f"seal {last.number}", **about)
    if last is None:
        return 0
    if verb == REMOVED:
        _remove_months(before, last.last_id)
    with db.reading():
        page = select(EventSeal).where(has_some, EventSeal.number <= last.number)
        seals = list(session().scalars(page.order_by(EventSeal.number).limit(MOST_SEALS)))
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


def _last_old(has_some: ColumnElement[bool], before: datetime) -> EventSeal | None:
    """The last seal with something left to remove before the first that is younger.

    What a seal covers was there when it was made: an event that says it is of a later time is of a machine
    whose clock was wrong, and holds up nothing.
    """
    is_young = and_(EventSeal.newest_at >= before, EventSeal.sealed_at >= before)
    young = select(func.min(EventSeal.number)).where(has_some, is_young).scalar_subquery()
    old = select(EventSeal).where(has_some, or_(young.is_(None), EventSeal.number < young))
    return session().scalar(old.order_by(EventSeal.number.desc()).limit(1))


def _remove_months(before: datetime, until_event: int) -> None:
    """Remove the months that are over, where no more than a few of their events stay."""
    with db.reading():
        over = partitions.whole(EVENTS, before)
        over = [month for month in over if _staying(month, until_event) <= MOST_MOVED]
    for month in over:
        partitions.remove(month, lambda loose: _stays(loose.c, until_event))


def _staying(month: Part, until_event: int) -> int:
    """How many of a month's events stay, up to `MOST_MOVED` + 1."""
    within = [Event.at < month.ends, *([Event.at >= month.begins] if month.begins else [])]
    found = _stays(Event.__table__.c, until_event, *within, most=MOST_MOVED + 1).subquery()
    return session().scalar(select(func.count()).select_from(found)) or 0


def _stays(
    event: Any, until_event: int, *within: ColumnElement[bool], most: int | None = None
) -> CompoundSelect[Any]:
    """The ids of events that stay: not announced, not told, or a last proof; of each sort so many at most.

    Each is found by an index of its own, so that no month is read for it.
    """
    sorts = (
        event.id > until_event,
        not_(event.is_told),
        and_(event.verb == WITHHOLDING, event.is_sealed),
    )
    return union(*(select(event.id).where(sort, *within).limit(most).subquery().select() for sort in sorts))


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
