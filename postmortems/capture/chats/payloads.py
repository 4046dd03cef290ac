"""What Slack and Mattermost send when a button is pressed. Pure.

Slack: a form whose `payload` is JSON of the type `block_actions` (docs.slack.dev, "block_actions payload").
Mattermost: JSON, `PostActionIntegrationRequest` of its server; `context` is what we gave the button.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from postmortems.capture import chat_requests
from postmortems.capture.chat_requests import Sender
from postmortems.capture.chats import buttons
from postmortems.capture.chats.buttons import Press
from postmortems.errors import Invalid, NotAllowed

# Where Slack lets answers be posted.
SLACK_HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})


@dataclass(frozen=True, slots=True)
class Pressed:
    """Who pressed what; `once` is the digest of what no other press has."""

    press: Press
    sender: Sender
    once: str
    response_url: str = ""


def of_slack(form: Mapping[str, str], secret: str) -> Pressed:
    """The press in a form whose signature is right. Raises `Invalid`, `NotAllowed` for a value not ours."""
    payload = _object(form.get("payload", ""))
    if payload.get("type") != "block_actions":
        raise Invalid("this server takes presses of buttons alone (block_actions)")
    actions = payload.get("actions")
    action = actions[0] if isinstance(actions, list) and len(actions) == 1 else None
    if not isinstance(action, dict):
        raise Invalid("payload.actions has to hold the one button that was pressed")
    user, team = _inner(payload, "user"), _inner(payload, "team")
    name = chat_requests.named(_text(user, "username") or _text(user, "name") or _text(user, "id"))
    team_id = _text(team, "id") or _text(user, "team_id")
    sender = chat_requests.sent_by("slack", team_id, _text(user, "id"), name)
    once = f"slack press {_text(payload, 'trigger_id')} {_text(action, 'action_ts')} {sender.id}"
    return Pressed(
        _press(action.get("value"), secret), sender, chat_requests.digest(once), _answer_url(payload)
    )


def of_mattermost(body: bytes, secret: str) -> Pressed:
    """The press in a body. Raises `Invalid`, or `NotAllowed` for a value that we did not sign."""
    payload = _object(body)
    press = _press(_inner(payload, "context").get("value"), secret)
    if not _text(payload, "trigger_id"):
        raise Invalid("trigger_id is missing: Mattermost sends it from version 5.9 on")
    name = chat_requests.named(_text(payload, "user_name") or _text(payload, "user_id"))
    sender = chat_requests.sent_by("mattermost", "", _text(payload, "user_id"), name)
    once = f"mattermost press {_text(payload, 'trigger_id')}"
    return Pressed(press, sender, chat_requests.digest(once))


def _press(value: Any, secret: str) -> Press:
    press = buttons.read(value, secret)
    if press is None:
        raise NotAllowed("that is no button of this server")
    return press


def _answer_url(payload: Mapping[str, Any]) -> str:
    """Where the answer goes; "" for an address that is not Slack's."""
    url = _text(payload, "response_url")
    try:
        parts = urlsplit(url)
        is_slack = parts.scheme == "https" and parts.hostname in SLACK_HOSTS and parts.port in {None, 443}
    except ValueError:
        return ""
    return url if is_slack and "@" not in parts.netloc and len(url) < 2_000 else ""


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid("the body is no JSON in UTF-8") from None
    if not isinstance(found, dict):
        raise Invalid("the body has to be a JSON object")
    return found


def _inner(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def _text(payload: Mapping[str, Any], name: str) -> str:
    found = payload.get(name)
    return chat_requests.storable(name, found) if isinstance(found, str) else ""
