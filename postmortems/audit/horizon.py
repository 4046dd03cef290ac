"""The horizon: up to which number no audit event can still appear.

On PostgreSQL numbers are given out before transactions commit, so that an event may appear behind others with
higher numbers. Who may still add one holds the table's lock for writers, from before it has its number until
its transaction ends: once all who held it at some moment are gone, nothing older than that moment is to come.
Nobody waits for us: we look at the locks and take none.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import text

from postmortems.audit import operations as audit
from postmortems.db import session as db

TRIES, PAUSE_S = 100, 0.05

WRITERS = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND granted"
    " AND mode = 'RowExclusiveLock' AND relation = 'events'::regclass"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def settled(wait: Callable[[float], None] = time.sleep) -> int | None:
    """The number of the newest event that no event with a lower number can follow; 0 where there is none.

    None where somebody has been writing for seconds: try again later. Opens its own units of work.
    """
    with db.reading():
        newest = audit.newest()
    # SQLite has one writer at a time.
    if db.engine().dialect.name != "postgresql":
        return newest
    writing = _writers()
    for _ in range(TRIES):
        if not writing:
            break
        wait(PAUSE_S)
        writing &= _writers()
    return None if writing else newest


def _writers() -> set[str]:
    """The transactions that may hold numbers of events nobody else sees yet."""
    with db.reading():
        return {row.virtualtransaction for row in db.rows(WRITERS)}
