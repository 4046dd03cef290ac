"""`/mcp`: the Model Context Protocol over streamable HTTP, one POST for each message.

Written here and not served by the protocol's SDK, which is an asynchronous application: behind an adapter it
needs a loop of its own in every process, keeps sessions of the old age in one of several processes, and knows
nothing of our tokens, hosts, limits and units of work. Neither age needs a session for what is offered here.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from postmortems import limits
from postmortems.assistants import messages, methods
from postmortems.assistants.messages import Message
from postmortems.assistants.protocol_error import INVALID_REQUEST, PARSE_ERROR, ProtocolError
from postmortems.assistants.tool import Caller, Fields
from postmortems.errors import NotAllowed
from postmortems.web import csrf
from postmortems.web.auth import current_actor
from postmortems.web.openapi import strict_json
from postmortems.web.server.app_runtime import runtime
from postmortems.web.transactions import own_units

blueprint = Blueprint("assistants_api", __name__)

JSON = "application/json"


@blueprint.route(limits.ASSISTANTS_PATH, methods=["POST"], strict_slashes=False)
@own_units
def answer() -> Response:
    """The answer to one message, 202 to a notification."""
    _require_token()
    headers = {name.lower(): value for name, value in request.headers.items()}
    number: Any = None
    is_new = False
    try:
        body = _body()
        number = body.get("id") if isinstance(body, dict) else None
        number = number if isinstance(number, str | int) and not isinstance(number, bool) else None
        is_new = isinstance(body, dict) and messages.is_new(body, headers)
        message = messages.read(body, headers)
        if message.is_notification:
            return Response(status=202)
        result = messages.finished(_result(message), message.method, is_new=message.is_new)
    except ProtocolError as error:
        is_unread = error.code in {PARSE_ERROR, INVALID_REQUEST}
        status = messages.STATUSES.get(error.code, 200) if is_new or is_unread or number is None else 200
        return _json(messages.failed(error, number), status)
    return _json({"jsonrpc": "2.0", "id": number, "result": result}, 200)


def _require_token() -> None:
    """Programs come with a token. A page of another site that has one is refused all the same."""
    if current_actor().kind not in {"token", "ci"}:
        raise NotAllowed(
            "assistants come with a token, as `Authorization: Bearer …`: Settings → Tokens makes one"
        )
    if "Origin" in request.headers and not csrf.is_sent_from_here():
        raise NotAllowed("this request came from another site, so it was not carried out")


def _body() -> Any:
    if request.mimetype != JSON:
        raise ProtocolError(INVALID_REQUEST, "send JSON, with Content-Type: application/json")
    request.max_content_length = limits.ASSISTANTS_READ
    sent = request.get_data(cache=False)
    if len(sent) > limits.ASSISTANTS:
        raise RequestEntityTooLarge
    try:
        return strict_json.parse(sent)
    except strict_json.Malformed as wrong:
        raise ProtocolError(PARSE_ERROR, wrong.detail) from None


def _result(message: Message) -> Fields:
    if message.is_new:
        if message.method == "server/discover":
            return messages.discovered()
    elif message.method == "initialize":
        return messages.initialized(message.params)
    elif message.method == "ping":
        return {}
    return methods.answer(message.method, message.params, Caller(current_actor(), runtime()))


def _json(body: Fields, status: int) -> Response:
    response = current_app.response_class(current_app.json.dumps(body), status, mimetype=JSON)
    response.headers["Cache-Control"] = "no-store"
    return response
