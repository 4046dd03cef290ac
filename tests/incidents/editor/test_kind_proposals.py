"""A kind that an entry's words speak of is offered in the form, and set by a press alone."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from postmortems.incidents.editor import kind_proposals
from tests.world import World

TEXT = "---\ntitle: Hub down\n---\n\n## Timeline\n\n- 08:50 deployed 1.4\n- 09:00 all is well\n"


def values() -> dict[str, Any]:
    entry = {"type": "entry", "kind": "", "title": "", "text": "Rolled back"}
    return {"sections": [{"blocks": [entry, {"type": "item", "kind": "", "text": "Rolled back"}]}]}


@pytest.mark.parametrize(
    "block, kind", [({"text": "Rolled back"}, "mitigation"), ({"title": "Back up"}, "recovery")]
)
def test_a_row_without_a_kind_has_a_proposal(block: dict[str, str], kind: str) -> None:
    assert kind_proposals.proposed({"title": "", "text": "", **block}) == kind
    assert kind_proposals.proposed({"title": "", "text": "", **block, "kind": "note"}) == ""


def test_a_press_sets_the_kind_of_that_row() -> None:
    taken = kind_proposals.taken(values(), "kind-0-0-mitigation")

    assert taken["sections"][0]["blocks"][0]["kind"] == "mitigation"


@pytest.mark.parametrize(
    "button",
    [
        "save",
        "kind-0-1-mitigation",
        "kind-0-9-mitigation",
        "kind-7-0-mitigation",
        "kind-0-0-joke",
        "kind-0-0",
        "kind-a-0-note",
    ],
)
def test_other_buttons_set_nothing(button: str) -> None:
    assert kind_proposals.taken(values(), button) == values()


@pytest.mark.usefixtures("clock")
def test_the_form_offers_it_and_stores_it_only_when_pressed(client: FlaskClient, world: World) -> None:
    headers = {**world.headers(), "Content-Type": "text/markdown"}
    slug = client.post("/api/v1/incidents", data=TEXT, headers=headers).get_json()["slug"]
    browser = world.browser()

    form = browser.get(f"/incidents/{slug}/edit").text
    entry = {
        "sections.0.heading": "Timeline",
        "sections.0.blocks.0.type": "entry",
        "version": "1",
        "title": "Hub down",
    }
    entry |= {"sections.0.blocks.0.written": "08:50", "sections.0.blocks.0.text": "deployed 1.4"}
    pressed = browser.send(f"/incidents/{slug}/edit", {**entry, "do": "kind-0-0-trigger"}).text

    assert form.count('value="kind-0-0-trigger"') == 1
    assert 'value="kind-0-1-' not in form
    assert '<option value="trigger" selected>' in pressed
    whole = client.get(f"/api/v1/incidents/{slug}", headers=world.headers()).get_json()
    assert [block["kind"] for block in whole["sections"][0]["blocks"]] == ["", ""]


@pytest.mark.usefixtures("clock")
def test_an_items_page_and_its_row_say_what_it_lacks(client: FlaskClient, world: World) -> None:
    text = "---\ntitle: Hub down\n---\n\n## Action items\n\n1. Improve monitoring\n"
    headers = {**world.headers(), "Content-Type": "text/markdown"}
    slug = client.post("/api/v1/incidents", data=text, headers=headers).get_json()["slug"]
    browser = world.browser()

    pages = [browser.get(f"/incidents/{slug}/edit").text, browser.get("/action-items/AI-1").text]

    for page in pages:
        assert "It reads as a wish" in page
        assert "Nobody owns it" in page
        assert "It has no date" in page
        assert "It does not say when it is done" not in page
        assert 'href="/help/author#what-an-item-needs"' in page
