"""The database's clock: leases are judged by one clock for all machines that may hold them.

SQLite has none of its own: whoever uses it is on one machine.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from postmortems import clock
from postmortems.db import session as db


def ahead() -> timedelta:
    """How far the database's clock is ahead of this machine's. In a unit of work."""
    if db.engine().dialect.name != "postgresql":
        return timedelta()
    theirs: datetime = db.connection().execute(text("SELECT clock_timestamp()")).scalar_one()
    return theirs - clock.now()


def now() -> datetime:
    """The present instant by the database's clock. In a unit of work."""
    return clock.now() + ahead()
