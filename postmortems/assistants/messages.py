"""Messages of streamable HTTP, of both ages of the protocol: what is in one, do its headers agree. Pure.

To 2025-11-25 a client begins with `initialize`, and the header `MCP-Protocol-Version` names what was agreed.
From 2026-07-28 on each request stands alone: `_meta` says version and capabilities, and the headers
`MCP-Protocol-Version`, `Mcp-Method` and `Mcp-Name` repeat what is in the body (Streamable HTTP, "Standard
Request Headers").
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from postmortems.assistants import about, methods
from postmortems.assistants.protocol_error import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    NOT_ALLOWED,
    PARSE_ERROR,
    ProtocolError,
)
from postmortems.assistants.tool import Fields

OLD = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
NEW = ("2026-07-28",)
HEADER_MISMATCH, UNSUPPORTED_VERSION = -32020, -32022
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities"
SERVER_KEY = "io.modelcontextprotocol/serverInfo"
# Which of the parameters the header `Mcp-Name` repeats.
NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
ENCODED = re.compile(r"=\?base64\?(.*)\?=")
# Statuses of the new age; the old one answers errors with 200.
STATUSES = {
    PARSE_ERROR: 400,
    INVALID_REQUEST: 400,
    INVALID_PARAMS: 400,
    HEADER_MISMATCH: 400,
    UNSUPPORTED_VERSION: 400,
    METHOD_NOT_FOUND: 404,
    NOT_ALLOWED: 403,
}


@dataclass(frozen=True, slots=True)
class Message:
    """A request, or a notification, which has no `id`."""

    method: str
    params: Mapping[str, Any]
    id: str | int | None = None
    is_notification: bool = False
    is_new: bool = False


def read(body: Any, headers: Mapping[str, str]) -> Message:
    """The message in a body; `headers` by their names in small letters. Raises `ProtocolError`."""
    if isinstance(body, list):
        raise ProtocolError(INVALID_REQUEST, "send one message in a request: this server takes no batches")
    if not isinstance(body, dict) or body.get("jsonrpc") != "2.0" or not isinstance(body.get("method"), str):
        raise ProtocolError(INVALID_REQUEST, "the body has to be one JSON-RPC 2.0 request or notification")
    number, params = body.get("id"), body.get("params")
    if "id" in body and (isinstance(number, bool) or not isinstance(number, str | int)):
        raise ProtocolError(INVALID_REQUEST, "the id of a request has to be text or a whole number")
    if params is not None and not isinstance(params, dict):
        raise ProtocolError(INVALID_PARAMS, "params has to be an object")
    message = Message(body["method"], params or {}, number, "id" not in body, is_new(body, headers))
    if message.is_notification:
        _require_version(headers.get("mcp-protocol-version", OLD[-1]))
    elif message.is_new:
        _require_agreement(message, headers)
    elif message.method != "initialize":
        _require_version(headers.get("mcp-protocol-version", OLD[-1]))
    return message


def is_new(body: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
    """Whether a message is of the new age: its header says so, or its own `_meta` does."""
    version = headers.get("mcp-protocol-version")
    if version is not None:
        return version not in OLD
    params = body.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    return isinstance(meta, dict) and VERSION_KEY in meta


def _require_version(version: str) -> None:
    if version not in OLD + NEW:
        raise ProtocolError(
            UNSUPPORTED_VERSION,
            "Unsupported protocol version",
            {"supported": [*NEW], "requested": version[:40]},
        )


def _require_agreement(message: Message, headers: Mapping[str, str]) -> None:
    """That `_meta` is complete, and that what headers repeat is what the body says."""
    meta = message.params.get("_meta")
    if not isinstance(meta, dict):
        # Whoever says a version that nobody knows is told that first, and which there are.
        _require_version(headers.get("mcp-protocol-version", NEW[-1]))
        raise ProtocolError(INVALID_PARAMS, f"params._meta has to be an object with {VERSION_KEY!r}")
    if missing := [key for key in (VERSION_KEY, CAPABILITIES_KEY) if key not in meta]:
        raise ProtocolError(INVALID_PARAMS, f"params._meta lacks {', '.join(missing)}")
    name = message.params.get(NAMED_BY.get(message.method, ""))
    said = {"mcp-protocol-version": meta[VERSION_KEY], "mcp-method": message.method}
    said |= {"mcp-name": name} if name is not None else {}
    for header, value in said.items():
        if _decoded(headers.get(header)) != value:
            raise ProtocolError(HEADER_MISMATCH, f"the header {header} is not what the body says")
    if meta[VERSION_KEY] not in NEW:
        raise ProtocolError(
            UNSUPPORTED_VERSION,
            "Unsupported protocol version",
            {"supported": [*NEW], "requested": str(meta[VERSION_KEY])[:40]},
        )


def _decoded(value: str | None) -> str | None:
    """A header's value; what it could not hold as it is comes in base64."""
    found = ENCODED.fullmatch(value or "")
    if found is None:
        return value
    try:
        return base64.b64decode(found[1], validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None


def initialized(params: Mapping[str, Any]) -> Fields:
    """The answer to `initialize`: the version asked for, where it is one of the old age, else its newest."""
    wanted = params.get("protocolVersion")
    return {
        "protocolVersion": wanted if wanted in OLD else OLD[-1],
        "capabilities": methods.CAPABILITIES,
        "serverInfo": methods.server_info(),
        "instructions": about.INSTRUCTIONS,
    }


def discovered() -> Fields:
    """The answer to `server/discover`."""
    return {
        "supportedVersions": [*NEW],
        "capabilities": methods.CAPABILITIES,
        "instructions": about.INSTRUCTIONS,
    }


def finished(result: Fields, method: str, *, is_new: bool) -> Fields:
    """A result as its age has it: the new one says that it is complete, who made it, and to keep nothing."""
    if not is_new:
        return result
    kept = {"ttlMs": 0, "cacheScope": "private"}
    cacheable = kept if method in methods.CACHEABLE or method == "server/discover" else {}
    return {**result, "resultType": "complete", **cacheable, "_meta": {SERVER_KEY: methods.server_info()}}


def failed(error: ProtocolError, number: str | int | None) -> Fields:
    """The error as a message; `number` is the request's id, null where it could not be read."""
    told: Fields = {"code": error.code, "message": error.message}
    if error.data is not None:
        told["data"] = error.data
    return {"jsonrpc": "2.0", "id": number, "error": told}
