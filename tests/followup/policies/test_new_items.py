"""What a save adds to items that are new as commitments."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from postmortems.db import session as db
from postmortems.document.model import Category, Document, Item, Section
from postmortems.followup.policies import operations, queries
from postmortems.followup.policies.operations import PolicyValues
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import rows
from postmortems.incidents.models import Incident
from tests.conftest import Clock
from tests.world import World

TWO_WEEKS = PolicyValues(complete_days=14, assign_days=1)


@pytest.fixture(autouse=True)
def _policy(any_database: str, world: World, clock: Clock) -> None:
    policy(world, TWO_WEEKS)


def policy(world: World, values: PolicyValues) -> None:
    with db.transaction():
        operations.create(values, actor=world.ben)


def save(world: World, *items: Item, slug: str | None = None, **options: Any) -> Incident:
    heading = (Category("Process"),)
    document = Document(title="It broke", severity="SEV2", sections=(Section("Items", heading + items),))
    with db.transaction():
        return save_incident.save(slug, document, version=None, actor=world.ada, **options)


def dues(incident: Incident) -> list[date | None]:
    with db.reading():
        return [item.due for item in rows.to_document(incident).items]


def beside(number: int) -> tuple[date | None, date | None] | None:
    with db.reading():
        row = queries.deadline_of(number)
        return None if row is None else (row.assign_by, row.due)


def day(clock: Clock, days: int) -> date:
    return date.fromordinal(clock.now().date().toordinal() + days)


def test_a_new_open_item_gets_the_policys_date_and_a_day_to_assign_it_by(world: World, clock: Clock) -> None:
    saved = save(world, Item("Do it"), Item("Do that", status="in_progress"))

    assert dues(saved) == [day(clock, 14)] * 2
    assert beside(1) == (day(clock, 1), day(clock, 14))


def test_the_authors_own_date_stays(world: World, clock: Clock) -> None:
    saved = save(world, Item("Do it", due=date(2030, 1, 1)))

    assert dues(saved) == [date(2030, 1, 1)]
    assert beside(1) == (day(clock, 1), day(clock, 14))


# An item that is no commitment, or is none any more.
@pytest.mark.parametrize(
    "item", [Item("x", status="proposed"), Item("x", status="done"), Item("x", status="wont_do", reason="no")]
)
def test_what_is_not_open_gets_none(world: World, item: Item) -> None:
    assert dues(save(world, item)) == [None]
    assert beside(1) is None


def test_a_proposed_item_gets_its_date_when_it_is_accepted(world: World, clock: Clock) -> None:
    saved = save(world, Item("Do it", status="proposed"))
    clock.advance(days=10)

    with db.transaction():
        save_incident.edit_item("AI-1", {"status": "open"}, actor=world.ada)

    assert dues(saved) == [day(clock, 14)]


def test_an_item_that_was_there_without_a_date_stays_so(world: World) -> None:
    """Somebody took the date away: the next save does not put it back."""
    saved = save(world, Item("Do it"))

    for changes in ({"due": None}, {"owner": "ada"}):
        with db.transaction():
            save_incident.edit_item("AI-1", changes, actor=world.ada)

    assert dues(saved) == [None]


def test_a_file_stays_as_it_says(world: World) -> None:
    assert dues(save(world, Item("Do it"), name="2018-01-25-it-broke.md")) == [None]


def test_the_kind_is_that_of_the_heading_and_the_severity_the_incidents(world: World, clock: Clock) -> None:
    policy(world, PolicyValues(severity="SEV2", kind="process", complete_days=3))
    policy(world, PolicyValues(severity="SEV1", kind="process", complete_days=1))

    assert dues(save(world, Item("Do it"), Item("Do it too", kind="technical"))) == [
        day(clock, 3),
        day(clock, 14),
    ]


def test_saving_the_same_again_is_still_no_version(world: World) -> None:
    saved = save(world, Item("Do it"))
    with db.reading():
        document = rows.to_document(saved)

    with db.transaction():
        again = save_incident.save(saved.slug, replace(document), version=1, actor=world.ada)

    assert again.version == 1


def test_of_an_edit_only_the_new_items_are_dated(world: World, clock: Clock) -> None:
    saved = save(world, Item("Do it", due=date(2030, 1, 1)))
    save(world, Item("Do it", due=date(2030, 1, 1)), Item("And that"), slug=saved.slug)

    assert dues(saved) == [date(2030, 1, 1), day(clock, 14)]
