"""Bulk edits on both databases: kept plans, undo, what is forgotten, and what others do at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from postmortems import visibility
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Category, Document, Item, Section
from postmortems.errors import Conflict
from postmortems.followup.bulk import queries
from postmortems.followup.bulk.models import BulkEdit, BulkLine
from postmortems.gate.enforcement import bulk_edits, bulk_plans, save_incident
from postmortems.gate.tallies import recount
from postmortems.incidents import operations as incident_operations
from postmortems.incidents.items import edit_sizes
from postmortems.incidents.models import Incident, Revision
from postmortems.visibility import Viewer
from postmortems.worker import PERIODIC_JOBS
from tests import world as worlds
from tests.conftest import Clock
from tests.statements import counted
from tests.world import World


@pytest.fixture
def world(any_database: str) -> World:
    with visibility.seen_by(Viewer("ada")):
        return worlds.build()


def outage(world: World, count: int) -> None:
    items = (Category("Process"), *(Item(f"Do {n}", guardability="attestable") for n in range(count)))
    document = Document(title="Outage", sections=(Section("Action items", items),))
    with db.transaction():
        save_incident.save(None, document, version=None, actor=world.ben)


def plan(world: World, numbers: list[int], **wanted: object) -> int:
    with db.transaction():
        items = queries.of_numbers(numbers)
        return bulk_edits.begin(items, wanted, actor=world.ada, is_planned=True).id


def prepared(world: World, numbers: list[int], **wanted: object) -> bulk_plans.Prepared:
    with db.reading():
        return bulk_plans.prepared(queries.of_numbers(numbers), wanted, actor=world.ada)


def states(number: int) -> dict[str, int]:
    with db.reading():
        return queries.counts(number)


def test_a_plan_is_kept_applied_once_and_undone_once(world: World) -> None:
    outage(world, 3)
    number = plan(world, [1, 2, 3], status="done", owner="kim")
    assert states(number) == {"waiting": 3}

    with db.transaction():
        bulk_edits.apply(number, actor=world.ada)
    assert states(number) == {"done": 3}
    with pytest.raises(Conflict, match="begun before"), db.transaction():
        bulk_edits.apply(number, actor=world.ada)

    with db.transaction():
        bulk_edits.undo(number, actor=world.ada)
    assert states(number) == {"undone": 3}
    with db.reading():
        assert [(each.status, each.said["owner"]) for each in queries.of_numbers([1, 2, 3])] == [
            ("open", "")
        ] * 3


def test_a_plan_is_kept_some_lines_at_a_time_and_nobody_begins_half_of_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage(world, 5)
    ready = prepared(world, [1, 2, 3, 4, 5], owner="kim")
    monkeypatch.setattr(bulk_edits, "AT_ONCE", 2)
    whole = bulk_edits.keep(ready, actor=world.ada)
    # Whoever keeps another one dies on the way.
    del ready.lines[4]["item_id"]
    with pytest.raises(KeyError):
        bulk_edits.keep(ready, actor=world.ada)

    assert (states(whole), states(whole + 1)) == ({"waiting": 5}, {"waiting": 4})
    with pytest.raises(Conflict, match="never finished"), db.transaction():
        bulk_edits.apply(whole + 1, actor=world.ada)
    with db.transaction():
        assert bulk_edits.apply(whole, actor=world.ada).total == 5


def test_an_item_that_goes_before_its_line_is_kept_is_no_part_of_the_plan(world: World) -> None:
    outage(world, 2)
    outage(world, 1)
    ready = prepared(world, [1, 2, 3], owner="kim")
    with db.transaction():
        [last] = queries.of_numbers([3])
        incident_operations.delete(last.slug, actor=world.ben)

    number = bulk_edits.start(ready, actor=world.ada)

    assert states(number) == {"done": 2}


def test_the_job_gives_back_its_turn_long_before_its_lease_ends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PERIODIC_JOBS["bulk-edits"].lease > 2 * bulk_edits.TURN
    outage(world, 5)
    ready = prepared(world, [1, 2, 3, 4, 5], owner="kim")
    monkeypatch.setattr(bulk_edits, "AT_ONCE", 2)
    number = bulk_edits.start(ready, actor=world.ada)
    with monkeypatch.context() as hasty:
        hasty.setattr(bulk_edits, "TURN", timedelta())
        assert bulk_edits.work() == 2
    assert states(number) == {"done": 2, "waiting": 3}

    bulk_edits.work()

    assert states(number) == {"done": 5}


def test_an_item_that_changes_between_preview_and_applying_is_a_conflict(world: World) -> None:
    outage(world, 2)
    number = plan(world, [1, 2], due=date(2026, 9, 1))
    with db.transaction():
        save_incident.edit_item("AI-1", {"priority": "P0"}, actor=world.ben)

    with db.transaction():
        bulk_edits.apply(number, actor=world.ada)

    assert states(number) == {"conflict": 1, "done": 1}


def test_a_plan_that_nobody_began_is_forgotten_after_a_day_and_one_that_is_done_later(
    world: World, clock: Clock
) -> None:
    outage(world, 2)
    kept = plan(world, [1], priority="P1")
    with db.transaction():
        bulk_edits.apply(kept, actor=world.ada)
    plan(world, [2], priority="P1")

    clock.advance(days=2)
    bulk_edits.work()

    with db.reading():
        assert [edit.id for edit in session().query(BulkEdit)] == [kept]
    clock.advance(days=90)
    bulk_edits.work()
    with db.reading():
        assert session().query(BulkEdit).count() == 0


def test_an_old_plan_is_begun_and_an_old_edit_undone_by_nobody_though_it_is_still_there(
    world: World, clock: Clock
) -> None:
    outage(world, 2)
    done, planned = plan(world, [1], priority="P1"), plan(world, [2], priority="P1")
    with db.transaction():
        bulk_edits.apply(done, actor=world.ada)

    clock.advance(days=2)
    with pytest.raises(Conflict, match="choose the items again"), db.transaction():
        bulk_edits.apply(planned, actor=world.ada)
    clock.advance(days=90)
    with pytest.raises(Conflict, match="more than 90 days old"), db.transaction():
        bulk_edits.undo(done, actor=world.ada)

    assert (states(done), states(planned)) == ({"done": 1}, {"waiting": 1})


def test_an_edit_of_many_items_takes_as_many_statements_as_one_of_few(world: World) -> None:
    outage(world, 40)
    numbers = [
        plan(world, list(range(1, count + 1)), priority=priority)
        for count, priority in ((2, "P1"), (40, "P2"))
    ]
    taken = []
    for number in numbers:
        with counted() as statements, db.transaction():
            bulk_edits.apply(number, actor=world.ada)
        taken.append(len(statements))

    assert taken[1] <= taken[0] + 2


@pytest.mark.parametrize("change", [{"priority": "P1"}, {"status": "in_progress"}], ids=str)
def test_an_edit_of_long_incidents_is_begun_and_goes_on_by_the_job(
    world: World, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    monkeypatch.setattr(edit_sizes, "TOGETHER", 3)
    monkeypatch.setattr(edit_sizes, "ONE_BY_ONE", 3)
    for _ in range(3):
        outage(world, 2)
    number = plan(world, [1, 2, 3, 4, 5, 6], **change)
    seen = []
    for act in (bulk_edits.apply, bulk_edits.undo):
        with db.transaction():
            act(number, actor=world.ada)
        seen.append(states(number))
        bulk_edits.work()
        seen.append(states(number))

    # An incident that is begun is edited whole.
    assert seen == [{"done": 2, "waiting": 4}, {"done": 6}, {"undone": 2, "done": 4}, {"undone": 6}]


OF_ADA = {"owner": "ada-did", "due": date(2026, 9, 1)}
OF_BEN = {"owner": "ben-did", "due": date(2026, 10, 1)}
NUMBERS = list(range(1, 13))
# With a status the rules have a say, and each incident is saved by itself.
BY_ITSELF = pytest.mark.parametrize("more", [{}, {"status": "in_progress"}], ids=["together", "by itself"])


@pytest.fixture
def incidents(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Twelve items of four incidents, edited three at a time: an edit is many units of work."""
    monkeypatch.setattr(bulk_edits, "AT_ONCE", 3)
    for _ in range(4):
        outage(world, 3)
    return world


def at_once(*acts: Callable[[], object]) -> None:
    """Do all that, each in a thread of its own, as near to the same moment as threads come."""
    ready = threading.Barrier(len(acts))

    def act(one: Callable[[], object]) -> None:
        ready.wait()
        with visibility.seen_by(visibility.EVERYTHING):
            one()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(act, one) for one in acts]:
            done.result()


def begun(number: int, world: World) -> None:
    with db.transaction():
        bulk_edits.apply(number, actor=world.ada)


def said() -> dict[int, dict[str, object]]:
    with db.reading():
        return {each.number: dict(each.said) for each in queries.of_numbers(NUMBERS)}


def lines(number: int) -> dict[int, str]:
    with db.reading():
        rows = session().execute(select(BulkLine.number, BulkLine.state).where(BulkLine.bulk_id == number))
        return {row.number: row.state for row in rows}


def nothing_is_half_written() -> None:
    """Each version has its text, and what lists and reports keep is what the items say."""
    with db.reading():
        kept = select(func.count()).where(Revision.incident_id == Incident.id).scalar_subquery()
        rows = session().execute(select(Incident.slug, Incident.version, kept)).all()
        assert [slug for slug, version, count in rows if version != count] == []
        assert list(recount.differences()) == []


@BY_ITSELF
def test_of_two_bulk_edits_at_once_each_item_gets_one_whole(incidents: World, more: dict[str, Any]) -> None:
    plans = {plan(incidents, NUMBERS, **wanted): wanted for wanted in (OF_ADA | more, OF_BEN | more)}
    for number in plans:
        begun(number, incidents)

    at_once(*[bulk_edits.work] * 3)

    states, items = {number: lines(number) for number in plans}, said()
    for item in NUMBERS:
        assert sorted(each[item] for each in states.values()) == ["conflict", "done"]
        (winner,) = (number for number, each in states.items() if each[item] == "done")
        assert items[item] | plans[winner] == items[item]
    nothing_is_half_written()


def edits(world: World) -> list[Callable[[], object]]:
    """Somebody else gives every other item another owner, one by one and backwards."""

    def edit() -> None:
        for number in NUMBERS[::-2]:
            with db.transaction():
                save_incident.edit_item(f"AI-{number}", {"owner": "cy"}, actor=world.ben)

    return [edit]


@BY_ITSELF
def test_a_bulk_edit_leaves_what_somebody_edits_at_the_same_moment(
    incidents: World, more: dict[str, Any]
) -> None:
    number = plan(incidents, NUMBERS, **OF_ADA, **more)
    begun(number, incidents)

    at_once(bulk_edits.work, *edits(incidents))

    items = said()
    for item, state in lines(number).items():
        owner, due = items[item]["owner"], items[item]["due"]
        if item not in NUMBERS[::-2]:
            assert (state, owner, due) == ("done", OF_ADA["owner"], OF_ADA["due"])
        else:
            # Whoever came first: nobody's edit is lost, and the bulk edit is there whole or not at all.
            assert (owner, state, due) in {("cy", "conflict", None), ("cy", "done", OF_ADA["due"])}
    nothing_is_half_written()


@BY_ITSELF
def test_an_undo_leaves_what_somebody_edits_at_the_same_moment(
    incidents: World, more: dict[str, Any]
) -> None:
    number = plan(incidents, NUMBERS, **OF_ADA, **more)
    begun(number, incidents)
    bulk_edits.work()
    with db.transaction():
        bulk_edits.undo(number, actor=incidents.ada)

    at_once(bulk_edits.work, *edits(incidents))

    items = said()
    for item, state in lines(number).items():
        owner, due = items[item]["owner"], items[item]["due"]
        if item not in NUMBERS[::-2]:
            assert (state, owner, due) == ("undone", "", None)
        else:
            assert (owner, state, due) in {("cy", "kept", OF_ADA["due"]), ("cy", "undone", None)}
    nothing_is_half_written()


def test_of_two_who_apply_or_undo_the_same_edit_at_once_one_does(incidents: World) -> None:
    number = plan(incidents, NUMBERS[:2], **OF_ADA)
    for act in (bulk_edits.apply, bulk_edits.undo):
        refused: list[str] = []

        def once(act: Any = act, refused: list[str] = refused) -> None:
            try:
                with db.transaction():
                    act(number, actor=incidents.ada)
            except Conflict as conflict:
                refused.append(str(conflict))

        at_once(*[once] * 3)

        assert len(refused) == 2, refused
    assert lines(number) == {1: "undone", 2: "undone"}
    nothing_is_half_written()
