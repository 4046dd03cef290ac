"""Remove what nobody will ask for any more, in small batches: old verdicts, looks and dry runs.

What stays for ever: real decisions with their answers, what they cite, attestations and deploys; and of each
guard on each target the newest verdict of a real decision, for it is what shows the guard to be enforced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import aliased

from postmortems.db import session as db
from postmortems.db.session import Base, session
from postmortems.gate.decisions import answer
from postmortems.gate.models import Claim, Decision
from postmortems.guards.models import Evaluation, Evidence

# How much is removed in one unit of work, so that nobody else waits long, and in one turn of the worker.
BATCH = 500
BATCHES = 400
# Who asked us, or was told something, is known for so long in any case: senders repeat themselves, and a job
# may wait for an answer for a month.
KNOWN_FOR = timedelta(days=30)

_keep = timedelta(0)

# Removes some of what is older than the instant, behind a key; returns the next key, None at the end, and
# how many.
Batch = Callable[[datetime, object], tuple[object, int]]


def configure(days: int) -> None:
    """Keep so many days; 0 keeps everything."""
    global _keep
    _keep = timedelta(days=days)


def remove(now: datetime, exchanged: Iterable[Batch] = ()) -> int:
    """Remove what is older than the operator wants to keep. Returns how many rows went.

    `exchanged`: what was exchanged with other systems, which rooms to the right know how to remove.
    """
    with db.transaction():
        session().execute(delete(Claim).where(Claim.ends_at <= now))
    if not _keep:
        return 0
    count = sum(_walk(batch, now - _keep) for batch in (_verdicts, _looks, _dry_runs))
    return count + sum(_walk(batch, now - max(_keep, KNOWN_FOR)) for batch in exchanged)


def some(row: type[Base], key: Any, *is_old: ColumnElement[bool]) -> tuple[object, int]:
    """A batch of rows by their key: who is no longer old by the time it is removed stays."""
    old = list(session().scalars(select(key).where(*is_old).limit(BATCH)))
    result = session().execute(delete(row).where(key.in_(old), *is_old)) if old else None
    return (old[-1] if len(old) == BATCH else None), getattr(result, "rowcount", 0)


def _walk(batch: Batch, before: datetime) -> int:
    """Batch by batch along the key, for the oldest come first, until one finds nothing old."""
    after: object = None
    count = 0
    for _ in range(BATCHES):
        with db.transaction():
            after, removed = batch(before, after)
        count += removed
        if after is None:
            break
    return count


def _verdicts(before: datetime, after: object) -> tuple[object, int]:
    page = select(Evaluation.id, Evaluation.at).where(Evaluation.id > (after or 0))
    rows = session().execute(page.order_by(Evaluation.id).limit(BATCH)).all()
    old = [row.id for row in rows if row.at < before]
    newer = aliased(Evaluation)
    is_newest = ~exists().where(
        newer.guard_id == Evaluation.guard_id,
        newer.at > Evaluation.at,
        newer.target == Evaluation.target,
        newer.purpose == "decision",
    )
    kept = select(Evaluation.id).where(
        Evaluation.id.in_(old),
        Evaluation.purpose == "decision",
        Evaluation.guard_id.is_not(None),
        is_newest,
    )
    gone = set(old) - set(session().scalars(kept)) if old else set()
    session().execute(delete(Evaluation).where(Evaluation.id.in_(gone)))
    # Ids follow time closely: where nothing is old, nothing after it is.
    return (rows[-1].id if old and len(rows) == BATCH else None), len(gone)


def _looks(before: datetime, after: object) -> tuple[object, int]:
    page = select(Evidence.id, Evidence.received_at).where(
        Evidence.id > (after or 0), Evidence.kind == "observation", Evidence.decision_id == ""
    )
    rows = session().execute(page.order_by(Evidence.id).limit(BATCH)).all()
    old = [row.id for row in rows if row.received_at < before]
    session().execute(delete(Evidence).where(Evidence.id.in_(old)))
    return (rows[-1].id if old and len(rows) == BATCH else None), len(old)


def _dry_runs(before: datetime, after: object) -> tuple[object, int]:
    page = select(Decision.id).where(
        Decision.id > (after or ""), Decision.id < answer.first_id(before), Decision.is_dry_run
    )
    old = list(session().scalars(page.order_by(Decision.id).limit(BATCH)))
    session().execute(delete(Decision).where(Decision.id.in_(old)))
    return (old[-1] if len(old) == BATCH else None), len(old)
