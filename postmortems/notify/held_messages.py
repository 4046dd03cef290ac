"""Held messages: what waited to be sent in a database that was restored, until an operator decides.

The database that the copy was made of may have sent them since.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.notify.models import Message

DROPPED = "dropped after a restore"


def hold() -> int:
    """Hold all that waits; how many. In the unit of work of a restore."""
    return _become(Message.state == "waiting", state="held")


def counts() -> dict[str, int]:
    """By channel, how many are held."""
    held = select(Message.channel, func.count()).where(Message.state == "held")
    rows = session().execute(held.group_by(Message.channel).order_by(Message.channel))
    return {row[0]: row[1] for row in rows}


def oldest(limit: int) -> Sequence[Message]:
    """Those that waited longest."""
    held = select(Message).where(Message.state == "held").order_by(Message.due_at, Message.id)
    return session().scalars(held.limit(limit)).all()


def send(*, actor: Actor) -> int:
    """Let all of them be sent now; how many."""
    return _decide(actor, "delivery.released", lambda now: {"state": "waiting", "due_at": now})


def drop(*, actor: Actor) -> int:
    """Let none of them be sent; how many."""
    return _decide(actor, "delivery.dropped", lambda _: {"state": "dead", "trouble": DROPPED})


def _decide(actor: Actor, verb: str, values: Callable[[datetime], dict[str, Any]]) -> int:
    permissions.require(actor, "channel.manage")
    count = _become(Message.state == "held", **values(clock.now()))
    if count:
        audit.record(actor, verb, "delivery", "held", count=count)
    return count


def _become(which: Any, **values: Any) -> int:
    result = session().execute(
        update(Message).where(which).values(**values).execution_options(synchronize_session=False)
    )
    return int(getattr(result, "rowcount", 0))
