"""Messages: which age one is of, and whether its headers agree with its body."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems.assistants import messages
from postmortems.assistants.protocol_error import INVALID_PARAMS, INVALID_REQUEST, ProtocolError

VERSION = {"mcp-protocol-version": "2026-07-28"}
META = {messages.VERSION_KEY: "2026-07-28", messages.CAPABILITIES_KEY: {}}


def body(method: str = "tools/list", **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}


CALL = body("tools/call", name="search", _meta=META)
HEADERS = {**VERSION, "mcp-method": "tools/call", "mcp-name": "search"}
READ: list[tuple[str, Any, dict[str, str], bool]] = [
    ("without a header, the old age", body(), {}, False),
    ("its header", body(), {"mcp-protocol-version": "2025-06-18"}, False),
    ("the first version", body(), {"mcp-protocol-version": "2024-11-05"}, False),
    ("initialize says its version itself", body("initialize", protocolVersion="1"), {}, False),
    ("a call of the new age", CALL, HEADERS, True),
    ("a list of the new age", body(_meta=META), {**VERSION, "mcp-method": "tools/list"}, True),
    ("a name in base64", CALL, {**HEADERS, "mcp-name": "=?base64?c2VhcmNo?="}, True),
    ("text as id", {**body(), "id": "a"}, {}, False),
    ("no parameters", {"jsonrpc": "2.0", "id": 0, "method": "ping"}, {}, False),
]


@pytest.mark.parametrize("sent, headers, is_new", [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_a_message_is_read(sent: Any, headers: dict[str, str], is_new: bool) -> None:
    assert messages.read(sent, headers).is_new is is_new


MISMATCH, UNSUPPORTED = messages.HEADER_MISMATCH, messages.UNSUPPORTED_VERSION
REFUSED: list[tuple[str, Any, dict[str, str], int]] = [
    ("a batch", [body()], {}, INVALID_REQUEST),
    ("text", "tools/list", {}, INVALID_REQUEST),
    ("nothing", None, {}, INVALID_REQUEST),
    ("another JSON-RPC", {**body(), "jsonrpc": "1.0"}, {}, INVALID_REQUEST),
    ("no method", {"jsonrpc": "2.0", "id": 1}, {}, INVALID_REQUEST),
    ("a response", {"jsonrpc": "2.0", "id": 1, "result": {}}, {}, INVALID_REQUEST),
    ("a method that is a number", {**body(), "method": 1}, {}, INVALID_REQUEST),
    ("an id that is true", {**body(), "id": True}, {}, INVALID_REQUEST),
    ("an id that is null", {**body(), "id": None}, {}, INVALID_REQUEST),
    ("an id that is a list", {**body(), "id": [1]}, {}, INVALID_REQUEST),
    ("parameters in a list", {**body(), "params": [1]}, {}, INVALID_PARAMS),
    ("no _meta", body(), VERSION, INVALID_PARAMS),
    ("_meta without capabilities", body(_meta={messages.VERSION_KEY: "2026-07-28"}), VERSION, INVALID_PARAMS),
    ("another method in the header", CALL, {**HEADERS, "mcp-method": "tools/list"}, MISMATCH),
    ("no method in a header", CALL, {**VERSION, "mcp-name": "search"}, MISMATCH),
    ("another name in the header", CALL, {**HEADERS, "mcp-name": "coverage"}, MISMATCH),
    ("a name in broken base64", CALL, {**HEADERS, "mcp-name": "=?base64?!?="}, MISMATCH),
    ("another version in the header", CALL, {**HEADERS, "mcp-protocol-version": "2027-01-01"}, MISMATCH),
    ("the version in the body alone", body(_meta=META), {"mcp-method": "tools/list"}, MISMATCH),
    (
        "a version to come",
        body(_meta={**META, messages.VERSION_KEY: "2027-01-01"}),
        {"mcp-protocol-version": "2027-01-01", "mcp-method": "tools/list"},
        UNSUPPORTED,
    ),
    ("a version of no age", body(), {"mcp-protocol-version": "banana"}, UNSUPPORTED),
    (
        "a notification of a version to come",
        {"jsonrpc": "2.0", "method": "notifications/x"},
        {"mcp-protocol-version": "2027-01-01"},
        UNSUPPORTED,
    ),
]


@pytest.mark.parametrize("sent, headers, code", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_no_message_is_refused(sent: Any, headers: dict[str, str], code: int) -> None:
    with pytest.raises(ProtocolError) as refused:
        messages.read(sent, headers)

    assert refused.value.code == code


@pytest.mark.parametrize(
    "wanted, agreed",
    [
        ("2025-06-18", "2025-06-18"),
        ("2024-11-05", "2024-11-05"),
        ("1999-01-01", "2025-11-25"),
        (7, "2025-11-25"),
    ],
)
def test_the_version_asked_for_is_agreed_on_where_it_is_known(wanted: object, agreed: str) -> None:
    assert messages.initialized({"protocolVersion": wanted})["protocolVersion"] == agreed
