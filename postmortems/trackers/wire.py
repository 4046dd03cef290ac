"""The one way in which trackers are called: by the egress, with a time limit, and failures told apart.

A call is never repeated here: whoever asked knows whether asking twice does harm.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from postmortems.egress.client import Answer, Egress, Secret
from postmortems.egress.headers import retry_after_s
from postmortems.trackers.issue import Issue

TIMEOUT_S = 15.0
LARGEST = 8 * 1024 * 1024
PAGE = 100
# Pages that are asked for by their place overlap by so many rows.
OVERLAP = 10
# So many pages of a list are read in one turn; the rest in the next.
MOST_PAGES = 10
# In these somebody may not, or asks for what is not there, and may not the next time either.
FINAL = frozenset({301, 302, 307, 308, 400, 401, 403, 404, 405, 409, 410, 415, 422})
# What was moved to another place answers by a redirect, and is not of this one any more.
GONE = frozenset({301, 308, 404, 410})
# When a limit ends: seconds since 1970, or milliseconds at Linear.
RESETS = ("x-ratelimit-reset", "ratelimit-reset", "x-ratelimit-requests-reset")
LATEST_S = 2**32
# How Linear names a request over its limit.
LIMITED = "RATELIMITED"


@dataclass(frozen=True, slots=True)
class Host:
    """A tracker's server and place, with the token in the clear: for the moment of a call.

    `place` is what issues belong to: `owner/repo`, a project's path, number or key, a team's key. `account`
    is whose token it is, where the service wants to know; `issue_type` is Jira's alone.
    """

    api: str
    place: str
    token: Secret
    account: str = ""
    issue_type: str = ""


class Failed(Exception):
    """The tracker answered other than it should.

    `is_final`: asking again would not help. `retry_after` is what it asks to wait, as it was sent;
    `reset_at` is when its limit ends. `is_gone`: there is no such thing, or none that the token may see.
    """

    def __init__(
        self,
        told: str,
        status: int = 0,
        *,
        is_final: bool = False,
        is_gone: bool = False,
        retry_after: str = "",
        reset_at: datetime | None = None,
    ) -> None:
        super().__init__(told)
        self.told, self.status, self.is_final, self.is_gone = told, status, is_final, is_gone
        self.retry_after, self.reset_at = retry_after, reset_at


def call(
    service: str,
    egress: Egress,
    method: str,
    url: str,
    *,
    secret: tuple[str, Secret],
    body: object = None,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Any:
    """The JSON of the answer, None where it has none. Raises `Failed`, `Refused` or `Unreachable`.

    `service` is its name for messages, `secret` the header that carries the token. A `body` of bytes is sent
    as it is, with the `Content-Type` that `headers` say.
    """
    answer = egress.request(
        method,
        url,
        headers={"Accept": "application/json", "Content-Type": "application/json", **(headers or {})},
        secret_headers=dict([secret]),
        body=body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode(),
        timeout_s=timeout_s,
        max_bytes=LARGEST,
    )
    if not 200 <= answer.status < 300:
        raise failed(service, answer)
    if answer.truncated:
        raise Failed(f"{service} answered with more than {LARGEST >> 20} MB", answer.status)
    if not answer.body.strip():
        return None
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        # A proxy's page, or a server that is being set up.
        raise Failed(f"{service} answered with no JSON", answer.status) from None


def following(read: Callable[[datetime, int], tuple[list[Issue], int]], since: datetime) -> Iterator[Issue]:
    """The issues that changed since then, the longest ago first, each state of one once.

    `read` gives the issues of a page, by time and number, and how many rows it had. The next page is asked
    for by the time of the last issue: one that changes or is deleted meanwhile moves all behind it up, and by
    numbers one would be passed over.
    """
    seen: set[tuple[str, str]] = set()
    page = 1
    for _ in range(MOST_PAGES):
        found, rows = read(since, page)
        yield from (issue for issue in found if (issue.key, issue.stamp) not in seen)
        seen |= {(issue.key, issue.stamp) for issue in found}
        if rows < PAGE:
            return
        last = instant(found[-1].stamp) if found else None
        since, page = (last, 1) if last and last > since else (since, page + 1)


def instant(stamp: str) -> datetime | None:
    """The moment that a stamp is; None for what is none."""
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return found if found.tzinfo else None


def failed(service: str, answer: Answer) -> Failed:
    """What an answer that is no success says."""
    wait = answer.headers.get("retry-after", "")
    is_limited = answer.status == 429 or (
        answer.status in {400, 403} and (bool(wait) or answer.headers.get("x-ratelimit-remaining") == "0")
    )
    said = reason(answer.body)
    is_limited |= answer.status == 400 and LIMITED in said
    told = f"{service} answered {answer.status}" + (f": {said}" if said else "")
    if is_limited:
        reset = None if wait else reset_at(answer.headers)
        return Failed(told, answer.status, retry_after=wait, reset_at=reset)
    return Failed(
        told,
        answer.status,
        is_final=answer.status in FINAL,
        is_gone=answer.status in GONE,
        retry_after=wait,
    )


def reset_at(headers: Mapping[str, str]) -> datetime | None:
    """When the limit ends that the headers speak of; None where they do not say."""
    for name in RESETS:
        said = headers.get(name, "")
        if said.isascii() and said.isdigit() and len(said) < 15:
            seconds = int(said) if int(said) < LATEST_S else int(said) // 1000
            if 0 < seconds < LATEST_S:
                return datetime.fromtimestamp(seconds, UTC)
    return None


def asked_wait_s(failed: Failed, now: datetime) -> float | None:
    """The seconds that an answer asks to wait; None for no word."""
    if failed.retry_after.strip():
        return retry_after_s(failed.retry_after, now)
    if failed.reset_at is None:
        return None
    return max(1.0, (failed.reset_at - now).total_seconds())


def reason(body: bytes) -> str:
    """The few words with which services say what is wrong, on one line; "" where there are none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(found, dict):
        return ""
    words = [found.get("message"), found.get("error"), found.get("errorMessages"), found.get("errors")]
    said = next((one for one in words if one), "")
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]
