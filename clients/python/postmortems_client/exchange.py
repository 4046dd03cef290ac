"""What both clients do alike, without any input or output: requests, answers, and when to try again."""

from __future__ import annotations

import email.utils
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import httpx

from postmortems_client import errors
from postmortems_client.call import Call, File, Text

T = TypeVar("T")
VERSION = "0.1.0"
JSON = "application/json"
# The server says that it did nothing yet; 409 only where it says when to come again.
NOT_YET = frozenset({409, 429, 503})
# What stands in front of the server says this, and may have passed the request on.
PERHAPS = frozenset({502, 504})
# The connection was not there, so nothing can have arrived.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What the server answered: the value, its ETag ("" without one), status and headers."""

    value: T
    etag: str = ""
    status: int = 200
    headers: httpx.Headers = field(default_factory=httpx.Headers)


@dataclass(frozen=True)
class Patience:
    """How often a call is sent, and how long is waited between: `pause_s`, doubled from try to try.

    Where the server says when to come again (`Retry-After`), that is waited; where it is more than
    `longest_s`, nothing is, and the refusal is raised with `retry_after_s`.
    """

    tries: int = 3
    pause_s: float = 0.5
    longest_s: float = 60.0

    def wait_s(self, tried: int, call: Call[Any], came: httpx.Response | httpx.RequestError) -> float | None:
        """How long to wait before the next try of a call, for which this came; None to leave it at that."""
        if tried >= self.tries:
            return None
        pause: float = min(self.pause_s * 2.0 ** (tried - 1), self.longest_s)
        if isinstance(came, NOT_SENT):
            return pause
        if isinstance(came, httpx.RequestError) or came.status_code in PERHAPS:
            return pause if call.may_be_repeated else None
        return self._said_s(came, pause if call.may_be_repeated else None)

    def _said_s(self, response: httpx.Response, pause: float | None) -> float | None:
        if response.status_code not in NOT_YET:
            return None
        asked = retry_after_s(response)
        if asked is None:
            return None if response.status_code == 409 else pause
        return asked if asked <= self.longest_s else None


def base(url: str) -> str:
    """The server's address without a slash at its end. Raises `ValueError` for what is none."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("the address of the server is such as https://postmortems.example.org")
    return url.rstrip("/")


def headers(token: str) -> dict[str, str]:
    """What every request says. Raises `ValueError`, without the token's words, for what can be none."""
    # Read from a file, it has the end of its line.
    token = token.strip()
    if not all("!" <= character <= "~" for character in token):
        raise ValueError("the token is broken: it holds a blank, a line's end or a letter beyond ASCII")
    said = {"User-Agent": f"postmortems-client/{VERSION}", "Accept": JSON}
    return said | ({"Authorization": f"Bearer {token}"} if token else {})


def request(call: Call[Any], more: dict[str, str]) -> dict[str, Any]:
    """A call as the arguments of an httpx request; `more` are headers."""
    made: dict[str, Any] = {
        "method": call.method,
        "url": call.path,
        "params": call.told_query,
        "headers": {**call.told_headers, **more},
    }
    if isinstance(call.body, Text):
        made["content"] = call.body.content
        made["headers"] = {"Content-Type": call.body.media_type, **made["headers"]}
    elif isinstance(call.body, list) and all(isinstance(part, File) for part in call.body):
        # A part without a file name is a field of the form.
        made["files"] = [(part.field, (part.name or None, part.content)) for part in call.body]
    elif call.body is not None:
        made["json"] = call.body
    return made


def arrived(came: httpx.Response | httpx.RequestError) -> httpx.Response:
    """The response. Raises `Unreachable` where none came."""
    if isinstance(came, httpx.Response):
        return came
    raise errors.Unreachable(f"no answer: {came or type(came).__name__}") from came


def answer(response: httpx.Response) -> Answer[Any]:
    """What a response says. Raises what `errors` has."""
    refuse(response)
    value = None
    if response.content:
        if not _is_json(response):
            kind = response.headers.get("Content-Type", "no content type")
            raise errors.NotJson(f"the answer is {kind} and no JSON; `download` gives it as it is")
        value = _json(response)
    return Answer(value, response.headers.get("ETag", ""), response.status_code, response.headers)


def refuse(response: httpx.Response) -> None:
    """Raise where the response, which was read, is a refusal or leads elsewhere."""
    if response.status_code >= 400:
        problem = _json(response) if _is_json(response) else {}
        told = problem if isinstance(problem, dict) else {}
        raise errors.refusal(response.status_code, told, retry_after_s(response))
    if response.is_redirect:
        to = response.headers.get("Location", "nowhere")
        raise errors.NotJson(f"the server leads to {to}: use the address under which it is itself")


def retry_after_s(response: httpx.Response) -> float | None:
    """Seconds until it may be tried again, said as a number or as a date (RFC 9110 §10.2.3)."""
    said = response.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdecimal():
        return float(said)
    try:
        moment = email.utils.parsedate_to_datetime(said)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _is_json(response: httpx.Response) -> bool:
    kind: str = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind == JSON or kind.endswith("+json")


def _json(response: httpx.Response) -> Any:
    try:
        return json.loads(response.content)
    except ValueError:
        raise errors.NotJson("the answer calls itself JSON and is none") from None
