"""The endpoints for buttons that people press in Slack and Mattermost.

Slack takes what it shows from a second call, to the `response_url` that came with the press; Mattermost from
the answer itself. Either way the one who pressed sees it, and nobody else.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Response, current_app, jsonify, request
from marshmallow import Schema, fields

from postmortems import clock, config
from postmortems.capture import chat_commands, chat_requests
from postmortems.capture.chat_requests import Sender
from postmortems.capture.chats import buttons, payloads, presses, queries
from postmortems.capture.chats.payloads import Pressed
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.errors import Invalid, NotAllowed, NotFound, Unavailable
from postmortems.notify.channels import replies
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

log = logging.getLogger(__name__)
blueprint = api_blueprint("chat_buttons", "Buttons that people press in Slack and Mattermost.")


class ChatPressSchema(Schema):
    """What Mattermost shows to who pressed; Slack is told by another call."""

    ephemeral_text = fields.String(metadata={"example": "AI-3 is done: https://postmortems.example.org/…"})


@blueprint.route("/chat/slack/presses", methods=["POST"])
@blueprint.doc(requestBody={"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}})
@contract(returns=ChatPressSchema, errors=(403, 404, 422), own_units=True)
def slack() -> Response:
    """Do what a button under a reminder in Slack says, as who pressed it; signed as commands are"""
    settings = _settings()
    body = _body()
    try:
        form = chat_commands.signed_by_slack(
            body,
            request.headers.get("X-Slack-Request-Timestamp", "")[:20],
            request.headers.get("X-Slack-Signature", "")[:300],
            settings,
        )
        pressed = payloads.of_slack(form, config.secret_key(settings))
    except NotAllowed:
        _note_forgery("slack")
        raise
    told = _carried_out(pressed, settings)
    if pressed.response_url:
        _reply(pressed, told)
    return jsonify({})


@blueprint.route("/chat/mattermost/presses", methods=["POST"])
@blueprint.doc(requestBody={"content": {"application/json": {"schema": {"type": "object"}}}})
@contract(returns=ChatPressSchema, errors=(403, 404, 422), own_units=True)
def mattermost() -> Response:
    """Do what a button under a reminder in Mattermost says; the value in its context is signed by us"""
    settings = _settings()
    if not settings.mattermost_tokens:
        raise NotFound("this server takes nothing from Mattermost: set POSTMORTEMS_MATTERMOST_TOKENS")
    body = _body()
    try:
        pressed = payloads.of_mattermost(body, config.secret_key(settings))
    except NotAllowed:
        _note_forgery("mattermost")
        raise
    return jsonify({"ephemeral_text": _carried_out(pressed, settings)})


def _reply(pressed: Pressed, told: str) -> None:
    """Have it told. What was done stands, whether it can be told or not."""
    try:
        with db.transaction():
            replies.put(pressed.response_url, told, pressed.once, runtime().vault, clock.now())
    except Unavailable as lacking:
        log.warning("an answer to a press in Slack cannot be kept: %s", lacking.detail)


def _carried_out(pressed: Pressed, settings: Settings) -> str:
    """What came of it. A press that was taken before does nothing again."""
    press, sender = pressed.press, pressed.sender
    return chat_commands.carried_out(
        pressed.once,
        lambda: _done(press, sender, settings.url),
        lambda refused: presses.told(press, refused, settings.url),
    )


def _done(press: buttons.Press, sender: Sender, url: str) -> str:
    actor = queries.actor_of(sender)
    if actor is None:
        return f"First say who you are: make a code at {url}/settings/chat, and type it here."
    return presses.carry_out(press, actor, url)


def _body() -> bytes:
    body = request.get_data(cache=True)
    if len(body) > chat_requests.LARGEST:
        raise Invalid(f"no press is longer than {chat_requests.LARGEST // 1024} KB")
    return body


def _note_forgery(chat: str) -> None:
    with db.transaction():
        chat_commands.note_forgery(chat, request.remote_addr or "")


def _settings() -> Settings:
    settings: Any = current_app.extensions["settings"]
    found: Settings = settings
    return found
