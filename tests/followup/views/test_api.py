"""Saved views through the API: kept, shared, begun with, and told what holds no longer."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.followup.views.models import SavedView
from tests.incidents.documents import save
from tests.shown import words
from tests.world import World

PLACE = "/api/v1/views"
OLDEST = {"name": "Oldest", "query": "status=open,in_progress&sort=-age"}


def post(client: FlaskClient, world: World, body: Any, name: str = "ada") -> TestResponse:
    return client.post(PLACE, json=body, headers=world.headers(name))


def seen(client: FlaskClient, world: World, name: str) -> list[str]:
    views = client.get(PLACE, headers=world.headers(name)).json["views"]
    return [view["name"] for view in views]


def test_a_view_is_kept_changed_and_deleted(client: FlaskClient, world: World) -> None:
    made = post(client, world, OLDEST)
    place, headers = made.headers["Location"], world.headers("ada")

    assert (made.status_code, made.json["query"], made.headers["ETag"]) == (201, OLDEST["query"], '"1"')
    changed = client.patch(place, json={"name": "Old"}, headers=headers | {"If-Match": '"1"'})
    assert (changed.json["name"], changed.json["revision"]) == ("Old", 2)
    stale = client.patch(place, json={"name": "Older"}, headers=headers | {"If-Match": '"1"'})
    assert stale.status_code == 412
    assert client.patch(place, json={"name": "Older"}, headers=headers).status_code == 422
    assert client.delete(place, headers=headers).status_code == 204
    assert client.get(place, headers=headers).status_code == 404


@pytest.mark.parametrize(
    "body, pointer",
    [
        (OLDEST | {"name": ""}, "/name"),
        (OLDEST | {"name": " \n "}, "/name"),
        (OLDEST | {"name": "x" * 61}, "/name"),
        (OLDEST | {"query": "status=gone"}, "/query"),
        (OLDEST | {"query": "sort=height"}, "/query"),
        (OLDEST | {"query": "age=-3"}, "/query"),
        (OLDEST | {"query": "height=3"}, "/query"),
        (OLDEST | {"query": "&".join(["q=x"] * 101)}, "/query"),
        (OLDEST | {"query": "overdue=perhaps"}, "/query"),
        (OLDEST | {"is_shared": "yes"}, "/is_shared"),
        (OLDEST | {"x": 1}, "/x"),
    ],
)
def test_a_wrong_view_is_refused_at_its_field(
    client: FlaskClient, world: World, body: Any, pointer: str
) -> None:
    refused = post(client, world, body)

    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == pointer
    assert seen(client, world, "ada") == []


def test_a_name_is_had_once_by_each(client: FlaskClient, world: World) -> None:
    assert post(client, world, OLDEST).status_code == 201
    assert post(client, world, OLDEST).status_code == 409
    assert post(client, world, OLDEST, "cy").status_code == 201


def test_a_shared_view_is_seen_by_all_and_changed_by_its_maker_or_an_admin(
    client: FlaskClient, world: World
) -> None:
    place = post(client, world, OLDEST | {"is_shared": True}).headers["Location"]
    post(client, world, {"name": "Mine", "query": ""})

    assert seen(client, world, "cy") == ["Oldest"]
    edit = {"name": "Cy's", "revision": 1}
    assert client.patch(place, json=edit, headers=world.headers("cy")).status_code == 403
    assert client.delete(place, headers=world.headers("cy")).status_code == 403
    assert client.patch(place, json=edit, headers=world.headers("ben")).status_code == 200
    assert post(client, world, {"name": "x", "query": "", "is_shared": True}, "cy").status_code == 403


def test_a_list_begins_with_the_view_that_one_chose(client: FlaskClient, world: World) -> None:
    save(Document("It fell", sections=(Section("Action items", (Item("One", status="done"), Item("Two"))),)))
    place = post(client, world, {"name": "Done", "query": "status=done", "is_shared": True}).headers[
        "Location"
    ]

    assert client.put(f"{place}/default", headers=world.headers("cy")).json["is_default"] is True
    page = world.browser("cy").get("/action-items").text
    assert ("One" in words(page), "Two" in words(page)) == (True, False)
    unshared = {"is_shared": False, "revision": 1}
    assert client.patch(place, json=unshared, headers=world.headers("ada")).status_code == 200
    assert "Two" in words(world.browser("cy").get("/action-items").text)
    assert client.put(f"{place}/default", headers=world.headers("cy")).status_code == 404


def test_a_filter_that_is_no_more_is_told_and_left_out(client: FlaskClient, world: World) -> None:
    number = post(client, world, OLDEST).json["id"]
    with db.transaction():
        session().execute(update(SavedView).values(query="status=open&height=3&sort=width"))
    client.put(f"{PLACE}/{number}/default", headers=world.headers("ada"))

    view = client.get(f"{PLACE}/{number}", headers=world.headers("ada")).json
    assert "height is no filter of the list" in view["problem"]
    assert "sort must be one of" in view["problem"]
    page = world.browser("ada").get("/action-items/views").text
    assert 'href="/action-items?status=open"' in page
    assert "height is no filter" in words(page)
    assert world.browser("ada").get("/action-items").status_code == 200


def test_a_shared_view_tells_nobody_of_an_incident_that_they_may_not_see(
    client: FlaskClient, world: World
) -> None:
    slug = save(Document("Hush", restricted=("ada",), sections=(Section("Action items", (Item("x"),)),))).slug
    post(client, world, {"name": "Hush", "query": f"incident={slug}", "is_shared": True})

    assert (seen(client, world, "ada"), seen(client, world, "cy")) == (["Hush"], [])
    assert slug not in world.browser("cy").get("/action-items/views").text


def test_a_view_is_saved_from_the_page_and_stands_above_the_list(world: World) -> None:
    browser = world.browser("ada")
    form = browser.get("/action-items/views?query=status%3Dopen%26sort%3D-age").text
    assert 'name="query" value="status=open&amp;sort=-age"' in form
    assert "status: open; by age, turned round" in form

    saved = browser.send("/action-items/views", {"query": "status=open&sort=-age", "name": "Oldest"})

    assert saved.headers["Location"] == "/action-items?status=open&sort=-age"
    html = browser.get("/action-items?status=open&sort=-age").text
    assert '<a href="?status=open&amp;sort=-age" aria-current="page">Oldest</a>' in html
    assert browser.send("/action-items/views", {"query": "x=1", "name": "Odd"}).status_code == 422
