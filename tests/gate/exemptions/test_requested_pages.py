"""Requested overrides stand on the pages of what they are about, with buttons for who may decide."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems import clock
from postmortems.db import session as db
from postmortems.db.session import insert, session
from postmortems.gate.exemptions import overrides, requests
from postmortems.gate.models import Override
from tests.shown import with_demo, words
from tests.world import World

WHY = "The labs are over, and the chart was tried by hand."
PLACES = ["/guards/lab-hours", "/services/data8", "/gate/waivers"]


@pytest.fixture
def shown(any_database: str, world: World) -> World:
    return with_demo(world)


def requested(count: int = 1) -> None:
    with db.transaction():
        for number in range(count):
            override = Override(
                decision_id=f"dec_{number}",
                target="data8/prod",
                artifact="sha256:51",
                guards=["lab-hours"],
                reason=WHY,
                expires_s=3600,
                requested_by="ada",
                requested_at=clock.now(),
            )
            insert(override)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name, decides", [("ben", True), ("cy", False)])
def test_a_requested_override_stands_there_with_buttons_for_who_may_decide(
    shown: World, place: str, name: str, decides: bool
) -> None:
    requested()

    page = shown.browser(name).get(place).text

    assert "Requested overrides" in words(page)
    assert WHY in words(page)
    assert ("/gate/overrides/1/grant" in page) is decides


@pytest.mark.parametrize("place", ["/guards/target-confirmed", "/services/biology"])
def test_it_does_not_stand_on_the_pages_of_others(shown: World, place: str) -> None:
    requested()

    assert WHY not in words(shown.browser("ben").get(place).text)


@pytest.mark.parametrize("place", PLACES[:2])
def test_it_goes_from_there_when_it_is_decided(shown: World, place: str) -> None:
    requested()
    with db.transaction():
        overrides.refuse(1, actor=shown.ben)

    assert WHY not in words(shown.browser("ben").get(place).text)


@pytest.mark.parametrize("place", PLACES[:2])
def test_a_page_asks_as_much_of_the_database_for_many_as_for_one(
    shown: World, place: str, count_queries: Any
) -> None:
    costs = []
    for more in (1, 15):
        requested(more)
        browser = shown.browser("ben")
        browser.get(place)
        with count_queries() as statements:
            assert WHY in words(browser.get(place).text)
        costs.append(len(statements))

    assert costs[0] == costs[1]


def test_the_oldest_are_shown_and_no_more_than_fit(shown: World) -> None:
    requested(requests.MOST_SHOWN + 5)

    with db.reading():
        found = requests.of_guard("lab-hours"), requests.of_targets(["data8/prod"])
        assert session().get(Override, requests.MOST_SHOWN + 5) is not None

    assert [[one.id for one in some] for some in found] == [list(range(1, requests.MOST_SHOWN + 1))] * 2
