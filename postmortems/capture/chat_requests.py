"""Requests of chats' slash commands: who may have sent one, and what is in it. Pure.

Slack signs with HMAC-SHA256 over `v0:timestamp:body`; Mattermost sends the command's token in the form, and a
`trigger_id` that no other request has (since 5.9).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from postmortems.errors import Invalid
from postmortems.incidents import validation

LARGEST = 64 * 1024
MOST_FIELDS = 50
# How far the sender's clock may be from ours, both ways, in seconds.
WINDOW_S = 300
TIMESTAMP = re.compile(r"[0-9]{1,12}")
LONGEST_NAME = 80
UNNAMED = re.compile(r"[^\w .@'’-]")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who typed or pressed: the chat, Slack's team ("" for Mattermost), the chat's id of them, their name."""

    chat: str
    workspace: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What somebody typed behind a command. `once` is the digest of what no other request has."""

    user: str
    text: str
    once: str
    command: str = ""
    sender: Sender = Sender("", "", "", "")


def is_signed(body: bytes, timestamp: str, signature: str, secrets: Iterable[str], now: datetime) -> bool:
    """Whether `X-Slack-Signature` is that of the raw body, made within five minutes of now."""
    if not TIMESTAMP.fullmatch(timestamp) or abs(now.timestamp() - int(timestamp)) > WINDOW_S:
        return False
    signed = b":".join((b"v0", timestamp.encode(), body))
    made = ["v0=" + hmac.new(each.encode(), signed, hashlib.sha256).hexdigest() for each in secrets]
    return _is_one_of(signature, made)


def is_token(token: str, tokens: Iterable[str]) -> bool:
    """Whether it is the token of a command that we know."""
    return bool(token) and _is_one_of(token, tokens)


def _is_one_of(sent: str, known: Iterable[str]) -> bool:
    # All are compared, so that the time says nothing.
    return sum(hmac.compare_digest(each.encode(), sent.encode("utf-8", "replace")) for each in known) > 0


def of_slack(body: bytes, signature: str) -> ChatRequest:
    """The request in a body whose signature is right. Raises `Invalid`."""
    return _request(fields(body), f"slack {signature}", "slack")


def of_mattermost(form: dict[str, str]) -> ChatRequest:
    """The request in a form whose token is right. Raises `Invalid`."""
    if not form.get("trigger_id"):
        raise Invalid("trigger_id is missing: Mattermost sends it from version 5.9 on")
    return _request(form, f"mattermost {form['trigger_id']}", "mattermost")


def fields(body: bytes) -> dict[str, str]:
    """The fields of a form. Raises `Invalid`."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise Invalid("the body is no form in UTF-8") from None
    form = dict(reversed(pairs))
    for name, value in form.items():
        storable(name, value)
    return form


def storable(name: str, value: str) -> str:
    """The value of a field, which ids and words are looked for by. Raises `Invalid`."""
    if validation.UNSTORABLE.search(value):
        raise Invalid(f"{name[:60]} holds a character that cannot be stored")
    return value


def _request(form: dict[str, str], once: str, chat: str) -> ChatRequest:
    plain = named(form.get("user_name") or form.get("user_id") or "")
    sender = sent_by(chat, form.get("team_id", ""), form.get("user_id", ""), plain)
    return ChatRequest(plain, form.get("text", "").strip(), digest(once), form.get("command", ""), sender)


def named(user: str) -> str:
    """A name that comes into Markdown: nothing in it may mean something there."""
    return " ".join(UNNAMED.sub("", user).split())[:LONGEST_NAME].strip("@ ") or "somebody"


def sent_by(chat: str, team: str, user_id: str, name: str) -> Sender:
    """Somebody by the chat's own ids; what is none, or longer than one, is nobody's: their id is ""."""
    is_id = 0 < len(user_id) <= LONGEST_NAME and len(team) <= LONGEST_NAME
    workspace = team if chat == "slack" else ""
    return Sender(chat, workspace if is_id else "", user_id if is_id else "", name)


def digest(once: str) -> str:
    """By what a request is known again."""
    return hashlib.sha256(once.encode("utf-8", "replace")).hexdigest()
