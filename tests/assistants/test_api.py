"""`/mcp` over HTTP: both ages, who may ask, and what is refused in words that a client shows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from postmortems import limits
from postmortems.accounts import operations as accounts
from postmortems.assistants import resources
from postmortems.db import session as db
from tests.assistants.messages import new, old
from tests.capture.test_api import begun
from tests.world import World

JSON = "application/json"


@pytest.mark.usefixtures("any_database")
def test_both_ages_list_the_same_tools(client: FlaskClient, world: World) -> None:
    first = old(client, world.headers(), "tools/list").get_json()["result"]
    second = new(client, world.headers(), "tools/list").get_json()["result"]

    assert first["tools"] == second["tools"]
    assert second["resultType"] == "complete"
    assert (second["ttlMs"], second["cacheScope"]) == (0, "private")


def test_the_old_age_begins_without_a_session(client: FlaskClient, world: World) -> None:
    answer = old(client, world.headers(), "initialize", protocolVersion="2025-06-18", capabilities={})

    assert answer.get_json()["result"]["protocolVersion"] == "2025-06-18"
    assert "Mcp-Session-Id" not in answer.headers
    assert old(client, world.headers(), "ping").get_json()["result"] == {}


def test_the_new_age_is_discovered(client: FlaskClient, world: World) -> None:
    found = new(client, world.headers(), "server/discover").get_json()["result"]

    assert found["supportedVersions"] == ["2026-07-28"]
    assert set(found["capabilities"]) == {"tools", "resources", "prompts"}


@pytest.mark.parametrize("method", ["initialize", "ping", "tools/get", "sampling/createMessage"])
def test_a_method_that_the_new_age_has_not_is_404(client: FlaskClient, world: World, method: str) -> None:
    answer = new(client, world.headers(), method)

    assert answer.status_code == 404
    assert answer.get_json()["error"]["code"] == -32601


def test_the_old_age_is_told_of_errors_with_200(client: FlaskClient, world: World) -> None:
    answer = old(client, world.headers(), "resources/read", uri="postmortems://incidents/none")

    assert answer.status_code == 200
    assert answer.get_json() == {
        "jsonrpc": "2.0",
        "id": 1,
        "error": {"code": -32602, "message": "there is no incident none"},
    }


def test_a_notification_is_taken_without_an_answer(client: FlaskClient, world: World) -> None:
    body = {"jsonrpc": "2.0", "method": "notifications/initialized"}

    answer = client.post("/mcp", json=body, headers=world.headers())

    assert (answer.status_code, answer.data) == (202, b"")


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_there_is_no_stream_and_no_session_to_end(client: FlaskClient, world: World, method: str) -> None:
    answer = client.open("/mcp", method=method, headers=world.headers())

    assert answer.status_code == 405
    assert answer.get_json()["error"]["code"] == -32600


BROKEN: list[tuple[str, bytes, str, int, int]] = [
    ("not JSON", b"{", JSON, 400, -32700),
    ("not UTF-8", b'"\xff"', JSON, 400, -32700),
    ("a key twice", b'{"jsonrpc": "2.0", "jsonrpc": "2.0"}', JSON, 400, -32700),
    ("nested too deep", b"[" * 5000, JSON, 400, -32700),
    ("empty", b"", JSON, 400, -32700),
    ("a character that no text may hold", b'{"method": "a\\u0000"}', JSON, 400, -32700),
    ("a batch", b"[]", JSON, 400, -32600),
    ("called text", b"{}", "text/plain", 400, -32600),
    ("too long", b" " * (limits.ASSISTANTS + 1), JSON, 413, -32600),
    ("ten megabytes", b'"' + b"x" * 10_000_000 + b'"', JSON, 413, -32600),
]


@pytest.mark.parametrize(
    "sent, kind, status, code", [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_what_cannot_be_read_is_told(
    client: FlaskClient, world: World, sent: bytes, kind: str, status: int, code: int
) -> None:
    answer = client.post("/mcp", data=sent, headers=world.headers(), content_type=kind)

    assert answer.status_code == status
    assert answer.mimetype == JSON
    assert answer.get_json()["error"]["code"] == code
    assert answer.get_json()["error"]["message"]


def test_who_brings_no_token_is_told_how(client: FlaskClient, world: World) -> None:
    answer = old(client, {}, "tools/list")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "Authorization: Bearer" in answer.get_json()["error"]["message"]


def test_a_browser_that_is_signed_in_is_no_assistant(world: World) -> None:
    answer = world.browser().send("/mcp", {})

    assert answer.status_code == 403
    assert "come with a token" in answer.get_json()["error"]["message"]


def test_a_token_that_was_revoked_says_nothing_more(client: FlaskClient, world: World) -> None:
    with db.transaction():
        row, secret = accounts.add_token("ada", "gone", ["read"], None, actor=world.system)
        accounts.revoke_token(row.id, actor=world.system)

    answer = old(client, {"Authorization": f"Bearer {secret}"}, "tools/list")

    assert answer.status_code == 401


def test_a_page_of_another_site_is_refused(client: FlaskClient, world: World) -> None:
    answer = old(client, {**world.headers(), "Origin": "https://elsewhere.example"}, "tools/list")

    assert answer.status_code == 403
    assert "another site" in answer.get_json()["error"]["message"]


def test_resources_are_listed_a_page_at_a_time(
    client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "PAGE", 2)
    begun_ = {begun(client, world) for _ in range(5)}
    found: list[str] = []
    cursor, pages = "", 0
    while cursor or not pages:
        page = old(client, world.headers(), "resources/list", cursor=cursor).get_json()["result"]
        found += [each["name"] for each in page["resources"]]
        cursor, pages = page.get("nextCursor", ""), pages + 1

    assert (pages, len(found)) == (3, 5)
    assert set(found) == begun_


@pytest.mark.parametrize(
    "method", ["tools/list", "prompts/list", "resources/list", "resources/templates/list"]
)
def test_a_cursor_that_nobody_gave_is_refused(client: FlaskClient, world: World, method: str) -> None:
    for cursor in ("nowhere", 7, "9" * 400):
        answer = old(client, world.headers(), method, cursor=cursor)

        assert answer.get_json()["error"]["code"] == -32602


def test_the_address_may_end_with_a_slash(client: FlaskClient, world: World) -> None:
    body: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}

    answer = client.post("/mcp/", data=json.dumps(body), headers=world.headers(), content_type=JSON)

    assert answer.status_code == 200
