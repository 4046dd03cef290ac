"""What `doctor` says of copies: how old the newest backup is, and whether messages are held."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from postmortems import clock
from postmortems.audit.models import Event
from postmortems.cli.database import tables
from postmortems.db import session as db
from postmortems.errors import Misconfigured
from postmortems.notify.models import Message

# Whoever makes backups at all means to make them more often.
OLD = timedelta(days=7)


def backups() -> str:
    """The age of the newest backup. Raises `Misconfigured` where it is old."""
    newest = select(func.max(Event.at)).select_from(Event).where(Event.verb == "database.backed_up")
    with tables(), db.reading() as session:
        made = session.scalar(newest)
    if made is None:
        # What is older than events are kept for is forgotten.
        return "`python -m postmortems backup FILE` was never run, as far back as the audit log goes"
    age = clock.now() - made
    told = f"the newest was made on {made:%Y-%m-%d at %H:%M} UTC"
    if age > OLD:
        raise Misconfigured(f"{told}, {age.days} days ago; look why `backup` does not run any more")
    return told


def held() -> str:
    """That no message is held. Raises `Misconfigured` where some wait for a decision."""
    count = select(func.count()).select_from(Message).where(Message.state == "held")
    with tables(), db.reading() as session:
        found = session.scalar(count) or 0
    if found:
        raise Misconfigured(
            f"{found:,} messages are held since a restore; run `python -m postmortems db held --send`, or "
            "`--drop`"
        )
    return "no message is held since a restore"
