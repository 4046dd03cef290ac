"""Arrival: what is done last in a database that was filled from a copy, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence

import click
from sqlalchemy.engine import Connection

from postmortems import clock, visibility
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.db.copies.load import Loaded
from postmortems.notify import event_reader, held_messages
from postmortems.worker import TRAIL_READERS

ACTOR = Actor.system("cli")


class Arrival:
    """The end of one restore or copy, which the audit trail calls `verb`; `subject` is where it came from."""

    def __init__(self, settings: Settings, verb: str, subject: str, *, send_waiting: bool) -> None:
        self._settings = settings
        self._event = (verb, "database", subject)
        self._sends = send_waiting
        self._held = 0

    def finish(self, connection: Connection) -> None:
        """Hold what waits to be sent, and record what has happened, in the transaction of it."""
        with db.on(connection), visibility.seen_by(visibility.EVERYTHING):
            if not self._sends:
                self._hold()
            audit.record(ACTOR, *self._event, held=self._held)

    def _hold(self) -> None:
        # What nobody was told of yet may have been told since, too.
        sends_mail = bool(self._settings.smtp_url)
        while event_reader.tell(clock.now(), sends_mail=sends_mail, others=TRAIL_READERS):
            pass
        self._held = held_messages.hold()

    def say(self, loaded: Loaded, missing: Sequence[str] = ()) -> None:
        """Say what is left to an operator."""
        if loaded.left_out:
            click.echo(
                f"Left out, for they are none of ours: the tables {', '.join(loaded.left_out)}.", err=True
            )
        if missing:
            click.echo(f"{len(missing)} attached files were missing when the backup was made.", err=True)
        if self._held:
            click.echo(
                f"{self._held:,} messages that waited are held: `python -m postmortems db held` sends or "
                "drops them.",
                err=True,
            )
