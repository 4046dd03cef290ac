"""Messages of assistants as their clients send them, in both ages of the protocol."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

NEW = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": NEW,
    "io.modelcontextprotocol/clientCapabilities": {},
}
NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


def old(client: FlaskClient, headers: dict[str, str], method: str, **params: Any) -> TestResponse:
    """A request as up to 2025-11-25."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return client.post("/mcp", json=body, headers={**headers, "MCP-Protocol-Version": "2025-11-25"})


def new(client: FlaskClient, headers: dict[str, str], method: str, **params: Any) -> TestResponse:
    """A request as from 2026-07-28 on."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": META}}
    own = {"MCP-Protocol-Version": NEW, "Mcp-Method": method}
    if method in NAMED_BY and NAMED_BY[method] in params:
        own["Mcp-Name"] = params[NAMED_BY[method]]
    return client.post("/mcp", json=body, headers={**headers, **own})


def called(client: FlaskClient, headers: dict[str, str], tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool answers."""
    answer = old(client, headers, "tools/call", name=tool, arguments=arguments)
    assert answer.status_code == 200
    assert answer.json is not None
    result: dict[str, Any] = answer.json["result"]
    return result


def told(result: dict[str, Any]) -> str:
    """The words of a tool's answer."""
    assert len(result["content"]) == 1
    return str(result["content"][0]["text"])


def data(result: dict[str, Any]) -> dict[str, Any]:
    """What a tool found."""
    assert not result["isError"], told(result)
    found: dict[str, Any] = result["structuredContent"]["data"]
    return found
