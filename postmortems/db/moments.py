"""Moments: a mark by which a process sees that nothing at all was written since it looked last.

Both databases know without looking into a table: SQLite counts for each connection what others committed,
and PostgreSQL's snapshot names the transactions whose writes are seen. A mark says nothing to another
connection, whose database may be another by now.
"""

from __future__ import annotations

from collections.abc import Hashable

from sqlalchemy import Connection

from postmortems.db import driver
from postmortems.db.replica import ONE_MOMENT

MINE = "its moments"
# A replica's snapshot names none of the transactions that are under way, so it stays the same when one
# commits while an older one goes on (seen with PostgreSQL 15).
SNAPSHOT = "SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_snapshot()::text END"


def seen_by(connection: Connection) -> Hashable | None:
    """The mark of what this unit of work sees, which is the same as long as it would see the same.

    None where its statements see more than one moment; where it may write: what it writes could be taken
    back, which SQLite does not count; and on a replica of PostgreSQL.
    """
    options = connection.get_execution_options()
    if not options.get("reads_only"):
        return None
    if connection.dialect.name == "sqlite":
        committed = driver.run(connection, "PRAGMA data_version")[0][0]
        written = connection.connection.driver_connection.total_changes  # type: ignore[union-attr]
        return _of(connection), committed, written
    if options.get("isolation_level") != ONE_MOMENT:
        return None
    snapshot = driver.run(connection, SNAPSHOT)[0][0]
    return (_of(connection), snapshot) if snapshot else None


def _of(connection: Connection) -> object:
    """What no other connection has, as long as this one is there."""
    return connection.info.setdefault(MINE, object())
