"""Refusals of suspicious evidence: the act is undone, and the audit trail still records it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.errors import Invalid, NotAllowed


class Suspicious(Invalid):
    """Refused, and audited: `verb` is the event's, `subject` a target's full name or a guard's slug."""

    def __init__(self, detail: str, pointer: str, verb: str, subject: tuple[str, str], **data: Any) -> None:
        super().__init__(detail, pointer)
        self.verb, self.subject, self.data = verb, subject, data


@contextmanager
def telling(actor: Actor) -> Iterator[None]:
    """A unit of work; one that is refused as `Suspicious` leaves its event behind."""
    try:
        with db.transaction():
            yield
    except Suspicious as odd:
        with db.transaction():
            audit.record(actor, odd.verb, *odd.subject, **odd.data)
        raise
    except NotAllowed as refused:
        with db.transaction():
            audit.record(actor, "evidence.not_allowed", "account", actor.name, why=refused.detail)
        raise
