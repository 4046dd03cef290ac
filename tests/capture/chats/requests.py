"""What Slack and Mattermost send, in their own shapes, signed as they sign."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems import clock
from postmortems.capture.chats import commands

SECRET, TOKEN = "8f742231b10e8888abcd99yyyzzz85a5", "nezum4kpu3faiec7r7c5zt6tfy"
FORM = "application/x-www-form-urlencoded"


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers of Slack: `v0`, HMAC-SHA256 over `v0:timestamp:body`."""
    stamp = str(int(clock.now().timestamp()))
    made = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={made}"}


def slack(
    client: FlaskClient,
    text: str,
    *,
    once: str = "1",
    team: str = "T1",
    user: str = "U1",
    command: str = commands.NAME,
) -> str:
    """The words of the answer to a slash command; the status where it is refused."""
    form = {
        "token": "gIkuvaNzQIHg97ATvDxqgjtO",
        "team_id": team,
        "team_domain": "example",
        "channel_id": "C2147483705",
        "channel_name": "test",
        "user_id": user,
        "user_name": "sam",
        "command": command,
        "text": text,
        "api_app_id": "A123456",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/1234/5678",
        "trigger_id": f"13345224609.738474920.{once}",
    }
    body = urlencode(form).encode()
    answer = client.post("/api/v1/chat/slack", data=body, headers=signed(body), content_type=FORM)
    return words(answer)


def mattermost(client: FlaskClient, text: str, *, once: str = "1", user: str = "m1u") -> str:
    form = {
        "channel_id": "fukfpjyzrpgq",
        "channel_name": "town-square",
        "command": commands.NAME,
        "response_url": "https://chat.example.org/hooks/commands/x",
        "team_domain": "example",
        "team_id": "uciqe5x7dpgefm",
        "text": text,
        "token": TOKEN,
        "trigger_id": f"t{once}",
        "user_id": user,
        "user_name": "sam",
    }
    return words(client.post("/api/v1/chat/mattermost", data=form))


def words(answer: TestResponse) -> str:
    if answer.status_code != 200:
        return str(answer.status_code)
    assert answer.get_json()["response_type"] == "ephemeral"
    return str(answer.get_json()["text"])


def slack_press(
    client: FlaskClient,
    value: Any,
    *,
    once: str = "1",
    secret: str = SECRET,
    change: dict[str, Any] | None = None,
) -> TestResponse:
    """A press of a button in a message that an incoming webhook brought (`block_actions`)."""
    payload = {
        "type": "block_actions",
        "user": {"id": "U1", "username": "sam", "name": "sam", "team_id": "T1"},
        "api_app_id": "A123456",
        "token": "verification",
        "container": {"type": "message", "message_ts": "1772.1", "channel_id": "C1", "is_ephemeral": False},
        "trigger_id": f"12466734323.1395872398.{once}",
        "team": {"id": "T1", "domain": "example"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": "C1", "name": "ops"},
        "message": {"type": "message", "subtype": "bot_message", "text": "AI-1 is due", "ts": "1772.1"},
        "state": {"values": {}},
        "response_url": "https://hooks.slack.com/actions/T1/1/x",
        "actions": [
            {
                "action_id": "done",
                "block_id": "b1",
                "text": {"type": "plain_text", "text": "Done"},
                "value": value,
                "type": "button",
                "action_ts": f"1772.{once}",
            }
        ],
    } | (change or {})
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return client.post(
        "/api/v1/chat/slack/presses", data=body, headers=signed(body, secret), content_type=FORM
    )


def mattermost_press(client: FlaskClient, value: Any, *, once: str = "1", **change: Any) -> TestResponse:
    """A press as Mattermost's server sends it (`PostActionIntegrationRequest`)."""
    body = {
        "user_id": "m1u",
        "user_name": "sam",
        "channel_id": "fukfpjyzrpgq",
        "channel_name": "ops",
        "team_id": "uciqe5x7dpgefm",
        "team_domain": "example",
        "post_id": "gx1qk3",
        "trigger_id": f"t{once}",
        "type": "button",
        "data_source": "",
        "context": {"value": value},
    } | change
    return client.post("/api/v1/chat/mattermost/presses", json=body)
