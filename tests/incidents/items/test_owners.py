"""Items are found by whom their owners' names mean, and follow when somebody says so anew."""

from __future__ import annotations

import pytest

from postmortems.db import session as db
from postmortems.followup import queries as followup
from postmortems.followup.queries import Filters
from postmortems.gate.tallies import recount
from postmortems.incidents.items import owners
from tests.accounts.teams.owners import owned
from tests.world import World


@pytest.fixture
def told(any_database: str, world: World) -> World:
    """AI-1 is Yuvi's, AI-2 ada's, AI-3 the hub team's, AI-4 kim's."""
    owned("Yuvi", "@ada", "The Hub Team", "@kim")
    return world


def of(owner: str) -> list[str]:
    """Items of that owner in the list, and the same by search."""
    with db.reading():
        listed = [row.item.ref for row in followup.listing(Filters(owner=owner, status="open")).rows]
        said = f'owner:"{owner}" kind:process'
        by_search = [row.item.ref for row in followup.listing(Filters(q=said, status="open")).rows]
        assert listed == by_search
        assert not list(recount.differences())
    return listed


def test_a_name_brings_its_items_along_and_takes_them_away_again(told: World) -> None:
    assert (of("ada"), of("Yuvi")) == (["AI-2"], ["AI-1"])
    with db.transaction():
        owners.name_owner("yuvi", account="ada", actor=told.ben)
    assert of("ada") == of("Yuvi") == of("@ADA") == ["AI-1", "AI-2"]
    with db.transaction():
        owners.forget_owner("Yuvi", actor=told.ben)
    assert (of("ada"), of("Yuvi")) == (["AI-2"], ["AI-1"])


def test_a_name_that_means_another_moves_its_items(told: World) -> None:
    with db.transaction():
        owners.name_owner("yuvi", account="ada", actor=told.ben)
        owners.name_owner("yuvi", account="cy", actor=told.ben)
    assert (of("ada"), of("cy")) == (["AI-2"], ["AI-1"])


def test_what_is_written_later_is_found_likewise(told: World) -> None:
    with db.transaction():
        owners.name_owner("yuvi", account="ada", actor=told.ben)
    owned("@Yuvi", "Nobody")
    assert of("ada") == ["AI-1", "AI-2", "AI-5"]


def test_a_team_has_the_items_that_name_it_while_it_has_the_name(told: World) -> None:
    with db.transaction():
        owners.create_team("hub", "The hub team", {"ada": True}, actor=told.ben)
        owners.name_owner("Kim", team="hub", actor=told.ben)
    assert of("hub") == of("The Hub team") == ["AI-3", "AI-4"]
    with db.transaction():
        owners.change_team("hub", "Hub", {"ada": True}, actor=told.ben)
    assert (of("hub"), of("The Hub team")) == (["AI-4"], ["AI-3"])
    with db.transaction():
        owners.delete_team("hub", actor=told.ben)
    assert (of("hub"), of("kim"), of("The Hub team")) == ([], ["AI-4"], ["AI-3"])


def test_the_home_page_shows_items_under_other_names(told: World) -> None:
    assert ">AI-1<" not in told.browser("ada").get("/").text
    with db.transaction():
        owners.name_owner("Yuvi", account="ada", actor=told.ben)
    assert "AI-1" in told.browser("ada").get("/").text
