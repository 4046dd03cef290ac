"""Buttons under reminders: what a press does, by whom, once; and what is no press."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from postmortems.capture.chats import buttons
from postmortems.capture.chats.buttons import Press
from postmortems.db import session as db
from postmortems.notify.models import Message
from tests.apps import KEY as VAULT_KEY
from tests.capture.chats.requests import SECRET, TOKEN, mattermost, mattermost_press, slack_press
from tests.capture.chats.test_commands import ITEMS, code_of, link
from tests.capture.test_api import begun
from tests.world import World

KEY = "for tests"


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"slack_secrets": (SECRET,), "mattermost_tokens": (TOKEN,), "secrets_key": (VAULT_KEY,)}


def value(do: str, ref: str = "AI-1") -> str:
    return buttons.value(Press(do, ref), KEY)


def item(client: FlaskClient, world: World) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/action-items/AI-1", headers=world.headers()).get_json()
    return found


def linked(client: FlaskClient, world: World, text: str = ITEMS) -> None:
    begun(client, world, text)
    mattermost(client, f"link {code_of(world)}", once="link")


ATTESTABLE = ITEMS.replace("Due: 2026-02-01", "Due: 2026-02-01. Guardability: none - people do it")
PRESSES = [
    ("later", "AI-1 is due on 2026-03-09 now", {"due": "2026-03-09", "owner": "@ada", "status": "open"}),
    ("not_mine", "AI-1 has no owner now", {"due": "2026-02-01", "owner": "", "status": "open"}),
    ("done", "AI-1 was left as it is: ", {"due": "2026-02-01", "owner": "@ada", "status": "open"}),
]


@pytest.mark.usefixtures("any_database", "clock")
@pytest.mark.parametrize("do, words, fields", PRESSES)
def test_a_press_does_what_it_says_and_done_obeys_the_definition(
    client: FlaskClient, world: World, do: str, words: str, fields: dict[str, str]
) -> None:
    linked(client, world)

    answer = mattermost_press(client, value(do))

    assert answer.status_code == 200
    assert answer.get_json()["ephemeral_text"].startswith(words)
    found = item(client, world)
    assert {name: found[name] for name in fields} == fields


@pytest.mark.usefixtures("clock")
def test_a_press_in_slack_is_answered_by_another_call(client: FlaskClient, world: World) -> None:
    begun(client, world, ITEMS)
    link(client, world)

    answer = slack_press(client, value("later"))

    assert (answer.status_code, answer.get_json()) == (200, {})
    assert item(client, world)["due"] == "2026-03-09"
    with db.reading() as session:
        (message,) = session.scalars(select(Message).where(Message.channel == "chat-reply"))
    assert message.payload["text"].startswith("AI-1 is due on 2026-03-09 now")
    assert "hooks.slack.com" not in str(message.payload)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("press", [slack_press, mattermost_press])
def test_a_press_is_taken_once(client: FlaskClient, world: World, press: Any) -> None:
    linked(client, world)
    link(client, world)

    codes = [press(client, value("later"), once=once).status_code for once in ("1", "1", "2")]

    assert codes == [200, 403, 200]


@pytest.mark.usefixtures("clock")
def test_who_is_not_linked_changes_nothing(client: FlaskClient, world: World) -> None:
    begun(client, world, ITEMS)

    told = mattermost_press(client, value("later")).get_json()["ephemeral_text"]

    assert told.startswith("First say who you are")
    assert item(client, world)["due"] == "2026-02-01"


@pytest.mark.usefixtures("clock")
def test_an_item_of_somebody_else_is_not_taken_off_their_list(client: FlaskClient, world: World) -> None:
    linked(client, world, ITEMS.replace("@ada", "@ben"))

    told = mattermost_press(client, value("not_mine")).get_json()["ephemeral_text"]

    assert told.startswith("AI-1 is not on your list; its owner is @ben")
    assert item(client, world)["owner"] == "@ben"


@pytest.mark.usefixtures("clock")
def test_an_item_of_a_restricted_incident_is_not_there(client: FlaskClient, world: World) -> None:
    linked(client, world, ITEMS.replace("timezone: UTC", "timezone: UTC\nrestricted: [ada]"))

    told = [
        mattermost_press(client, value("later", ref), once=ref).get_json()["ephemeral_text"].replace(ref, "X")
        for ref in ("AI-1", "AI-999")
    ]

    assert told[0] == told[1]
    assert "there is no action item" in told[0]


FORGED: list[tuple[str, Any]] = [
    ("another key", buttons.value(Press("done", "AI-1"), "another")),
    ("another item", value("done").replace("AI-1", "AI-2")),
    ("another act", value("later").replace("later", "done")),
    ("an act that is none", value("later").replace("later", "drop")),
    ("without a signature", "done.AI-1."),
    ("cut", value("done")[:-1]),
    ("a line more", value("done") + "\n"),
    ("a number", 1),
    ("a list", ["done"]),
    ("nothing", None),
]


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("sent", [each for _, each in FORGED], ids=[name for name, _ in FORGED])
def test_a_value_that_we_did_not_sign_is_no_press(client: FlaskClient, world: World, sent: Any) -> None:
    linked(client, world)

    codes = [press(client, sent).status_code for press in (slack_press, mattermost_press)]

    assert codes == [403, 403]
    assert item(client, world)["due"] == "2026-02-01"


@pytest.mark.usefixtures("clock")
def test_what_slack_did_not_sign_is_no_press(client: FlaskClient, world: World) -> None:
    begun(client, world, ITEMS)
    link(client, world)

    assert slack_press(client, value("later"), secret="1" * 32).status_code == 403
    assert item(client, world)["due"] == "2026-02-01"


BROKEN: list[dict[str, Any]] = [
    {"type": "view_submission"},
    {"type": None},
    {"actions": []},
    {"actions": None},
    {"actions": ["x"]},
    {"actions": [{"value": value("later")}] * 2},
    {"user": {"id": "U\ud800", "team_id": "T1"}},
    {"user": {"id": "U\0", "team_id": "T1"}},
]


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("change", BROKEN)
def test_other_payloads_are_refused_in_words(
    client: FlaskClient, world: World, change: dict[str, Any]
) -> None:
    assert slack_press(client, value("later"), change=change).status_code == 422


@pytest.mark.usefixtures("any_database", "clock")
def test_an_id_that_cannot_be_stored_is_refused(client: FlaskClient, world: World) -> None:
    assert mattermost_press(client, value("later"), user_id="m1u\0").status_code == 422


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 5000, b"x" * 70_000, b"null"])
def test_a_body_that_is_no_press_is_refused(client: FlaskClient, world: World, body: bytes) -> None:
    answer = client.post("/api/v1/chat/mattermost/presses", data=body, content_type="application/json")

    assert answer.status_code in {403, 422}


ELSEWHERE = [
    "http://hooks.slack.com/x",
    "https://hooks.slack.com.evil.test/x",
    "https://evil.test/hooks.slack.com",
    "https://hooks.slack.com@evil.test/x",
    "https://user@hooks.slack.com/x",
    "https://hooks.slack.com:8443/x",
    "https://[",
    "",
    7,
]


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("url", ELSEWHERE)
def test_an_answer_goes_to_slack_and_nowhere_else(client: FlaskClient, world: World, url: Any) -> None:
    begun(client, world, ITEMS)
    link(client, world)

    assert slack_press(client, value("later"), change={"response_url": url}).status_code == 200
    with db.reading() as session:
        assert session.scalar(select(Message).where(Message.channel == "chat-reply")) is None
