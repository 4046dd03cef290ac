"""Job leases: of several workers, the one that holds a periodic job's lease runs it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from postmortems.db.session import is_changed, session
from postmortems.jobs.models import JobLease


def names() -> set[str]:
    """The names of all periodic jobs."""
    return set(session().scalars(select(JobLease.name)))


def appoint(wanted: Iterable[str], now: datetime) -> None:
    """Let there be exactly these jobs: new ones are due at once, others keep their time.

    Raises IntegrityError when another worker does the same at this moment.
    """
    present, wanted = names(), set(wanted)
    if gone := present - wanted:
        session().execute(delete(JobLease).where(JobLease.name.in_(gone)))
    session().add_all(JobLease(name=name, due_at=now) for name in sorted(wanted - present))
    session().flush()


def due(now: datetime, limit: int = 100, *, like: str = "%", unlike: str = "") -> list[JobLease]:
    """The jobs that are due and not leased, the longest overdue first; of names `like` one pattern."""
    waiting = select(JobLease).where(JobLease.due_at <= now, _is_free(now))
    waiting = waiting.where(JobLease.name.like(like), JobLease.name.not_like(unlike))
    return list(session().scalars(waiting.order_by(JobLease.due_at, JobLease.name).limit(limit)))


def overdue(now: datetime) -> tuple[int, datetime | None]:
    """How many jobs are due and not leased, and when the one was due that has waited longest."""
    waiting = select(func.count(), func.min(JobLease.due_at)).where(JobLease.due_at <= now, _is_free(now))
    count, since = session().execute(waiting).one()
    return count, since


def claim(name: str, due_at: datetime, holder: str, now: datetime, lease: timedelta) -> bool:
    """Lease the job, if it is still due at `due_at` and no other worker holds it; whether that was so."""
    mine = update(JobLease).where(JobLease.name == name, JobLease.due_at == due_at, _is_free(now))
    return is_changed(mine.values(leased_until=now + lease, holder=holder))


def finish(name: str, holder: str, again_at: datetime) -> bool:
    """Give a job back, due again at `again_at`; False for one that was taken over meanwhile."""
    mine = update(JobLease).where(JobLease.name == name, JobLease.holder == holder)
    return is_changed(mine.values(due_at=again_at, leased_until=None, holder=""))


def leave(holder: str, now: datetime) -> int:
    """Give back all that a worker holds that ends before it is done; returns how many jobs that were.

    They are due at once, as they were when it took them.
    """
    mine = update(JobLease).where(JobLease.holder == holder)
    result = session().execute(mine.values(due_at=now, leased_until=None, holder=""))
    return getattr(result, "rowcount", 0)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(JobLease.leased_until.is_(None), JobLease.leased_until <= now)
