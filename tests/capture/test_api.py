"""Entries over HTTP: appended, once under a key, beside those who edit, and not by who may not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems.db import session as db
from postmortems.incidents import queries, rows
from tests.conftest import Clock
from tests.world import World

TEXT = "---\ntitle: Hub down\ndate: 2026-03-02\ntimezone: UTC\n---\n\n## Timeline\n\n### 08:50 - down\n"


def begun(client: FlaskClient, world: World, text: str = TEXT, name: str = "ada") -> str:
    headers = {**world.headers(name), "Content-Type": "text/markdown"}
    answer = client.post("/api/v1/incidents", data=text, headers=headers)
    assert answer.status_code == 201
    return str(answer.json["slug"]) if answer.json else ""


def note(
    client: FlaskClient, world: World, slug: str, body: Any, key: str = "", name: str = "ada"
) -> TestResponse:
    headers = world.headers(name) | ({"Idempotency-Key": key} if key else {})
    return client.post(f"/api/v1/incidents/{slug}/entries", json=body, headers=headers)


@pytest.mark.usefixtures("any_database")
def test_a_note_is_an_entry_with_its_part_id(client: FlaskClient, world: World, clock: Clock) -> None:
    slug = begun(client, world)

    answer = note(client, world, slug, {"text": "rolled back", "kind": "mitigation"})

    told = answer.get_json()
    whole = client.get(f"/api/v1/incidents/{slug}", headers=world.headers()).get_json()
    entry = whole["sections"][0]["blocks"][-1]
    assert answer.status_code == 201
    assert told["id"] == entry["id"]
    assert (entry["written"], entry["text"], entry["kind"]) == ("09:00", "rolled back", "mitigation")
    assert (told["version"], told["instant"]) == (2, "2026-03-02T09:00:00+00:00")
    saves = client.get(f"/api/v1/incidents/{slug}/revisions", headers=world.headers()).get_json()
    assert (saves["revisions"][0]["message"], saves["revisions"][0]["author"]) == ("noted", "ada")


@pytest.mark.usefixtures("any_database", "clock")
def test_a_note_under_the_same_key_is_noted_once(client: FlaskClient, world: World) -> None:
    slug = begun(client, world)

    first = note(client, world, slug, {"text": "one"}, key="k1")
    again = note(client, world, slug, {"text": "one"}, key="k1")
    other = note(client, world, slug, {"text": "two"}, key="k1")

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 422)
    assert first.get_json()["id"] == again.get_json()["id"]
    assert again.get_json()["is_new"] is False
    assert again.get_json()["version"] == 2


@pytest.mark.usefixtures("clock")
def test_an_open_form_keeps_its_edit_and_the_note(client: FlaskClient, world: World) -> None:
    slug = begun(client, world)
    mine = client.get(f"/api/v1/incidents/{slug}", headers=world.headers()).get_json()

    note(client, world, slug, {"text": "rolled back"})
    mine["title"] = "The hub was down"
    saved = client.put(f"/api/v1/incidents/{slug}", json=mine, headers=world.headers())

    assert saved.status_code == 200
    assert saved.get_json()["title"] == "The hub was down"
    assert saved.get_json()["sections"][0]["blocks"][-1]["text"] == "rolled back"


@pytest.mark.usefixtures("any_database")
def test_many_who_note_at_once_meet_no_conflict(app: Flask, world: World) -> None:
    slug = begun(app.test_client(), world)

    def send(number: int) -> int:
        return note(app.test_client(), world, slug, {"text": f"note {number}"}).status_code

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(send, range(18)))

    with db.reading():
        document = rows.to_document(queries.by_slug(slug, world.ben))
    assert codes == [201] * 18
    assert {entry.text for entry in document.entries} >= {f"note {number}" for number in range(18)}


@pytest.mark.usefixtures("clock")
def test_a_dash_is_the_newest_draft_that_one_began(client: FlaskClient, world: World) -> None:
    mine = begun(client, world)
    begun(client, world, TEXT.replace("Hub", "Login"), name="ben")

    answer = note(client, world, "-", {"text": "rolled back"})

    assert answer.get_json()["incident"] == mine


def test_without_a_draft_a_dash_is_nothing(client: FlaskClient, world: World) -> None:
    answer = note(client, world, "-", {"text": "x"})

    assert answer.status_code == 404
    assert "name the incident" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    "body, pointer",
    [
        ({}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": 3}, "/text"),
        ({"text": None}, "/text"),
        ({"text": "x", "kind": "joke"}, "/kind"),
        ({"text": "x", "at": "soon"}, "/at"),
        ({"text": "x", "when": "now"}, "/when"),
        ({"text": "x" * 20_001}, "/text"),
    ],
)
def test_a_wrong_note_names_its_field_and_adds_nothing(
    client: FlaskClient, world: World, body: Any, pointer: str
) -> None:
    slug = begun(client, world)

    answer = note(client, world, slug, body)

    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.get_json()["errors"]] == [pointer]
    assert client.get(f"/api/v1/incidents/{slug}", headers=world.headers()).get_json()["version"] == 1


def test_who_only_reads_notes_nothing(client: FlaskClient, world: World) -> None:
    slug = begun(client, world)

    assert note(client, world, slug, {"text": "x"}, name="cy").status_code == 403


def test_a_restricted_incident_is_not_there_for_others(client: FlaskClient, world: World) -> None:
    slug = begun(client, world, TEXT.replace("timezone: UTC", "timezone: UTC\nrestricted: [ada]"))

    assert note(client, world, slug, {"text": "x"}, name="ben").status_code == 404
    assert note(client, world, slug, {"text": "x"}).status_code == 201
