"""Blockers: set and lifted, never a circle, shown from both sides, and nothing told of what is restricted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from postmortems.document.model import Document, Item, Section
from postmortems.followup.item import waits
from tests.incidents.documents import save
from tests.shown import words
from tests.world import World

PLACE = "/api/v1/action-items"
RACK = Document(title="Rack down", sections=(Section("Action items", (Item("a"), Item("b"), Item("c"))),))


@pytest.fixture
def racks(world: World) -> World:
    save(RACK)
    save(replace(RACK, title="Secret plan", restricted=("ada", "ben")))
    return world


def put(client: FlaskClient, world: World, ref: str, blocker: str, name: str = "ada") -> TestResponse:
    return client.put(f"{PLACE}/{ref}/blocked-by/{blocker}", headers=world.headers(name))


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=40))
def test_a_link_is_refused_if_and_only_if_it_would_close_a_circle(wanted: list[tuple[int, int]]) -> None:
    kept: dict[int, set[int]] = {}
    for item, blocker in wanted:
        if not waits.reaches(blocker, item, lambda some: {n for one in some for n in kept.get(one, ())}):
            kept.setdefault(item, set()).add(blocker)
        else:
            assert not _is_without_circle(kept | {item: {*kept.get(item, ()), blocker}})
        assert _is_without_circle(kept)


def _is_without_circle(edges: dict[int, set[int]]) -> bool:
    """Whether all can be done one after another: whatever waits for nothing that is left is done first."""
    left = {item: set(blockers) for item, blockers in edges.items()}
    while free := [item for item, blockers in left.items() if not blockers & left.keys()]:
        for item in free:
            del left[item]
    return not left


def test_a_blocker_is_shown_from_both_sides_and_frees_when_it_is_closed(
    any_database: str, client: FlaskClient, racks: World
) -> None:
    put(client, racks, "AI-1", "AI-2")

    links = put(client, racks, "AI-1", "AI-2").json
    assert ([each["id"] for each in links["blocked_by"]], links["is_blocked"]) == (["AI-2"], True)
    back = client.get(f"{PLACE}/AI-2/links", headers=racks.headers()).json
    assert ([each["id"] for each in back["blocks"]], back["is_blocked"]) == (["AI-1"], False)
    assert "blocked" in words(racks.browser().get("/action-items/AI-1").text)
    assert "Waiting for this one" in racks.browser().get("/action-items/AI-2").text

    client.patch(f"{PLACE}/AI-2", json={"status": "done"}, headers=racks.headers())

    links = client.get(f"{PLACE}/AI-1/links", headers=racks.headers()).json
    assert (links["blocked_by"][0]["is_closed"], links["is_blocked"]) == (True, False)
    gone = client.delete(f"{PLACE}/AI-1/blocked-by/AI-2", headers=racks.headers())
    assert gone.json["blocked_by"] == []
    assert client.delete(f"{PLACE}/AI-1/blocked-by/AI-2", headers=racks.headers()).status_code == 404
    acts = client.get(f"{PLACE}/AI-1/history", headers=racks.headers()).json["history"]
    assert [(act["what"], act["why"]) for act in acts[:2]] == [
        ("unblocked", "by AI-2"),
        ("blocked", "by AI-2"),
    ]


@pytest.mark.parametrize(
    "ref, blocker, name, status",
    [
        ("AI-1", "AI-1", "ada", 409),
        ("AI-3", "AI-1", "ada", 409),
        ("AI-1", "AI-99", "ada", 404),
        ("AI-1", "x", "ada", 404),
        ("AI-1", "AI-4", "cy", 403),
        ("AI-99", "AI-1", "ada", 404),
    ],
)
def test_what_cannot_be_is_refused(
    client: FlaskClient, racks: World, ref: str, blocker: str, name: str, status: int
) -> None:
    put(client, racks, "AI-1", "AI-2")
    put(client, racks, "AI-2", "AI-3")

    assert put(client, racks, ref, blocker, name).status_code == status


def test_of_a_restricted_item_nothing_is_told_but_that_it_is_there(client: FlaskClient, racks: World) -> None:
    put(client, racks, "AI-1", "AI-4")
    put(client, racks, "AI-5", "AI-1")

    answer = client.get(f"{PLACE}/AI-1/links", headers=racks.headers("cy"))

    unseen = {"id": None, "text": "an item you may not see", "status": None, "incident": None}
    assert answer.json["blocked_by"] == [unseen | {"is_closed": False}]
    assert answer.json["blocks"] == [unseen | {"is_closed": False}]
    page = racks.browser("cy").get("/action-items/AI-1").text
    history = client.get(f"{PLACE}/AI-1/history", headers=racks.headers("cy")).text
    for told in (answer.text, page, history):
        assert not any(secret in told for secret in ("AI-4", "AI-5", "Secret plan", "secret-plan"))
    assert "an item you may not see" in page
    assert [
        each["id"] for each in client.get(f"{PLACE}/AI-1/links", headers=racks.headers()).json["blocks"]
    ] == ["AI-5"]


@pytest.mark.parametrize(
    "method, path, body",
    [
        ("GET", "AI-4/history", None),
        ("GET", "AI-4/comments", None),
        ("GET", "AI-4/links", None),
        ("POST", "AI-4/comments", {"text": "x"}),
        ("POST", "AI-4/accept", {}),
        ("POST", "AI-4/decline", {"reason": "x"}),
        ("POST", "AI-4/merge", {"into": "AI-1"}),
        ("DELETE", "AI-4/merge", None),
        ("PUT", "AI-1/blocked-by/AI-4", None),
        ("DELETE", "AI-1/blocked-by/AI-4", None),
    ],
)
def test_what_is_restricted_is_not_there_for_others(
    client: FlaskClient, world: World, method: str, path: str, body: Any
) -> None:
    save(RACK)
    save(replace(RACK, title="Secret plan", restricted=("ben",)))

    answer = client.open(f"{PLACE}/{path}", method=method, json=body, headers=world.headers("ada"))

    assert (answer.status_code, answer.json["detail"]) == (404, "there is no action item AI-4")


def test_links_that_changed_since_they_were_read_are_left_alone(client: FlaskClient, racks: World) -> None:
    read = client.get(f"{PLACE}/AI-1/links", headers=racks.headers())
    put(client, racks, "AI-1", "AI-2")
    stale = racks.headers() | {"If-Match": read.headers["ETag"]}

    assert client.put(f"{PLACE}/AI-1/blocked-by/AI-3", headers=stale).status_code == 412
