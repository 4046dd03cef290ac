"""Settings → People: switching off asks who gets the items that are left."""

from __future__ import annotations

import pytest

from postmortems.accounts import queries
from postmortems.db import session as db
from postmortems.document.model import Document, Item, Section
from tests.incidents.documents import save
from tests.world import World

ITEMS = (Item("Patch it", owner="ada"), Item("Watch it", owner="ada"))
OUTAGE = Document(title="Outage", sections=(Section("Action items", ITEMS),))


def test_the_page_says_what_is_left_and_hands_it_over(world: World) -> None:
    save(OUTAGE)
    browser = world.browser("ben")
    assert "2 unclosed action items" in browser.get("/settings/people/ada/off").text

    answer = browser.send("/settings/people/ada/off", {"to": "@cy"}, follow_redirects=True)

    assert "ada is switched off. Handed to cy: 2 open action items." in answer.text
    with db.reading():
        assert not queries.account("ada").is_active
    assert "owns no unclosed action item" in browser.get("/settings/people/ada/off").text


def test_without_a_taker_it_says_what_stays(world: World) -> None:
    save(OUTAGE)

    answer = world.browser("ben").send("/settings/people/ada/off", {"to": ""}, follow_redirects=True)

    assert "ada is switched off. 2 stay with ada." in answer.text
    assert "Hand over" in answer.text


@pytest.mark.parametrize(
    "name, to, told",
    [
        ("ada", "dora", "no account and no team named"),
        ("ada", "ada", "name somebody else, or a team"),
        ("ben", "", "<li>ben is the only admin"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_done(world: World, name: str, to: str, told: str) -> None:
    save(OUTAGE)

    answer = world.browser("ben").send(f"/settings/people/{name}/off", {"to": to})

    assert answer.status_code == 422
    assert told in answer.text
    with db.reading():
        assert queries.account(name).is_active


def test_it_is_for_admins_and_for_accounts_that_there_are(world: World) -> None:
    assert world.browser("ada").get("/settings/people/cy/off").status_code == 403
    assert world.browser("ada").send("/settings/people/cy/off").status_code == 403
    assert world.browser("ben").get("/settings/people/dora/off").status_code == 404


def test_the_page_renames_and_says_what_a_name_cannot_be(world: World) -> None:
    browser = world.browser("ben")

    refused = browser.send("/settings/people/ada/name", {"name": "cy"})
    renamed = browser.send("/settings/people/ada/name", {"name": " grace "}, follow_redirects=True)

    assert refused.status_code == 422
    assert "there is an account named" in refused.text
    assert "ada is called grace from now on." in renamed.text
    assert browser.get("/settings/people/ada/name").status_code == 404
    assert "until" in browser.get("/settings/teams").text
    assert world.browser("cy").get("/settings/people/grace/name").status_code == 403
