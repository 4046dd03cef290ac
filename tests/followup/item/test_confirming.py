"""A reviewer confirms that an item is done, on its page and by the API."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from postmortems.accounts.models import User
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.followup import queries
from postmortems.gate.enforcement import save_incident
from tests.world import World


@pytest.fixture
def reviewed(world: World) -> World:
    """One item for people to confirm and one for a guard, both ada's; cy is a reviewer."""
    items = (
        Item("Rehearse it", kind="process", guardability="attestable", owner="ada"),
        Item("Guard it", kind="process", guardability="enforceable", owner="ada"),
    )
    document = Document(title="It broke", sections=(Section("Action items", items),))
    with db.transaction():
        save_incident.save(None, document, version=None, actor=world.ada)
        session().execute(update(User).where(User.name == "cy").values(role="reviewer"))
    return world


def status(world: World, ref: str) -> tuple[str, str, str]:
    with db.reading():
        item = queries.by_ref(ref, world.ada)
        return item.status, item.closed_by, item.evidence


def test_the_page_offers_it_where_people_are_the_proof_and_to_whom_may(reviewed: World) -> None:
    ways = {
        (name, ref): 'action="/action-items/AI-' in page and "/confirm" in page
        for name in ("cy", "ada")
        for ref in ("AI-1", "AI-2")
        if (page := reviewed.browser(name).get(f"/action-items/{ref}").text)
    }

    assert ways == {
        ("cy", "AI-1"): True,
        ("cy", "AI-2"): False,
        ("ada", "AI-1"): False,
        ("ada", "AI-2"): False,
    }


def test_a_reviewer_confirms_on_the_page(reviewed: World) -> None:
    browser = reviewed.browser("cy")
    answer = browser.send("/action-items/AI-1/confirm", {"evidence": "the minutes"})

    assert answer.status_code == 303
    assert "AI-1 confirmed." in browser.get("/action-items/AI-1").text
    assert status(reviewed, "AI-1") == ("done", "cy", "the minutes")


def test_what_is_refused_is_said_on_the_page(reviewed: World) -> None:
    browser = reviewed.browser("cy")
    browser.send("/action-items/AI-2/confirm")

    assert "is confirmed by nobody" in browser.get("/action-items/AI-2").text
    assert status(reviewed, "AI-2") == ("open", "", "")


def test_the_api_answers_with_the_item_or_says_why_not(client: FlaskClient, reviewed: World) -> None:
    def confirm(ref: str, name: str, body: dict[str, str] | None = None) -> TestResponse:
        path = f"/api/v1/action-items/{ref}/confirm"
        return client.post(path, json=body, headers=reviewed.headers(name))

    assert confirm("AI-1", "ada").status_code == 422
    assert confirm("AI-2", "cy").json["errors"][0]["pointer"] == "/guardability"
    done = confirm("AI-1", "cy", {"evidence": "the minutes"})
    assert (done.status_code, done.json["status"], done.json["closed_by"]) == (200, "done", "cy")
    assert confirm("AI-1", "cy").status_code == 409
    assert confirm("AI-99", "cy").status_code == 404
