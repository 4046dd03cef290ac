"""The page of an item says which team answers for it, and why."""

from __future__ import annotations

import pytest

from postmortems.accounts.teams import operations as teams
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.guards.models import Service
from tests.incidents.documents import save
from tests.shown import words
from tests.world import World


def report(item: Item) -> Document:
    return Document(title="It broke", services=("data8/prod",), sections=(Section("Action items", (item,)),))


@pytest.fixture
def teamed(world: World) -> World:
    """Ada is of Platform, and Network runs data8."""
    with db.transaction():
        teams.create("platform", "Platform", {"ada": True}, actor=world.ben)
        network = teams.create("network", "Network", {}, actor=world.ben)
        session().query(Service).filter_by(name="data8").one().team_id = network.id
    return world


@pytest.mark.parametrize(
    "owner, team, told",
    [
        ("@platform", "Network", "Platform the owner"),
        ("kim", "Network", "Network named here"),
        ("@ada", "", "Platform its owner’s team"),
        ("kim", "", "Network it runs what was hit"),
        ("@ada", "Nobody of that name", "Platform its owner’s team"),
    ],
)
def test_the_page_says_which_team_answers_and_why(teamed: World, owner: str, team: str, told: str) -> None:
    save(report(Item("Do it", owner=owner, team=team)))

    assert f"Team {told}" in words(teamed.browser().get("/action-items/AI-1").text)


def test_an_item_of_no_team_says_so(world: World) -> None:
    save(report(Item("Do it", owner="kim")))

    assert "no team answers for it" in words(world.browser().get("/action-items/AI-1").text)
