"""Record what happened, in the transaction in which it happened."""

from __future__ import annotations

from typing import Any

from postmortems import clock
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import session


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
