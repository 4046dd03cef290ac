"""Read the event stream, newest first."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from postmortems.audit.models import Event
from postmortems.db import session

# Put together once: every import asks it.
OF = (
    select(Event)
    .where(Event.subject_kind == bindparam("kind"), Event.subject == bindparam("subject"))
    .order_by(Event.id.desc())
    .limit(bindparam("most"))
)


def of(subject_kind: str, subject: str, *, limit: int = 50) -> list[Event]:
    """The newest events of one subject."""
    return list(session().scalars(OF, {"kind": subject_kind, "subject": subject, "most": limit}))


def latest(*, limit: int = 50, before: int | None = None) -> list[Event]:
    """The newest events of all; `before` is the id of the last one of the page above."""
    page = select(Event).order_by(Event.id.desc()).limit(limit)
    if before is not None:
        page = page.where(Event.id < before)
    return list(session().scalars(page))
