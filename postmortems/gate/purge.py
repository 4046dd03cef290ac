"""Retention: removes old verdicts, probe results, dry runs and messages to other systems, in small batches.

What stays for ever: real decisions with their answers, what they cite, attestations and deploys; and of each
guard on each target the newest verdict of a real decision, for it is what shows the guard to be enforced.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select, true
from sqlalchemy.orm import aliased

from postmortems.db import partitions
from postmortems.db import session as db
from postmortems.db.partitions import Part
from postmortems.db.session import session
from postmortems.gate.models import Claim, Decision
from postmortems.guards import answers
from postmortems.guards.models import Evaluation, Evidence, GuardTarget, LastSaid, Service, Target
from postmortems.jobs import batches

# Who asked us, or was told something, is known for so long in any case: senders repeat themselves, and a job
# may wait for an answer for a month.
KNOWN_FOR = timedelta(days=30)
# What was said last serves for an hour; whose clock lags may still be in it.
SAID_FOR = timedelta(days=1)
# Ids follow time closely. Of so many rows behind one that is young the first old one is looked for: a clock
# that was ahead for a while dates rows so, and older ones come after them.
LOOKED_AHEAD = 20_000
VERDICTS = Evaluation.__tablename__


def remove(now: datetime, *, keep_days: int, exchanged: Iterable[batches.Batch] = ()) -> int:
    """Remove what is older than the operator wants to keep; 0 keeps everything. Returns how many rows went.

    `exchanged`: what was exchanged with other systems, which rooms to the right know how to remove.
    """
    with db.transaction():
        session().execute(delete(Claim).where(Claim.ends_at <= now))
        session().execute(delete(LastSaid).where(LastSaid.hour < now - SAID_FOR))
    if not keep_days:
        return 0
    keep = timedelta(days=keep_days)
    count = batches.walk(_verdicts, _without_months(now - keep))
    count += sum(batches.walk(batch, now - keep) for batch in (_looks, _dry_runs))
    return count + sum(batches.walk(batch, now - max(keep, KNOWN_FOR)) for batch in exchanged)


def _without_months(before: datetime) -> datetime:
    """Take away the months of verdicts that are over; before which instant the others go one by one."""
    with db.reading():
        before = partitions.due(VERDICTS, before)
        months = partitions.whole(VERDICTS, before)
    for month in months:
        with db.reading():
            ids = _newest(month)
        partitions.remove(month, lambda loose, ids=ids: select(loose.c.id).where(loose.c.id.in_(ids)))  # type: ignore[misc]
    return before


def _newest(month: Part) -> list[int]:
    """The verdicts of a month that stay: of each guard on each of its targets, asked for one by one.

    To read the whole month for them would take as long as it has rows.
    """
    pairs = (
        select(GuardTarget.guard_id, (Service.name + "/" + Target.name).label("target"))
        .join(Target, Target.id == GuardTarget.target_id)
        .join(Service, Service.id == Target.service_id)
        .subquery()
    )
    said, newer = aliased(Evaluation), aliased(Evaluation)

    def of_pair(verdict: type[Evaluation]) -> tuple[ColumnElement[bool], ...]:
        by_decision = verdict.purpose == "decision"
        return verdict.guard_id == pairs.c.guard_id, verdict.target == pairs.c.target, by_decision

    begins = [said.at >= month.begins] if month.begins else []
    last = (
        select(said.id)
        .where(*of_pair(said), said.at < month.ends, *begins)
        .order_by(said.at.desc())
        .limit(1)
        .lateral()
    )
    later = exists().where(*of_pair(newer), newer.at >= month.ends)
    rows = session().execute(select(last.c.id).select_from(pairs).join(last, true()).where(~later))
    return [row.id for row in rows]


def _verdicts(before: datetime, after: object) -> tuple[object, int]:
    page = select(Evaluation.id, Evaluation.at).where(Evaluation.id > (after or 0))
    rows = session().execute(page.order_by(Evaluation.id).limit(batches.BATCH)).all()
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
    if gone:
        session().execute(delete(Evaluation).where(Evaluation.id.in_(gone)))
    return _next(rows, bool(old), Evaluation.id, Evaluation.at < before), len(gone)


def _looks(before: datetime, after: object) -> tuple[object, int]:
    ours = (Evidence.kind == "observation", Evidence.decision_id == "")
    page = select(Evidence.id, Evidence.received_at).where(Evidence.id > (after or 0), *ours)
    rows = session().execute(page.order_by(Evidence.id).limit(batches.BATCH)).all()
    old = [row.id for row in rows if row.received_at < before]
    session().execute(delete(Evidence).where(Evidence.id.in_(old)))
    return _next(rows, bool(old), Evidence.id, Evidence.received_at < before, *ours), len(old)


def _next(
    rows: Sequence[Any], has_old: bool, key: Any, is_old: ColumnElement[bool], *ours: ColumnElement[bool]
) -> object:
    """Behind which id the walk goes on after a page of these rows; None where nothing old is in sight."""
    if len(rows) < batches.BATCH:
        return None
    last: int = rows[-1].id
    if has_old:
        return last
    first = select(func.min(key)).where(key > last, key <= last + LOOKED_AHEAD, is_old, *ours)
    found = session().scalar(first)
    return None if found is None else found - 1


def _dry_runs(before: datetime, after: object) -> tuple[object, int]:
    page = select(Decision.id).where(
        Decision.id > (after or ""), Decision.id < answers.first_id(before), Decision.is_dry_run
    )
    old = list(session().scalars(page.order_by(Decision.id).limit(batches.BATCH)))
    session().execute(delete(Decision).where(Decision.id.in_(old)))
    return (old[-1] if len(old) == batches.BATCH else None), len(old)
