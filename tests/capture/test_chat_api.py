"""Slash commands of Slack and Mattermost: who may send one, once, and what is noted and answered."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems import clock as the_clock
from postmortems.accounts import operations as accounts
from postmortems.db import session as db
from postmortems.incidents import queries, rows
from tests.capture.test_api import TEXT, begun
from tests.world import World

SECRET, TOKEN = "8f742231b10e8888abcd99yyyzzz85a5", "nezum4kpu3faiec7r7c5zt6tfy"
OTHER = "0" * 32


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"slack_secrets": (OTHER, SECRET), "mattermost_tokens": (TOKEN,), "chat_account": "ada"}


def slack(
    client: FlaskClient,
    text: str,
    *,
    secret: str = SECRET,
    late_s: int = 0,
    change: Callable[[dict[str, str], bytes], tuple[dict[str, str], bytes]] = lambda *sent: sent,
) -> TestResponse:
    form = {"command": "/note", "text": text, "user_name": "sam", "user_id": "U1", "trigger_id": "1.2.3"}
    body = urlencode(form).encode()
    stamp = str(int((the_clock.now() - timedelta(seconds=late_s)).timestamp()))
    made = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={made}"}
    headers, body = change(headers, body)
    kind = "application/x-www-form-urlencoded"
    return client.post("/api/v1/chat/slack", data=body, headers=headers, content_type=kind)


def mattermost(client: FlaskClient, text: str, *, trigger: str = "t1", token: str = TOKEN) -> TestResponse:
    form = {"text": text, "user_name": "sam", "token": token, "trigger_id": trigger}
    return client.post("/api/v1/chat/mattermost", data={name: told for name, told in form.items() if told})


def entries(world: World, slug: str) -> list[tuple[str, str, str]]:
    with db.reading():
        document = rows.to_document(queries.by_slug(slug, world.ben))
    return [(entry.written, entry.text, entry.kind) for entry in document.entries[1:]]


@pytest.mark.usefixtures("any_database", "clock")
def test_what_is_typed_in_slack_is_noted_once(client: FlaskClient, world: World) -> None:
    slug = begun(client, world)

    answer = slack(client, "mitigation: rolled back")
    again = slack(client, "mitigation: rolled back")

    assert answer.status_code == 200
    assert answer.get_json()["response_type"] == "ephemeral"
    assert answer.get_json()["text"].startswith("Noted at 09:00 in Hub down: http")
    assert again.status_code == 403
    assert entries(world, slug) == [("09:00", "sam: rolled back", "mitigation")]


@pytest.mark.usefixtures("any_database", "clock")
def test_what_is_typed_in_mattermost_is_noted_once(client: FlaskClient, world: World) -> None:
    slug = begun(client, world)

    codes = [mattermost(client, "rolled back", trigger=each).status_code for each in ("t1", "t1", "t2")]

    assert codes == [200, 403, 200]
    assert entries(world, slug) == [("09:00", "sam: rolled back", "")] * 2


@pytest.mark.usefixtures("any_database", "clock")
def test_the_same_request_many_times_at_once_is_taken_once(app: Flask, world: World) -> None:
    slug = begun(app.test_client(), world)
    now = the_clock.now()

    def send(_: int) -> int:
        with the_clock.frozen_at(now):
            return slack(app.test_client(), "rolled back").status_code

    with ThreadPoolExecutor(4) as pool:
        codes = sorted(pool.map(send, range(4)))

    assert codes == [200, 403, 403, 403]
    assert len(entries(world, slug)) == 1


def with_header(name: str, told: str) -> dict[str, Any]:
    return {"change": lambda headers, body: ({**headers, f"X-Slack-{name}": told}, body)}


FORGED: list[tuple[str, dict[str, Any]]] = [
    ("another secret", {"secret": "1" * 32}),
    ("too old", {"late_s": 301}),
    ("too far ahead", {"late_s": -301}),
    ("another body", {"change": lambda headers, body: (headers, body + b"&text=x")}),
    ("no headers", {"change": lambda headers, body: ({}, body)}),
    ("no signature", with_header("Signature", "")),
    ("a signature in words", with_header("Signature", "v0=\xe4")),
    ("a time in words", with_header("Request-Timestamp", "now")),
    ("another time", with_header("Request-Timestamp", "1")),
    ("a time too long", with_header("Request-Timestamp", "9" * 19)),
]


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("sent", [each for _, each in FORGED], ids=[name for name, _ in FORGED])
def test_what_slack_did_not_sign_is_refused(client: FlaskClient, world: World, sent: dict[str, Any]) -> None:
    slug = begun(client, world)

    assert slack(client, "rolled back", **sent).status_code == 403
    assert entries(world, slug) == []


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    "sent, status",
    [({"token": "x" * 26}, 403), ({"token": ""}, 403), ({"token": "\xe4"}, 403), ({"trigger": ""}, 422)],
)
def test_what_is_not_mattermosts_is_refused(
    client: FlaskClient, world: World, sent: dict[str, str], status: int
) -> None:
    slug = begun(client, world)

    assert mattermost(client, "rolled back", **sent).status_code == status
    assert entries(world, slug) == []


@pytest.mark.usefixtures("clock")
def test_what_is_asked_wrongly_is_told_in_words(client: FlaskClient, world: World) -> None:
    begun(client, world)

    told = [
        mattermost(client, text, trigger=text or "none").get_json()["text"]
        for text in ("", "help", "#nothing-there x", "25:61 - x")
    ]

    assert told[0] == told[1]
    assert told[0].startswith("Say what happened")
    assert told[2] == "Nothing was noted: there is no incident nothing-there."
    assert told[3].startswith("Nothing was noted: '25:61' is no time")


def test_without_a_draft_it_says_so_and_is_not_tried_again(client: FlaskClient, world: World) -> None:
    first, again = mattermost(client, "x"), mattermost(client, "x")

    assert "there is no draft" in first.get_json()["text"]
    assert again.status_code == 403


def test_restricted_incidents_are_not_reached(client: FlaskClient, world: World) -> None:
    slug = begun(client, world, TEXT.replace("timezone: UTC", "timezone: UTC\nrestricted: [ada]"))

    newest, named = mattermost(client, "x"), mattermost(client, f"#{slug} x", trigger="t2")

    assert "there is no draft" in newest.get_json()["text"]
    assert f"there is no incident {slug}" in named.get_json()["text"]


def test_an_account_that_is_off_notes_nothing(client: FlaskClient, world: World) -> None:
    begun(client, world)
    with db.transaction():
        accounts.change_user("ada", role="author", is_active=False, actor=world.ben)

    assert "POSTMORTEMS_CHAT_ACCOUNT" in mattermost(client, "x").get_json()["text"]


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a" * 70_000, b"&".join([b"a=1"] * 60)])
def test_a_body_that_is_no_form_is_refused(client: FlaskClient, world: World, body: bytes) -> None:
    kind = "application/x-www-form-urlencoded"

    assert client.post("/api/v1/chat/mattermost", data=body, content_type=kind).status_code in {403, 422}
    assert slack(client, "x", change=lambda headers, _: (headers, body)).status_code in {403, 422}


@pytest.mark.usefixtures("clock")
def test_a_name_cannot_write_markdown(client: FlaskClient, world: World) -> None:
    slug = begun(client, world)
    form = {"text": "x", "user_name": "**[a](https://x.test)**\n# b", "token": TOKEN, "trigger_id": "t"}

    client.post("/api/v1/chat/mattermost", data=form)

    assert entries(world, slug) == [("09:00", "ahttpsx.test b: x", "")]
