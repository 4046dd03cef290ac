"""Bulk edits on both databases: kept plans, closing one by one, undo, and what is forgotten."""

from __future__ import annotations

from datetime import date

import pytest

from postmortems import visibility
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Category, Document, Item, Section
from postmortems.errors import Conflict
from postmortems.followup.bulk import queries
from postmortems.followup.bulk.models import BulkEdit
from postmortems.gate.enforcement import bulk_edits, save_incident
from postmortems.visibility import Viewer
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
