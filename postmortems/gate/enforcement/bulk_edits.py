"""Bulk edits of action items: planned, done under the closing rules, and undone.

Up to `AT_ONCE` items it is one transaction, fewer of incidents that are long. More are edited by a job, as
many at a time, so that others can write in between; it goes on where it stopped, shows how far it is, and is
undone as a whole.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import func, insert, select, update

from postmortems import clock, visibility
from postmortems.accounts import permissions
from postmortems.accounts import queries as accounts
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict
from postmortems.followup.bulk import models, plan, queries, retention
from postmortems.followup.bulk.models import BulkEdit, BulkLine
from postmortems.followup.bulk.plan import ItemFacts, Values
from postmortems.gate.enforcement import bulk_plans, item_saves
from postmortems.gate.enforcement.bulk_plans import Prepared
from postmortems.gate.enforcement.item_saves import Outcome
from postmortems.incidents.items import bulk_edit, edit_sizes
from postmortems.incidents.models import ActionItem

log = logging.getLogger(__name__)

# Items of one transaction.
AT_ONCE = 500
# The job gives back its turn after so long: its lease is short, so that another worker soon goes on with what
# one that was killed had begun.
TURN = timedelta(seconds=20)
AT_WORK = (models.RUNNING, models.UNDOING)


def begin(
    items: Iterable[ItemFacts],
    wanted: Values,
    *,
    actor: Actor,
    message: str = "",
    expected: Mapping[int, Values] | None = None,
    is_planned: bool = False,
) -> BulkEdit:
    """Plan it and do it: at once, or by the job where it is long. `is_planned`: keep the plan only.

    An item, by number, that does not say what is `expected` of it is a conflict. Raises `Invalid` at `/set`.
    """
    ready = bulk_plans.prepared(items, wanted, actor=actor, message=message, expected=expected)
    edit = _kept(ready, models.PLANNED if is_planned else models.RUNNING, actor)
    for start in range(0, len(ready.lines), AT_ONCE):
        edit.total += _keep_lines(edit.id, ready.lines[start : start + AT_ONCE])
    if not is_planned:
        _started(edit, actor)
    return edit


def start(ready: Prepared, *, actor: Actor) -> int:
    """Do what was prepared: at once, or by the job where it is long; its number. Opens units of its own."""
    is_long = len(ready.lines) > AT_ONCE
    number = keep(ready, actor=actor) if is_long else 0
    with db.transaction():
        if is_long:
            return apply(number, actor=actor).id
        edit = _kept(ready, models.RUNNING, actor)
        edit.total = _keep_lines(edit.id, ready.lines)
        _started(edit, actor)
        return edit.id


def keep(ready: Prepared, *, actor: Actor) -> int:
    """Keep a plan to be begun later; its number. Opens units of its own, so that others write in between.

    Until all of it is kept its `total` is 0, and nobody can begin it.
    """
    with db.transaction():
        edit = _kept(ready, models.PLANNED, actor)
        number, count = edit.id, 0
    for first in range(0, len(ready.lines), AT_ONCE):
        with db.transaction():
            count += _keep_lines(number, ready.lines[first : first + AT_ONCE])
            if first + AT_ONCE >= len(ready.lines):
                session().execute(update(BulkEdit).where(BulkEdit.id == number).values(total=count))
    return number


def _kept(ready: Prepared, state: str, actor: Actor) -> BulkEdit:
    """The edit without its lines."""
    edit = BulkEdit(
        values=ready.values, message=ready.message, state=state, total=0, by=actor.name, at=clock.now()
    )
    _work_as(edit, actor)
    db.insert(edit)
    return edit


def _keep_lines(number: int, lines: Sequence[dict[str, Any]]) -> int:
    """Add lines of items that are still there; how many."""
    wanted = select(ActionItem.id).where(ActionItem.id.in_([line["item_id"] for line in lines]))
    there = set(session().scalars(wanted.with_for_update(read=True, key_share=True)))
    kept = [{**line, "bulk_id": number} for line in lines if line["item_id"] in there]
    if kept:
        session().execute(insert(BulkLine), kept)
    return len(kept)


def apply(number: int, *, actor: Actor) -> BulkEdit:
    """Do what was planned. Raises `NotFound`, and `Conflict` where it was begun before."""
    edit = _held(number, actor)
    if edit.state != models.PLANNED:
        raise Conflict("this bulk edit was begun before")
    if not edit.total:
        raise Conflict("this preview was never finished: choose the items again")
    retention.refuse_forgotten(edit, clock.now())
    edit.state = models.RUNNING
    _work_as(edit, actor)
    session().flush()
    _started(edit, actor)
    return edit


def _started(edit: BulkEdit, actor: Actor) -> None:
    audit.record(actor, "bulk_edit.begun", "bulk_edit", str(edit.id), set=edit.values, items=edit.total)
    if _left(edit) <= AT_ONCE:
        step(edit, actor)


def undo(number: int, *, actor: Actor) -> BulkEdit:
    """Give the items back what they said, where nobody changed them since; the others are `kept`.

    Raises `NotFound`, and `Conflict` where it is not done, or was undone.
    """
    edit = _held(number, actor)
    if edit.state != models.DONE:
        reasons = {
            models.PLANNED: "was never begun",
            models.RUNNING: "is still at work",
            models.UNDOING: "is being undone",
            models.UNDONE: "was undone before",
        }
        raise Conflict(f"this bulk edit {reasons[edit.state]}")
    retention.refuse_forgotten(edit, clock.now())
    edit.state, edit.undone_by = models.UNDOING, actor.name
    _work_as(edit, actor)
    session().flush()
    audit.record(actor, "bulk_edit.undone", "bulk_edit", str(edit.id))
    if _left(edit) <= AT_ONCE:
        step(edit, actor)
    return edit


def _work_as(edit: BulkEdit, actor: Actor) -> None:
    edit.by_kind = actor.kind
    edit.scopes = None if actor.scopes is None else sorted(actor.scopes)


def _held(number: int, actor: Actor) -> BulkEdit:
    queries.by_id(number, actor)
    held = select(BulkEdit).where(BulkEdit.id == number).with_for_update()
    return session().scalars(held.execution_options(populate_existing=True)).one()


def _left(edit: BulkEdit) -> int:
    counted = select(func.count()).select_from(BulkLine)
    return session().scalar(counted.where(BulkLine.bulk_id == edit.id, _is_next(edit))) or 0


def _is_next(edit: BulkEdit) -> Any:
    return BulkLine.state == (models.DONE if edit.state == models.UNDOING else models.WAITING)


def step(edit: BulkEdit, actor: Actor, *, share: int = 1) -> int:
    """Do or undo the next items in one unit of work, or a `share` of what it may write; how many."""
    is_undo = edit.state == models.UNDOING
    columns = (BulkLine.item_id, BulkLine.number, BulkLine.before, BulkLine.changes, BulkLine.after)
    wanted = select(*columns, BulkLine.life).where(BulkLine.bulk_id == edit.id, _is_next(edit))
    waiting = session().execute(wanted.order_by(BulkLine.item_id).limit(AT_ONCE)).all()
    most = edit_sizes.TOGETHER if set(edit.values) <= bulk_edit.FIELDS else edit_sizes.ONE_BY_ONE
    lines = waiting[: edit_sizes.fitting([line.item_id for line in waiting], most // share)]
    edits, expected = dict[int, Values](), dict[int, dict[str, Any]]()
    for line in lines:
        before = plan.from_json(line.before)
        if is_undo:
            after = plan.from_json(line.after or {})
            edits[line.number] = {name: old for name, old in before.items() if after.get(name) != old}
            expected[line.number] = after
        else:
            edits[line.number], expected[line.number] = plan.from_json(line.changes), before
        if "tag" not in edit.values:
            # They are the incident's, and others may be about them.
            expected[line.number].pop("tags", None)
    about = f"{'Undo bulk edit' if is_undo else 'Bulk edit'} {edit.id}"
    outcome = _written(edit, edits, expected, actor, f"{about}: {edit.message}" if edit.message else about)
    _note(edit, lines, outcome, is_undo=is_undo)
    if len(lines) == len(waiting) < AT_ONCE:
        edit.state, edit.ended_at = (models.UNDONE if is_undo else models.DONE), clock.now()
    session().flush()
    return len(lines)


def _written(
    edit: BulkEdit,
    edits: Mapping[int, Values],
    expected: Mapping[int, Values],
    actor: Actor,
    message: str,
) -> Outcome:
    """Each incident once for all of its items: by few statements where no rule stands in the way."""
    if not set(edit.values) <= bulk_edit.FIELDS:
        return item_saves.save(edits, expected, actor=actor, message=message)
    said = bulk_edit.apply(edits, expected=expected, actor=actor, message=message)
    forbidden = dict.fromkeys(said.forbidden, item_saves.FORBIDDEN)
    return Outcome([*said.changed, *said.same], said.conflicts, said.missing, forbidden)


def _note(edit: BulkEdit, lines: Sequence[Any], outcome: Outcome, *, is_undo: bool) -> None:
    """What became of each line, in one statement for all."""
    done, changed = set(outcome.done), {*outcome.conflicts, *outcome.missing}
    after = {} if is_undo else _afterwards(edit, [line for line in lines if line.number in done])
    noted, lives = [], dict[int, Values]()
    for line in lines:
        code, detail = "", ""
        if line.number in done:
            state = models.UNDONE if is_undo else models.DONE
            if is_undo and line.life is not None:
                lives[line.item_id] = line.life
        elif line.number in changed:
            state = models.KEPT if is_undo else models.CONFLICT
            code, detail = "changed", "somebody changed it meanwhile"
        else:
            state = models.KEPT if is_undo else models.REFUSED
            code, detail = outcome.refused.get(line.number, ("refused", "it may not be saved so"))
        said = {"state": state, "code": code, "detail": detail, "after": after.get(line.item_id, line.after)}
        noted.append({"bulk_id": edit.id, "item_id": line.item_id, **said})
    if noted:
        session().execute(update(BulkLine), noted)
    if lives:
        _live_again(lives)


def _afterwards(edit: BulkEdit, lines: Sequence[Any]) -> dict[int, Values]:
    """By item, what it says now: read again where a rule may have had a say."""
    if set(edit.values) <= bulk_edit.FIELDS:
        return {line.item_id: line.before | line.changes for line in lines}
    return {facts.id: plan.as_json(facts.said) for facts in queries.of_keys([line.item_id for line in lines])}


def _live_again(lives: Mapping[int, Values]) -> None:
    """An undo is no second opening: the items were opened and closed when they were."""
    for item in session().scalars(select(ActionItem).where(ActionItem.id.in_(lives))):
        db.change(item, **{name: _instant(name, value) for name, value in lives[item.id].items()})
    session().flush()


def _instant(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name.endswith("_at") and value else value


def work() -> int:
    """Go on with what is at work for a turn, a unit of work after another; how many items. A job calls it."""
    retention.forget(clock.now())
    ends_at = monotonic() + TURN.total_seconds()
    with db.reading():
        numbers = list(session().scalars(select(BulkEdit.id).where(BulkEdit.state.in_(AT_WORK))))
    count = 0
    for number in sorted(numbers):
        try:
            while done := _go_on(number):
                count += done
                if monotonic() >= ends_at:
                    return count
        except Exception:
            # What is wrong with one must not hold up the others; it is tried again at the next turn.
            log.exception("bulk edit %s could not go on", number)
    return count


def _go_on(number: int) -> int:
    with db.reading():
        edit = session().get(BulkEdit, number)
        actor = _worker_of(edit) if edit is not None else None
    if actor is None:
        with db.transaction():
            _give_up(number)
        return 0
    viewer = visibility.EVERYTHING if actor.kind == "system" else visibility.Viewer(actor.name)
    with visibility.seen_by(viewer), db.transaction():
        held = select(BulkEdit).where(BulkEdit.id == number, BulkEdit.state.in_(AT_WORK)).with_for_update()
        edit = session().scalars(held).one_or_none()
        return 0 if edit is None else step(edit, actor, share=edit_sizes.BY_JOB)


def _worker_of(edit: BulkEdit) -> Actor | None:
    """Who asked, with the roles of today; None for an account that is gone, switched off or may no longer."""
    name = edit.undone_by or edit.by
    if edit.by_kind == "system":
        return Actor.system(name)
    user = accounts.named(name)
    if user is None or not user.is_active:
        return None
    scopes = None if edit.scopes is None else frozenset(edit.scopes)
    actor = Actor(
        kind=edit.by_kind, name=user.name, role=user.role, user_id=user.id, scopes=scopes,
        team_roles=teams.roles_of(user.id),
    )  # fmt: skip
    return actor if permissions.may_anywhere(actor, "item.edit") else None


def _give_up(number: int) -> None:
    """Nobody is left who may do the rest: its lines say so."""
    held = select(BulkEdit).where(BulkEdit.id == number, BulkEdit.state.in_(AT_WORK)).with_for_update()
    edit = session().scalars(held).one_or_none()
    if edit is None:
        return
    is_undo = edit.state == models.UNDOING
    rest = update(BulkLine).where(BulkLine.bulk_id == number, _is_next(edit))
    rest = rest.values(
        state=models.KEPT if is_undo else models.REFUSED,
        code="account",
        detail=f"{edit.undone_by or edit.by} may not edit items any more",
    )
    session().execute(rest.execution_options(synchronize_session=False))
    edit.state, edit.ended_at = (models.UNDONE if is_undo else models.DONE), clock.now()


def missing(numbers: Iterable[int], items: Iterable[ItemFacts]) -> list[int]:
    """Those of the numbers that no item has, as far as the viewer may know."""
    return sorted(set(numbers) - {facts.number for facts in items})
