"""The team of an item: one rule of values and of rows, on both databases, and each list by it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from postmortems.accounts import operations as accounts
from postmortems.accounts.teams import operations as teams
from postmortems.accounts.teams.models import Team
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.followup import queries as followup
from postmortems.followup.filters import Filters
from postmortems.guards import operations as guards
from postmortems.incidents.items import item_teams
from postmortems.incidents.items.item_teams import ItemNames
from postmortems.incidents.models import ActionItem, Incident
from tests.incidents.documents import save
from tests.world import World, build

SYSTEM = Actor.system("test")
# Owner, team, services, and whose it is: Ada is in one team, Cy in two, Ben in none.
CASES = (
    ("platform", "", (), "platform"),
    ("@Platform", "storage", ("hub",), "platform"),
    ("ops guild", "storage", (), "platform"),
    ("", "Storage", (), "storage"),
    ("@ada", "Storage", ("hub",), "storage"),
    ("@ada", "", ("disks",), "platform"),
    ("ADA", "nobody's team", ("disks",), "platform"),
    ("@cy", "", ("disks/prod",), "storage"),
    ("@cy", "", (), ""),
    ("@ben", "", ("hub",), "platform"),
    ("", "", ("hub", "unknown"), "platform"),
    ("", "", ("hub", "disks"), ""),
    ("", "", ("hub/prod", "hub/staging"), "platform"),
    ("@stranger", "", ("hub",), "platform"),
    ("@stranger", "", ("data8",), ""),
    ("", "", (), ""),
)


@pytest.fixture
def world(any_database: str) -> World:
    world = build()
    with db.transaction():
        accounts.add_user("dee", "viewer", actor=SYSTEM)
        teams.create("platform", "Platform", {"ada": True, "cy": False}, actor=SYSTEM)
        teams.create("storage", "Storage", {"cy": True, "dee": False}, actor=SYSTEM)
        teams.name_owner("Ops guild", team="platform", actor=SYSTEM)
        guards.add_service("hub", "", ["staging", "prod"], team="platform", actor=SYSTEM)
        guards.add_service("disks", "", ["prod"], team="storage", actor=SYSTEM)
    return world


@pytest.mark.usefixtures("world")
def test_values_rows_and_lists_agree_on_whose_an_item_is() -> None:
    for number, (owner, team, services, _) in enumerate(CASES, 1):
        item = Item(f"Item {number}", owner=owner, team=team)
        save(Document(title=f"{number}", services=services, sections=(Section("Action items", (item,)),)))

    with db.reading():
        slugs = dict(session().execute(select(Team.id, Team.slug)).all())
        names = {number: ItemNames(*case[:3]) for number, case in enumerate(CASES, 1)}
        by_values = item_teams.of_items(names)
        wanted = select(ActionItem.number, item_teams.team_id()).select_from(ActionItem)
        by_rows = dict(session().execute(wanted).all())
        listed = {
            slug: {row.number for row in followup.lines(Filters(team=slug)).rows} for slug in slugs.values()
        }
        counted = {slug: followup.matching_at_most(Filters(team=slug)) for slug in slugs.values()}

    for number, case in enumerate(CASES, 1):
        assert slugs.get(by_values.get(number, 0), "") == case[3], case
        assert slugs.get(by_rows[number] or 0, "") == case[3], case
        assert [slug for slug in slugs.values() if number in listed[slug]] == [case[3]] * bool(case[3]), case
    assert counted == {slug: len(numbers) for slug, numbers in listed.items()}


@pytest.mark.usefixtures("world")
def test_a_team_that_goes_leaves_its_services_without_one() -> None:
    save(
        Document(title="x", services=("hub",), sections=(Section("Action items", (Item("Item 1"),)),)),
    )
    with db.transaction():
        teams.delete("platform", actor=SYSTEM)

    with db.reading():
        assert session().scalar(select(item_teams.team_id()).select_from(ActionItem)) is None
        assert session().scalar(select(Incident.id)) is not None
