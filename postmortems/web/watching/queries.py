"""What the database tells of our processes: what they counted, what waits, and how the database is.

A fixed number of statements. What waits is looked up by index, so it costs what waits and not what is stored.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import QueuePool, func, select, text

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.exchange.models import Run, RunFile
from postmortems.guards.models import Guard
from postmortems.jobs import leases
from postmortems.jobs.counts import SEPARATOR
from postmortems.jobs.models import ProcessCount
from postmortems.notify.models import Message

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """How many wait, and how long the one that has waited longest."""

    count: int = 0
    oldest_s: float = 0.0


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """Sizes in bytes; connections by state, on SQLite those of this process alone.

    Of the write-ahead log SQLite tells how large it is, and PostgreSQL how much was ever written to it.
    """

    size: int
    connections: dict[str, int]
    log_size: int | None = None
    written: int | None = None


def counts() -> dict[str, dict[Labels, int]]:
    """What processes counted, by name and labels."""
    found: dict[str, dict[Labels, int]] = defaultdict(dict)
    for row in db.rows(select(ProcessCount.name, ProcessCount.labels, ProcessCount.value)):
        found[row.name][tuple(row.labels.split(SEPARATOR))] = row.value
    return found


def waiting_messages(now: datetime) -> dict[str, Queue]:
    """By channel: what is to be sent, and since when, tried or not."""
    oldest, count = func.min(Message.created_at), func.count()
    waiting = select(Message.channel, count, oldest).where(Message.state == "waiting")
    rows = session().execute(waiting.group_by(Message.channel))
    return {channel: _queue(number, since, now) for channel, number, since in rows}


def overdue_jobs(now: datetime) -> Queue:
    """Jobs that are due and that no worker does."""
    return _queue(*leases.overdue(now), now)


def waiting_files(now: datetime) -> Queue:
    """Files of imports that wait for the worker."""
    waiting = select(func.count(), func.min(Run.created_at)).select_from(RunFile).join(RunFile.run)
    return _queue(*session().execute(waiting.where(RunFile.state == "waiting")).one(), now)


def guards() -> dict[str, int]:
    """Guards that are switched on, by level."""
    levels = select(Guard.level, func.count().label("guards")).where(Guard.is_enabled).group_by(Guard.level)
    return {row.level: row.guards for row in session().execute(levels)}


def database() -> DatabaseState:
    """How large the database is, and who is connected."""
    if db.engine().dialect.name == "postgresql":
        return _postgresql()
    pages = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
    size = int(db.connection().execute(pages).scalar_one())
    pools = [pool for pool in db.pools() if isinstance(pool, QueuePool)]
    kept = {"active": sum(pool.checkedout() for pool in pools), "idle": sum(p.checkedin() for p in pools)}
    return DatabaseState(size, kept, log_size=_size(f"{db.engine().url.database}-wal"))


def _postgresql() -> DatabaseState:
    sizes = text("SELECT pg_database_size(current_database()), (SELECT wal_bytes FROM pg_stat_wal)")
    size, written = db.connection().execute(sizes).one()
    states = text(
        "SELECT coalesce(state, 'other') AS state, count(*) AS count FROM pg_stat_activity"
        " WHERE datname = current_database() AND backend_type = 'client backend' GROUP BY 1"
    )
    rows = db.connection().execute(states)
    return DatabaseState(
        int(size), {name.replace(" ", "_"): count for name, count in rows}, written=int(written)
    )


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def _queue(count: int, since: datetime | None, now: datetime) -> Queue:
    return Queue(count, max(timedelta(), now - since).total_seconds() if since else 0.0)
