"""Queries of audit events, newest first."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from postmortems import visibility
from postmortems.audit.models import Event
from postmortems.db.session import session

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


def log(*, limit: int = 50, before: int | None = None) -> tuple[list[Event], set[int]]:
    """What `latest` gives, and the ids of those that tell the viewer only that they happened.

    What is about a restricted incident is not left out:
    an act that nobody can look up is not recorded. Its subject and what was recorded of it are withheld.
    """
    with visibility.seen_by(visibility.EVERYTHING):
        found = latest(limit=limit, before=before)
    ids = {event.id for event in found}
    return found, ids - set(session().scalars(select(Event.id).where(Event.id.in_(ids))))
