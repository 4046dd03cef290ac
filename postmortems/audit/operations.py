"""Record what happened, in the transaction in which it happened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from postmortems import clock
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import session

MOST_IN_A_MINUTE = 5


def record(actor: Actor, verb: str, subject_kind: str, subject: str, **data: Any) -> Event:
    """Add an event to the stream; `verb` is `<subject kind>.<what happened>`, `data` plain JSON values."""
    event = Event(
        at=clock.now(),
        verb=verb,
        subject_kind=subject_kind,
        subject=subject,
        actor_kind=actor.kind,
        actor=actor.name,
        data=data,
    )
    session().add(event)
    return event


def record_rarely(actor: Actor, verb: str, subject_kind: str, subject: str, **data: Any) -> None:
    """Record what anybody outside can bring about, a few times in a minute at most."""
    since = clock.now() - timedelta(minutes=1)
    lately = select(func.count()).select_from(Event)
    lately = lately.where(Event.verb == verb, Event.subject == subject, Event.at > since)
    if (session().scalar(lately) or 0) < MOST_IN_A_MINUTE:
        record(actor, verb, subject_kind, subject, **data)
