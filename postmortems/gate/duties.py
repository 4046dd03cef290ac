"""What is due, and who does it: of several workers, the one that moves a duty's time on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select, update

from postmortems.db import session
from postmortems.gate.models import Duty


def names() -> set[str]:
    """All duties, by name."""
    return set(session().scalars(select(Duty.name)))


def appoint(wanted: Iterable[str], now: datetime) -> None:
    """Let there be exactly these duties: new ones are due at once, others keep their time.

    Raises IntegrityError when another worker does the same at this moment.
    """
    present, wanted = names(), set(wanted)
    if gone := present - wanted:
        session().execute(delete(Duty).where(Duty.name.in_(gone)))
    session().add_all(Duty(name=name, due_at=now) for name in sorted(wanted - present))
    session().flush()


def due(now: datetime, limit: int = 100) -> list[Duty]:
    """The duties whose time has come, the longest overdue first."""
    waiting = select(Duty).where(Duty.due_at <= now).order_by(Duty.due_at, Duty.name).limit(limit)
    return list(session().scalars(waiting))


def claim(name: str, seen: datetime, again_at: datetime) -> bool:
    """Take the duty on, if nobody has since it was seen due at `seen`; it is due again at `again_at`."""
    mine = update(Duty).where(Duty.name == name, Duty.due_at == seen).values(due_at=again_at)
    result = session().execute(mine)
    return isinstance(result, CursorResult) and result.rowcount == 1


def put_off(name: str, now: datetime, span: timedelta) -> None:
    """Let a duty rest for longer than usual."""
    session().execute(update(Duty).where(Duty.name == name).values(due_at=now + span))
