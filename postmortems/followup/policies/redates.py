"""Dates items anew by a changed policy, and takes it back.

What one unit of work may decide is one transaction with the change itself. The rest is decided and dated by a
job, a short unit of work after another, so that others can write in between. It goes on where it stopped,
shows how far it is, and is undone as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from postmortems import clock, visibility
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import by_key, session
from postmortems.errors import Conflict, Invalid
from postmortems.followup.policies import operations, queries, redate_plan
from postmortems.followup.policies.due_dates import DuePolicy
from postmortems.followup.policies.models import ItemDeadline, Redate, RedateLine, StoredPolicy
from postmortems.followup.policies.operations import PolicyValues
from postmortems.followup.policies.redate_plan import Change, Preview
from postmortems.incidents.items import bulk_edit, edit_sizes
from postmortems.incidents.models import ActionItem
from postmortems.jobs import batches

# Items of one transaction.
AT_ONCE = 1_000
# The job gives back its turn after so long: its lease is short, so that another worker soon goes on with what
# one that was killed had begun.
TURN = timedelta(seconds=20)
# It can be undone for so long.
KEPT_FOR = timedelta(days=90)
RUNNING, DONE, UNDOING, UNDONE, KEPT = "running", "done", "undoing", "undone", "kept"


def preview(number: int | None, values: PolicyValues, *, with_undated: bool, actor: Actor) -> Preview:
    """What would happen to the items that there are if the policy said this; `number` None for a new one.

    Restricted incidents count for those alone whom they name. Raises `Invalid`, `NotFound`.
    """
    permissions.require(actor, "due_policy.edit")
    if number is not None:
        queries.policy(number)
    # A row of its own, which is never stored.
    with session().no_autoflush:
        policy = queries.as_policy(operations.filled(StoredPolicy(id=number or 0), values))
    return redate_plan.preview(policy, clock.now(), with_undated=with_undated)


def save(
    number: int | None, values: PolicyValues, *, version: int | None, with_undated: bool, actor: Actor
) -> Redate:
    """Make or change a policy, and date the items anew that it is about. Raises as `operations` does.

    Those whom a restricted incident does not name leave its items alone.
    """
    permissions.require(actor, "due_policy.edit")
    before = None
    if number is None:
        row = operations.create(values, actor=actor)
    else:
        _refuse_running(number)
        before = operations.values_of(queries.policy(number))
        row = operations.change(number, values, version=version, actor=actor)
    policy = queries.named(row.id)
    run = Redate(
        policy_id=row.id,
        title=policy.title,
        before=before and operations.said(before),
        after=operations.said(values),
        by=actor.name,
        by_kind=actor.kind,
        at=clock.now(),
        state=RUNNING,
        with_undated=with_undated,
        decided_to=0,
        decides_to=redate_plan.newest_key(),
    )
    db.insert(run)
    audit.record(actor, "due_policy.redated", "due_policy", str(row.id), run=run.id, policy=policy.title)
    _decide(run, policy)
    _step(run, actor)
    return run


def undo(number: int, *, actor: Actor) -> Redate:
    """Give the items back their dates, and the policy what it said, where nobody changed it since.

    A date that somebody changed since stays. Raises `NotFound`, and `Conflict` where it is not
    `done`, or was so long ago that its lines are forgotten.
    """
    permissions.require(actor, "due_policy.edit")
    run = _held(number)
    if run.state != DONE:
        told = {RUNNING: "is still at work", UNDOING: "is being undone", UNDONE: "was undone before"}
        raise Conflict(f"this {told[run.state]}")
    if run.ended_at is not None and run.ended_at < clock.now() - KEPT_FOR:
        # Some of its lines may be gone already.
        raise Conflict(f"this ended more than {KEPT_FOR.days} days ago, too long to be undone")
    run.state, run.undone_by = UNDOING, actor.name
    session().flush()
    policy = session().get(StoredPolicy, run.policy_id) if run.policy_id is not None else None
    if policy is not None and run.before and operations.values_of(policy) == operations.unsaid(run.after):
        operations.change(policy.id, operations.unsaid(run.before), version=None, actor=actor)
    audit.record(actor, "due_policy.redate_undone", "due_policy", str(run.policy_id or ""), run=run.id)
    if _waiting(run) <= AT_ONCE:
        _step(run, actor)
    return run


def work() -> bool:
    """Do one unit of work of what is at work; whether there was any. The job calls it while there is."""
    with visibility.seen_by(visibility.EVERYTHING), db.transaction():
        at_work = select(Redate.id).where(Redate.state.in_((RUNNING, UNDOING))).order_by(Redate.id).limit(1)
        number = session().scalar(at_work)
        if number is None:
            return False
        run = _held(number)
        if run.state == RUNNING and run.decided_to is not None and not _waiting(run):
            # A unit of its own: the gate waits for each.
            with visibility.seen_by(_eyes(run)):
                _decide(run, _as_saved(run))
            return True
        name = run.undone_by if run.state == UNDOING else run.by
        _step(run, replace(Actor.system(name), kind=run.by_kind), share=edit_sizes.BY_JOB)
        return True


def work_all() -> None:
    """What is at work, a transaction after another, for a turn: the job's lease is short."""
    ends_at = monotonic() + TURN.total_seconds()
    while work() and monotonic() < ends_at:
        pass


def forget(now: datetime) -> None:
    """Remove what ended so long ago that nobody undoes it any more, some lines at a time. A job calls it."""
    old = select(Redate.id).where(Redate.state.in_((DONE, UNDONE)), Redate.ended_at < now - KEPT_FOR)
    with db.reading():
        numbers = session().scalars(old).all()
    for number in numbers:
        whole = delete(Redate).where(Redate.id == number)
        batches.with_parts(whole, RedateLine, RedateLine.item_id, RedateLine.redate_id == number, now)


def counts(run: Redate) -> dict[str, int]:
    """How many of its items are done, kept, undone, or still waiting (""), as far as the viewer may know."""
    counted = select(RedateLine.state, func.count()).select_from(RedateLine)
    # The day to assign it by may move alone; that is no date of the item.
    counted = counted.where(RedateLine.old_due.is_distinct_from(RedateLine.new_due))
    counted = counted.join(ActionItem, ActionItem.id == RedateLine.item_id)
    rows = session().execute(counted.where(RedateLine.redate_id == run.id).group_by(RedateLine.state))
    return {row[0]: row[1] for row in rows}


def latest(policy_id: int | None = None, limit: int = 10) -> list[Redate]:
    """The newest first, of one policy or of all."""
    wanted = select(Redate).order_by(Redate.id.desc()).limit(limit)
    if policy_id is not None:
        wanted = wanted.where(Redate.policy_id == policy_id)
    return list(session().scalars(wanted))


def named(number: int) -> Redate:
    """One by its number. Raises `NotFound`."""
    return by_key(Redate, number, f"there is no run {number}")


def _held(number: int) -> Redate:
    return db.existing(
        select(Redate).where(Redate.id == number).with_for_update(), f"there is no run {number}"
    )


def _refuse_running(policy_id: int) -> None:
    at_work = select(Redate.id).where(Redate.policy_id == policy_id, Redate.state.in_((RUNNING, UNDOING)))
    if session().scalar(at_work.limit(1)) is not None:
        raise Conflict("this policy is still dating items anew: wait until it is done")


def _eyes(run: Redate) -> visibility.Viewer:
    """Whose eyes decide: what is restricted is left alone for those whom it does not name."""
    is_own = run.by_kind == "system"
    return visibility.EVERYTHING if is_own else visibility.Viewer(run.by)


def _as_saved(run: Redate) -> DuePolicy | None:
    """The policy as it was saved with this run, whatever was saved since; None where it is gone by now."""
    if run.policy_id is None or session().get(StoredPolicy, run.policy_id) is None:
        return None
    try:
        # A row of its own, which is never stored.
        with session().no_autoflush:
            return queries.as_policy(
                operations.filled(StoredPolicy(id=run.policy_id), operations.unsaid(run.after))
            )
    except Invalid:
        # Its team or its calendar is gone.
        return None


def _decide(run: Redate, policy: DuePolicy | None) -> None:
    """Keep what is to be done with the next items. A policy that is gone dates no more of them."""
    if policy is None or run.decided_to is None:
        run.decided_to = None
        return
    planned, run.decided_to = redate_plan.some_changes(
        policy, run.at, with_undated=run.with_undated, after=run.decided_to, until=run.decides_to
    )
    _keep(run, [change for change in planned if change.is_written])


def _keep(run: Redate, planned: Iterable[Change]) -> None:
    lines = [
        {
            "redate_id": run.id,
            "item_id": change.item_id,
            "number": change.number,
            "old_due": change.old_due,
            "new_due": change.new_due,
            "before": change.before,
            "after": change.after,
            "state": "",
        }
        for change in planned
    ]
    if lines:
        session().execute(insert(RedateLine), lines)


def _waiting(run: Redate) -> int:
    state = DONE if run.state == UNDOING else ""
    counted = select(func.count()).select_from(RedateLine)
    return session().scalar(counted.where(RedateLine.redate_id == run.id, RedateLine.state == state)) or 0


def _step(run: Redate, actor: Actor, *, share: int = 1) -> None:
    """Do or undo the next items, or a `share` of what one unit of work may write."""
    is_undone = run.state == UNDOING
    wanted = select(RedateLine).where(
        RedateLine.redate_id == run.id, RedateLine.state == (DONE if is_undone else "")
    )
    waiting = session().scalars(wanted.order_by(RedateLine.item_id).limit(AT_ONCE)).all()
    lines = waiting[: edit_sizes.fitting([line.item_id for line in waiting], edit_sizes.TOGETHER // share)]
    dues = {line.number: (line.old_due, line.new_due) for line in lines if line.old_due != line.new_due}
    outcome = bulk_edit.apply(
        {number: {"due": old if is_undone else new} for number, (old, new) in dues.items()},
        expected={number: {"due": new if is_undone else old} for number, (old, new) in dues.items()},
        actor=actor,
        message=f"{'Due dates before' if is_undone else 'Due dates by'} the policy for {run.title}",
    )
    kept = {*outcome.conflicts, *outcome.missing}
    _beside([line for line in lines if line.number not in kept], is_undone=is_undone)
    for state, some in (
        (KEPT, [line.item_id for line in lines if line.number in kept]),
        (UNDONE if is_undone else DONE, [line.item_id for line in lines if line.number not in kept]),
    ):
        if some:
            done = update(RedateLine).where(RedateLine.redate_id == run.id, RedateLine.item_id.in_(some))
            session().execute(done.values(state=state).execution_options(synchronize_session=False))
    if len(lines) == len(waiting) < AT_ONCE and (is_undone or run.decided_to is None):
        run.state, run.ended_at = UNDONE if is_undone else DONE, clock.now()
    session().flush()
    for line in waiting:
        session().expunge(line)


def _beside(lines: Sequence[RedateLine], *, is_undone: bool) -> None:
    """Have what stands beside the items say what it is to say; exceptions that ended before stay noted."""
    said = {line.item_id: line.before if is_undone else line.after for line in lines}
    there = session().scalars(select(ItemDeadline).where(ItemDeadline.item_id.in_(said)))
    known = {row.item_id: row for row in there}
    policies = set(session().scalars(select(StoredPolicy.id)))
    gone = [id for id, values in said.items() if values is None]
    if gone:
        session().execute(delete(ItemDeadline).where(ItemDeadline.item_id.in_(gone)))
    for id, values in said.items():
        if values is not None:
            row = known.get(id) or ItemDeadline(item_id=id, exception_reason="")
            row.policy_id = values["policy_id"] if values["policy_id"] in policies else None
            row.committed_at = datetime.fromisoformat(values["committed_at"])
            row.assign_by, row.due = _day(values["assign_by"]), _day(values["due"])
            session().add(row)
    session().flush()


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
