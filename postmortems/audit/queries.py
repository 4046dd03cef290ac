"""Read the event stream, newest first."""

from __future__ import annotations

from sqlalchemy import select

from postmortems.audit.models import Event
from postmortems.db import session


def of(subject_kind: str, subject: str, *, limit: int = 50) -> list[Event]:
    """The newest events of one subject."""
    mine = select(Event).where(Event.subject_kind == subject_kind, Event.subject == subject)
    return list(session().scalars(mine.order_by(Event.id.desc()).limit(limit)))


def latest(*, limit: int = 50, before: int | None = None) -> list[Event]:
    """The newest events of all; `before` is the id of the last one of the page above."""
    page = select(Event).order_by(Event.id.desc()).limit(limit)
    if before is not None:
        page = page.where(Event.id < before)
    return list(session().scalars(page))
