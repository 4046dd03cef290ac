"""Triage over HTTP: what is proposed is accepted, declined or merged, and a merge is taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems.document.model import Document, Item, Section
from tests.incidents.documents import save
from tests.world import World

PLACE = "/api/v1/action-items"
ITEMS = (
    Item(
        "Watch the rack",
        status="proposed",
        reason="asked by ops",
        guards=("rack-up", "shared"),
        tickets=("T-1",),
    ),
    Item("Watch all racks", status="open", guards=("shared",), tickets=("T-2",)),
    Item("Order disks", status="done"),
)
RACK = Document(title="Rack down", sections=(Section("Action items", ITEMS),))


@pytest.fixture
def racks(world: World) -> World:
    save(RACK, name="2020-01-01-rack.md")
    save(replace(RACK, title="Again"), name="2020-01-02-again.md")
    return world


def post(client: FlaskClient, world: World, act: str, body: Any = None, name: str = "ada") -> TestResponse:
    return client.post(f"{PLACE}/{act}", json=body or {}, headers=world.headers(name))


def item(client: FlaskClient, world: World, ref: str) -> dict[str, Any]:
    told: dict[str, Any] = client.get(f"{PLACE}/{ref}", headers=world.headers()).json
    return told


def test_what_is_proposed_is_accepted_with_an_owner_and_a_date(client: FlaskClient, racks: World) -> None:
    done = post(client, racks, "AI-1/accept", {"owner": "sam", "due": "2030-01-31"})

    assert (done.status_code, done.json["status"], done.json["owner"]) == (200, "open", "sam")
    assert post(client, racks, "AI-1/accept").status_code == 409


def test_what_is_declined_keeps_the_reason_and_who_said_so(client: FlaskClient, racks: World) -> None:
    done = post(client, racks, "AI-1/decline", {"reason": "the rack is gone"})

    assert (done.json["status"], done.json["reason"], done.json["closed_by"]) == (
        "wont_do",
        "the rack is gone",
        "ada",
    )


@pytest.mark.parametrize("into, before", [("AI-2", ["T-2"]), ("AI-5", ["T-2"])])
def test_a_merged_item_hands_over_its_guards_and_tickets_and_takes_them_back(
    any_database: str, client: FlaskClient, racks: World, into: str, before: list[str]
) -> None:
    first = item(client, racks, "AI-1")

    merged = post(client, racks, "AI-1/merge", {"into": into}).json

    assert (merged["status"], merged["reason"]) == ("wont_do", f"Merged into {into}")
    other = item(client, racks, into)
    assert (other["guards"], other["tickets"]) == (["shared", "rack-up"], [*before, "T-1"])
    assert f'href="/action-items/{into}"' in racks.browser().get("/action-items/AI-1").text
    assert 'href="/action-items/AI-1"' in racks.browser().get(f"/action-items/{into}").text
    undone = client.delete(f"{PLACE}/AI-1/merge", headers=racks.headers())
    assert undone.json == first
    other = item(client, racks, into)
    assert (other["guards"], other["tickets"]) == (["shared"], before)
    assert client.delete(f"{PLACE}/AI-1/merge", headers=racks.headers()).status_code == 409


def test_what_was_merged_and_opened_again_is_merged_no_longer(client: FlaskClient, racks: World) -> None:
    post(client, racks, "AI-1/merge", {"into": "AI-2"})
    for body in ({"status": "open"}, {"status": "wont_do", "reason": "the rack is gone"}):
        client.patch(f"{PLACE}/AI-1", json=body, headers=racks.headers())

    links = [client.get(f"{PLACE}/{ref}/links", headers=racks.headers()).json for ref in ("AI-1", "AI-2")]
    assert (links[0]["merged_into"], links[1]["merged"]) == (None, [])
    assert client.delete(f"{PLACE}/AI-1/merge", headers=racks.headers()).status_code == 409


@pytest.mark.parametrize(
    "act, body, status, pointer",
    [
        ("AI-1/accept", {"owner": 3}, 422, "/owner"),
        ("AI-1/accept", {"status": "done"}, 422, "/status"),
        ("AI-2/accept", {}, 409, None),
        ("AI-1/decline", {}, 422, "/reason"),
        ("AI-1/decline", {"reason": "  "}, 422, "/reason"),
        ("AI-2/decline", {"reason": "no"}, 409, None),
        ("AI-1/merge", {"into": "AI-1"}, 422, "/into"),
        ("AI-1/merge", {"into": "AI-99"}, 422, "/into"),
        ("AI-1/merge", {"into": "nothing"}, 422, "/into"),
        ("AI-1/merge", {"into": "AI-3"}, 409, None),
        ("AI-3/merge", {"into": "AI-1"}, 409, None),
        ("AI-99/merge", {"into": "AI-1"}, 404, None),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    client: FlaskClient, racks: World, act: str, body: Any, status: int, pointer: str | None
) -> None:
    before = item(client, racks, "AI-1")

    refused = post(client, racks, act, body)

    assert refused.status_code == status
    assert pointer is None or [each["pointer"] for each in refused.json["errors"]] == [pointer]
    assert item(client, racks, "AI-1") == before


def test_a_restricted_item_is_merged_within_its_incident_alone(client: FlaskClient, racks: World) -> None:
    save(replace(RACK, title="Secret", restricted=("ada", "ben")))

    assert post(client, racks, "AI-1/merge", {"into": "AI-8"}).status_code == 422
    assert post(client, racks, "AI-7/merge", {"into": "AI-2"}).status_code == 422
    assert post(client, racks, "AI-7/merge", {"into": "AI-8"}).status_code == 200


def test_whoever_read_an_older_state_or_may_only_read_changes_nothing(
    client: FlaskClient, racks: World
) -> None:
    tag = client.get(f"{PLACE}/AI-1", headers=racks.headers()).headers["ETag"]
    client.patch(f"{PLACE}/AI-1", json={"priority": "P1"}, headers=racks.headers())
    stale = racks.headers() | {"If-Match": tag}

    assert client.post(f"{PLACE}/AI-1/accept", json={}, headers=stale).status_code == 412
    assert client.patch(f"{PLACE}/AI-1", json={"priority": "P2"}, headers=stale).status_code == 412
    assert post(client, racks, "AI-1/accept", name="cy").status_code == 403
    assert item(client, racks, "AI-1")["status"] == "proposed"
    now = client.get(f"{PLACE}/AI-1", headers=racks.headers()).headers["ETag"]
    fresh = racks.headers() | {"If-Match": now}
    assert client.patch(f"{PLACE}/AI-1", json={"priority": "P2"}, headers=fresh).status_code == 200
