"""Comments on an item: the same ones on its page, on its incident's page, and through both addresses."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.incidents.documents import FOUNDING, FOUNDING_NAME, save
from tests.shown import words
from tests.world import World

SLUG = "2018-01-25-accidental-merge-to-prod"
PLACE = "/api/v1/action-items/AI-2/comments"


@pytest.fixture
def founding(world: World) -> World:
    save(FOUNDING, name=FOUNDING_NAME)
    return world


def post(client: FlaskClient, world: World, body: Any, name: str = "cy") -> TestResponse:
    return client.post(PLACE, json=body, headers=world.headers(name))


def test_a_comment_on_an_item_is_one_on_that_part_of_its_incident(
    client: FlaskClient, founding: World
) -> None:
    made = post(client, founding, {"text": "Is this done, @ben?"})
    assert (made.status_code, made.json["part"]) == (201, "AI-2")
    post(client, founding, {"text": "Not yet.", "reply_to": made.json["id"]}, "ben")
    elsewhere = f"/api/v1/incidents/{SLUG}/comments"
    client.post(elsewhere, json={"text": "of the whole"}, headers=founding.headers())

    found = client.get(PLACE, headers=founding.headers())

    assert [each["text"] for each in found.json["comments"]] == ["Is this done, @ben?", "Not yet."]
    assert found.json["next"] is None
    told = client.get(elsewhere, headers=founding.headers()).json["comments"]
    assert [each["part"] for each in told] == ["AI-2", "AI-2", ""]
    (mention,) = client.get("/api/v1/mentions", headers=founding.headers("ben")).json["mentions"]
    assert mention["by"] == "cy"


@pytest.mark.parametrize(
    "body, pointer",
    [
        ({"text": ""}, "/text"),
        ({"text": "x", "part": "AI-1"}, "/part"),
        ({"text": "x", "reply_to": 1}, "/reply_to"),
        ({"text": "x", "suggestion": "x\n- Owner: sam"}, "/suggestion"),
    ],
)
def test_a_wrong_comment_is_refused_at_its_place(
    client: FlaskClient, founding: World, body: Any, pointer: str
) -> None:
    elsewhere = f"/api/v1/incidents/{SLUG}/comments"
    client.post(elsewhere, json={"text": "of the whole"}, headers=founding.headers())

    refused = post(client, founding, body)

    assert refused.status_code == 422
    assert [wrong["pointer"] for wrong in refused.json["errors"]] == [pointer]


def test_the_page_shows_them_and_its_buttons_lead_back_to_it(founding: World) -> None:
    browser = founding.browser("cy")
    form = {"item": "AI-2", "part": "AI-2", "text": "Who does this?"}

    sent = browser.send(f"/incidents/{SLUG}/comments", form)

    assert sent.location == "/action-items/AI-2#comment-1"
    page = browser.get("/action-items/AI-2").text
    assert "Who does this?" in words(page)
    assert page.count('name="item" value="AI-2"') >= 4
    assert "Who does this?" not in browser.get("/action-items/AI-1").text
    assert "Who does this?" in browser.get(f"/incidents/{SLUG}").text
    resolved = browser.send(f"/incidents/{SLUG}/comments/1/resolve", {"item": "//evil.example"})
    assert resolved.location == f"/incidents/{SLUG}#comment-1"
