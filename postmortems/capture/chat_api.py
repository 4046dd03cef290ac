"""The endpoints for slash commands of Slack and Mattermost: notes, and `/postmortem`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, current_app, jsonify, request

from postmortems.capture import chat_commands, chat_requests, schemas
from postmortems.capture.chat_requests import ChatRequest
from postmortems.capture.chats import commands
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.errors import Invalid, NotAllowed
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("chat", "Slash commands that Slack and Mattermost send to this server.")


def form(*names: str) -> dict[str, Any]:
    """The body of a chat's request, of which only these fields are read."""
    text = {"type": "string"}
    shape = {"type": "object", "properties": dict.fromkeys(names, text)}
    return {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": shape}}}


@blueprint.route("/chat/slack", methods=["POST"])
@blueprint.doc(requestBody=form("command", "text", "team_id", "user_name", "user_id"))
@contract(returns=schemas.ChatAnswerSchema, errors=(403, 404, 422), own_units=True)
def slack() -> Response:
    """Note what somebody typed in Slack; `X-Slack-Signature` and `X-Slack-Request-Timestamp` say who sent it

    The answer is shown to them alone.
    """
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")[:20]
    signature = request.headers.get("X-Slack-Signature", "")[:300]
    return _taken("slack", lambda body, own: chat_commands.from_slack(body, timestamp, signature, own))


@blueprint.route("/chat/mattermost", methods=["POST"])
@blueprint.doc(requestBody=form("command", "text", "user_name", "user_id", "token", "trigger_id"))
@contract(returns=schemas.ChatAnswerSchema, errors=(403, 404, 422), own_units=True)
def mattermost() -> Response:
    """Note what somebody typed in Mattermost; the form's `token` says who sent it

    The answer is shown to them alone.
    """
    return _taken("mattermost", chat_commands.from_mattermost)


def _taken(chat: str, read: Callable[[bytes, Settings], ChatRequest]) -> Response:
    settings: Settings = current_app.extensions["settings"]
    # The raw body is what was signed.
    body = request.get_data(cache=True)
    if len(body) > chat_requests.LARGEST:
        raise Invalid(f"no command is longer than {chat_requests.LARGEST // 1024} KB")
    try:
        sent = read(body, settings)
        told = _carried_out(sent, settings)
    except NotAllowed:
        with db.transaction():
            chat_commands.note_forgery(chat, request.remote_addr or "")
        raise
    return jsonify({"response_type": "ephemeral", "text": told})


def _carried_out(sent: ChatRequest, settings: Settings) -> str:
    """What came of it. What is refused is told in words too."""
    is_note = sent.command != commands.NAME
    begins = "Nothing was noted" if is_note else "That was not done"
    return chat_commands.carried_out(
        sent.once,
        lambda: chat_commands.take(sent, settings),
        lambda refused: f"{begins}: {refused.detail}.",
    )
