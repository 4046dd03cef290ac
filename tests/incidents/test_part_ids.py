"""Ids of sections and blocks in what is stored: they survive saves by JSON, Markdown, form and merge."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from postmortems.document import part_ids
from postmortems.document.markdown import parser
from tests.browser_forms import form_of
from tests.incidents.documents import FOUNDING, save, stored
from tests.incidents.test_api import MARKDOWN, Api
from tests.world import World

Ids = dict[str, str]


def ids_by_words(body: dict[str, Any]) -> Ids:
    """By its first words, the id of each part of a document as JSON."""
    found: Ids = {}
    for section in body["sections"]:
        found[f"section {section['heading']}"] = section["id"]
        for block in section["blocks"]:
            found[block.get("text") or block.get("heading", "")] = block["id"]
    return found


@pytest.fixture
def api(client: FlaskClient, world: World) -> Api:
    return Api(client, world)


@pytest.fixture
def body(any_database: str, api: Api) -> dict[str, Any]:
    return api.founding()


def test_each_part_of_a_new_incident_has_an_id_of_its_own(body: dict[str, Any]) -> None:
    found = ids_by_words(body)

    assert len(set(found.values())) == len(found)
    assert all(found.values())


def test_an_edit_as_json_keeps_ids_of_what_was_changed_and_moved(body: dict[str, Any], api: Api) -> None:
    before = ids_by_words(body)
    body["sections"][1]["blocks"][1]["text"] = "Everything else in the world."
    body["sections"].reverse()

    after = ids_by_words(api("PUT", f"/{body['slug']}", json=body).json)

    assert after["Everything else in the world."] == before["Production gets it by mistake."]
    assert after["section Timeline"] == before["section Timeline"]


def test_an_edit_as_markdown_keeps_the_ids_of_what_stands_there_still(body: dict[str, Any], api: Api) -> None:
    text = parser.write(stored(body["slug"])).replace(
        "The old chart is back.", "The old chart is back, we think."
    )
    headers = MARKDOWN | {"If-Match": '"1"', "Accept": "application/json"}

    after = api("PUT", f"/{body['slug']}", data=text, headers=headers).json

    assert after["version"] == 2
    assert list(ids_by_words(after).values()) == list(ids_by_words(body).values())


def test_the_form_keeps_them(body: dict[str, Any], world: World) -> None:
    browser, address = world.browser(), f"/incidents/{body['slug']}/edit"
    form = form_of(browser.get(address).text)
    changed = {
        name: "It was worse than that." if "A chart" in value else value for name, value in form.items()
    }

    assert browser.send(address, changed | {"do": "save"}).status_code == 303

    after = stored(body["slug"])
    assert [part.id for _, part in part_ids.placed(after)] == [
        part["id"]
        for section in body["sections"]
        for part in (section, *section["blocks"])
        if part.get("type") != "item"
    ]


def test_what_two_people_change_at_once_keeps_its_ids(body: dict[str, Any], api: Api) -> None:
    mine, theirs = body, api("GET", f"/{body['slug']}").json
    theirs["sections"][1]["blocks"][0]["text"] = "The chart goes to staging, at last."
    assert api("PUT", f"/{body['slug']}", json=theirs).status_code == 200
    mine["sections"][0]["blocks"][0]["text"] = "Nobody had tried it."

    merged = api("PUT", f"/{body['slug']}?merge=1", json=mine).json

    assert merged["version"] == 3
    assert list(ids_by_words(merged).values()) == list(ids_by_words(body).values())


@pytest.mark.parametrize("sent", ["ffffffff", "s1", "AI-1", "another", "x" * 40, "<b>", "\N{SNOWMAN}"])
def test_an_id_that_the_incident_does_not_have_is_not_adopted(
    sent: str,
    body: dict[str, Any],
    api: Api,
    world: World,
) -> None:
    other = save(FOUNDING, actor=world.ada)
    if sent == "another":
        sent = stored(other.slug).sections[0].id
    body["sections"].append(
        {"id": sent, "heading": "New", "blocks": [{"type": "prose", "id": sent, "text": "Words"}]}
    )

    after = ids_by_words(api("PUT", f"/{body['slug']}", json=body).json)

    assert sent not in (after["section New"], after["Words"])
    assert len(set(after.values())) == len(after)


@pytest.mark.parametrize("sent", [1, None, ["a"], {"a": 1}, "x" * 41, "a\0b"], ids=repr)
def test_an_id_that_is_none_is_refused_with_its_place(sent: object, body: dict[str, Any], api: Api) -> None:
    body["sections"][0]["id"] = body["sections"][1]["blocks"][0]["id"] = sent

    answer = api("PUT", f"/{body['slug']}", json=body)

    assert answer.status_code in (400, 422)
    if answer.status_code == 422:
        assert {"/sections/0/id", "/sections/1/blocks/0/id"} <= {
            each["pointer"] for each in answer.json["errors"]
        }
