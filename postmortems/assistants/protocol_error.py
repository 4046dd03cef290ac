"""Protocol errors: what an assistant's message is answered with instead of a result (JSON-RPC 2.0)."""

from __future__ import annotations

from typing import Any

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
INTERNAL_ERROR = -32603
# What this server says when it refuses for who asks (-32000 to -32099 are an implementation's own).
NOT_ALLOWED = -32001


class ProtocolError(Exception):
    """What a message is answered with instead of a result."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data
