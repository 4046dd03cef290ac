"""HTTP client of the gate, with the standard library alone: pipelines wait for it to start."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    # Loaded where something is sent: to say what a command does needs none of it.
    from email.message import Message
    from http.client import HTTPResponse
    from urllib.request import OpenerDirector, Request

# The gate answers within 25 s; the rest is for the way there and back.
TIMEOUT_S = 40.0
API = "/api/v1"
LARGEST_ANSWER = 8 * 1024 * 1024
# A connection that breaks is tried again: thanks to its key, a request that did arrive adds nothing.
TRIES = 3
PAUSE_S = 1.0
# The server is there but cannot answer: the same as not being there.
NOT_NOW = frozenset({409, 429, 500, 502, 503, 504})
LONGEST_PAUSE_S = 60.0


class Unreachable(Exception):
    """There is no answer: no connection, no time left, or a server that cannot serve.

    `is_busy` where the server is answering this very request already.
    """

    def __init__(self, told: str, *, is_busy: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(told)
        self.is_busy, self.retry_after_s = is_busy, retry_after_s


class Refused(Exception):
    """The server will not answer this: the token, the address or the request is wrong."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answers, where it says to ask again, and after how many seconds."""

    answer: dict[str, Any]
    location: str = ""
    retry_after_s: float | None = None


class GateClient:
    """The API of one server. `pause_s` lies between tries, in seconds; None is for what needs no token."""

    def __init__(
        self, url: str, token: str | None, *, timeout_s: float = TIMEOUT_S, pause_s: float = PAUSE_S
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Refused(
                f"{url!r} is no server's address; write one such as https://postmortems.example.org"
            )
        if token is not None and not re.fullmatch("[!-~]+", token):
            raise Refused(
                "there is no token, or a broken one: set POSTMORTEMS_TOKEN to one from Settings → Tokens, "
                "or have CI sign an identity"
            )
        self.base = url.rstrip("/")
        self._token, self._timeout_s, self._pause_s = token, timeout_s, pause_s
        self._opener = opener()

    def post(self, path: str, body: Mapping[str, Any] | bytes | None = None) -> dict[str, Any]:
        """What the server answers; bytes are JSON that is sent as it is. Raises `Unreachable`, `Refused`."""
        return self._send(self._request("POST", path, body), tries=1).answer

    def ask(self, path: str, body: Mapping[str, Any], *, key: str) -> Reply:
        """The same under a key, by which it can be tried again. Raises `Unreachable`, `Refused`."""
        request = self._request("POST", path, body)
        request.add_header("Idempotency-Key", key)
        return self._send(request, tries=TRIES)

    def tell(self, path: str, text: bytes) -> dict[str, Any]:
        """Send text that may arrive twice. Raises `Unreachable`, `Refused`."""
        request = self._request("POST", path)
        request.data = text
        request.add_header("Content-Type", "text/plain; charset=utf-8")
        return self._send(request, tries=TRIES).answer

    def send(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> dict[str, Any]:
        """What the server answers to another method, {} to one that says nothing; `kind` is the body's type.

        Raises `Unreachable`, `Refused`.
        """
        request = self._request(method, path, body)
        if kind:
            request.add_header("Content-Type", kind)
        return self._send(request, tries=1).answer

    def get(self, path: str) -> dict[str, Any]:
        """What the server answers. Raises `Unreachable`, `Refused`."""
        return self.look(path).answer

    def look(self, path: str) -> Reply:
        """The same, with when to ask again. Raises `Unreachable`, `Refused`."""
        return self._send(self._request("GET", path), tries=TRIES)

    def _request(self, method: str, path: str, body: Mapping[str, Any] | bytes | None = None) -> Request:
        from urllib.request import Request

        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = Request(f"{self.base}{API}{path}", data=data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        request.add_header("Accept", "application/json")
        request.add_header("User-Agent", "postmortems-gate")
        if self._token is not None:
            # Not kept for a redirect, were one ever followed.
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        return request

    def _send(self, request: Request, *, tries: int) -> Reply:
        ends = time.monotonic() + self._timeout_s
        while True:
            tries -= 1
            try:
                return self._once(request, ends)
            except Unreachable as unreachable:
                if unreachable.is_busy and request.has_header("Idempotency-key"):
                    # Its connection broke, and the server is still at it: the answer will be ours.
                    tries = max(tries, 1)
                asked = unreachable.retry_after_s
                pause_s = self._pause_s if asked is None else asked
                if tries <= 0 or time.monotonic() + pause_s >= ends:
                    raise
                time.sleep(pause_s)

    def _once(self, request: Request, ends: float) -> Reply:
        from http.client import HTTPException
        from urllib.error import HTTPError

        try:
            with self._opener.open(request, timeout=max(0.1, ends - time.monotonic())) as response:
                answer = {} if response.status == 204 else _parsed(_whole(response, ends))
                return Reply(answer, response.headers.get("Location", ""), _pause(response.headers))
        except HTTPError as error:
            with error:
                raise _refusal(error.code, error.read(65536), _pause(error.headers)) from error
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise Unreachable(f"{self.base} does not answer: {reason}") from error


def opener() -> OpenerDirector:
    """What follows no redirect."""
    from urllib.request import HTTPRedirectHandler, build_opener

    class NoRedirects(HTTPRedirectHandler):
        """A redirect would carry the token elsewhere, or turn a question into a page."""

        def redirect_request(self, *_: Any, **__: Any) -> None:
            return None

    return build_opener(NoRedirects)


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


def _pause(headers: Message) -> float | None:
    """`Retry-After` in seconds, within reason; None where it says nothing that we read."""
    told = headers.get("Retry-After", "")
    return min(float(told), LONGEST_PAUSE_S) if re.fullmatch("[0-9]{1,9}", told) else None


def _refusal(status: int, body: bytes, retry_after_s: float | None) -> Exception:
    """The exception for an error status, with what the server's problem says."""
    try:
        problem = json.loads(body)
        detail = str(problem.get("detail") or problem.get("title") or "")
        wrong = [(str(one["pointer"]), str(one["detail"])) for one in problem.get("errors", ())]
        places = "; ".join(f"{pointer}: {told}" if pointer else told for pointer, told in wrong)
    except (ValueError, AttributeError, KeyError, TypeError):
        detail, places = "", ""
    told = f"{status} {places or detail}".strip()
    if status in NOT_NOW:
        busy = status == 409
        return Unreachable(f"the gate cannot answer now: {told}", is_busy=busy, retry_after_s=retry_after_s)
    if 300 <= status < 400:
        return Refused(f"{told}: the server's address leads elsewhere; correct POSTMORTEMS_URL")
    return Refused(told)
