"""Speak with the gate over HTTP, with the standard library alone: a pipeline waits for it to start."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

# The gate answers within 25 s; the rest is for the way there and back.
TIMEOUT_S = 40.0
LARGEST_ANSWER = 8 * 1024 * 1024
# A connection that breaks is tried again: thanks to its key, a request that did arrive adds nothing.
TRIES = 3
PAUSE_S = 1.0
# The server is there but cannot answer: the same as not being there.
NOT_NOW = frozenset({409, 429, 500, 502, 503, 504})


class Unreachable(Exception):
    """There is no answer: no connection, no time left, or a server that cannot serve."""


class Refused(Exception):
    """The server will not answer this: the token, the address or the request is wrong."""


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token elsewhere, or turn a question into a page."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class GateClient:
    """The API of one server. `pause_s` lies between tries, in seconds."""

    def __init__(
        self, url: str, token: str, *, timeout_s: float = TIMEOUT_S, pause_s: float = PAUSE_S
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Refused(
                f"{url!r} is no server's address; write one such as https://postmortems.example.org"
            )
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise Refused(
                "there is no token, or a broken one: set POSTMORTEMS_TOKEN, or have CI sign an identity"
            )
        self.base = url.rstrip("/")
        self._token, self._timeout_s, self._pause_s = token, timeout_s, pause_s
        self._opener = urllib.request.build_opener(NoRedirects)

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str = "") -> dict[str, Any]:
        """What the server answers; with a `key` it is tried again. Raises `Unreachable`, `Refused`."""
        headers = {"Idempotency-Key": key} if key else {}
        data = json.dumps(body).encode() if body is not None else None
        if data is not None:
            headers["Content-Type"] = "application/json"
        return self._send("POST", path, data, headers, tries=TRIES if key else 1)

    def get(self, path: str) -> dict[str, Any]:
        """What the server answers. Raises `Unreachable`, `Refused`."""
        return self._send("GET", path, None, {}, tries=TRIES)

    def _send(
        self, method: str, path: str, data: bytes | None, headers: dict[str, str], *, tries: int
    ) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.base}/api/v1{path}", data=data, method=method)
        for name, value in {
            **headers,
            "Accept": "application/json",
            "User-Agent": "postmortems-gate",
        }.items():
            request.add_header(name, value)
        # Not kept for a redirect, were one ever followed.
        request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        ends = time.monotonic() + self._timeout_s
        while True:
            tries -= 1
            try:
                return self._once(request, ends)
            except Unreachable:
                if tries <= 0 or time.monotonic() + self._pause_s >= ends:
                    raise
                time.sleep(self._pause_s)

    def _once(self, request: urllib.request.Request, ends: float) -> dict[str, Any]:
        try:
            with self._opener.open(request, timeout=max(0.1, ends - time.monotonic())) as response:
                return _parsed(_whole(response, ends))
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.read(65536)) from error
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise Unreachable(f"{self.base} does not answer: {reason}") from error


def _whole(response: HTTPResponse, ends: float) -> bytes:
    """The body, unless it comes too slowly or is too long: then there is no answer."""
    body = bytearray()
    while piece := response.read1(65536):
        body += piece
        if len(body) > LARGEST_ANSWER or time.monotonic() > ends:
            raise Unreachable("the answer does not end")
    return bytes(body)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise Unreachable("what answers is not the gate: it does not speak JSON") from error
    if not isinstance(answer, dict):
        raise Unreachable("what answers is not the gate")
    return answer


def _refusal(status: int, body: bytes) -> Exception:
    """The exception for an error status, with what the server's problem says."""
    try:
        problem = json.loads(body)
        detail = str(problem.get("detail") or problem.get("title") or "")
        places = "; ".join(f"{one['pointer']}: {one['detail']}" for one in problem.get("errors", ()))
    except (ValueError, AttributeError, KeyError, TypeError):
        detail, places = "", ""
    told = f"{status} {places or detail}".strip()
    if status in NOT_NOW:
        return Unreachable(f"the gate cannot answer now: {told}")
    if 300 <= status < 400:
        return Refused(f"{told}: the server's address leads elsewhere; correct POSTMORTEMS_URL")
    return Refused(told)
