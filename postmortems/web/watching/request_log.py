"""Requests as the log has them: one line each, and an id that the answer and the error's page tell, too.

Neither path nor query, header or body is told: in them stand secrets, and titles that not everybody may read.
The route says which view answered.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, unbind_contextvars

from postmortems.jobs import counts
from postmortems.web.server.plain_flask import present
from postmortems.web.watching import logs

log = logging.getLogger(logs.REQUESTS)

HEADER, SENT = "X-Request-ID", "HTTP_X_REQUEST_ID"
# What a proxy in front may call a request: no sign that means something in a log, a page or a header.
KNOWN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "-"
PARENT = "HTTP_TRACEPARENT"
# Where a request's `Seen` is found in what the server says of it (PEP 3333).
PLACE = "postmortems.seen"

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


@dataclass(slots=True)
class Seen:
    """What is told of one request. `route` is empty where none fits, `status` 0 until it is answered."""

    id: str
    method: str
    began: float
    route: str = ""
    status: int = 0
    sent: int = 0
    actor_kind: str = ""
    actor_id: int | None = None
    seconds: float = 0.0


Told = Callable[[Seen], None]
# Who wants to know when a request begins, such as traces; what each returns is called when it ends.
watchers: list[Callable[[Environ, Seen], Callable[[], None]]] = []


def write(seen: Seen) -> None:
    """The line about a request that has ended."""
    if not log.isEnabledFor(logging.INFO):
        return
    log.info(
        "request",
        extra={
            "request_id": seen.id,
            "method": seen.method,
            "route": seen.route,
            "status": seen.status,
            "duration_ms": round(seen.seconds * 1000, 1),
            "bytes": seen.sent,
            "actor_kind": seen.actor_kind,
            "actor_id": seen.actor_id,
        },
    )


def count(seen: Seen) -> None:
    """Count a request that has ended: see `jobs/counts.py`."""
    group = f"{seen.status // 100}xx"
    counts.took("requests", seen.route or NO_ROUTE, seen.method, group, seconds=seen.seconds)


def write_refused(method: str, status: int, sent: int = 0) -> None:
    """The line about a request that the server refused before the application saw it."""
    write(Seen(fresh_id(), method if method in METHODS else "other", 0.0, status=status, sent=sent))


def fresh_id() -> str:
    return secrets.token_hex(12)


def install(app: Flask) -> None:
    """Say of each request which route answers and who asks."""
    app.after_request(_note)


def current_id() -> str:
    """The id of the present request; empty where nobody watches."""
    seen = request.environ.get(PLACE)
    return seen.id if isinstance(seen, Seen) else ""


def _note(response: Response) -> Response:
    asked = present()
    seen = request.environ.get(PLACE)
    if isinstance(seen, Seen):
        seen.route = asked.url_rule.rule if asked.url_rule else ""
        if actor := g.get("actor"):
            seen.actor_kind, seen.actor_id = actor.kind, actor.user_id
    return response


class Watched:
    """The application, and those told of each request when its answer has gone out."""

    def __init__(self, app: App, *, believes_ids: bool, tell: tuple[Told, ...] = (write, count)) -> None:
        self._app, self._believes_ids, self._tell = app, believes_ids, tell

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        method = environ.get("REQUEST_METHOD", "")
        seen = Seen(self._id(environ), method if method in METHODS else "other", perf_counter())
        environ[PLACE] = seen
        if not self._believes_ids:
            environ.pop(PARENT, None)

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            seen.status = int(status[:3])
            return start_response(status, [*headers, (HEADER, seen.id)], *more)

        bind_contextvars(request_id=seen.id)
        ends = [watch(environ, seen) for watch in watchers]

        def end() -> None:
            self._end(seen, ends)

        try:
            answer = self._app(environ, start)
        except BaseException:
            seen.status = 500
            end()
            raise
        return _Counted(answer, seen, end)

    def _id(self, environ: Environ) -> str:
        sent = environ.get(SENT, "") if self._believes_ids else ""
        return sent if KNOWN_ID.fullmatch(sent) else fresh_id()

    def _end(self, seen: Seen, ends: list[Callable[[], None]]) -> None:
        seen.seconds = perf_counter() - seen.began
        for told in self._tell:
            told(seen)
        for end in ends:
            end()
        unbind_contextvars("request_id")


class _Counted:
    """An answer whose bytes are counted while they go out."""

    __slots__ = ("_answer", "_end", "_parts", "_seen")

    def __init__(self, answer: Iterable[bytes], seen: Seen, end: Callable[[], None]) -> None:
        self._answer, self._seen, self._end = answer, seen, end
        self._parts = iter(answer)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        part = next(self._parts)
        self._seen.sent += len(part)
        return part

    def close(self) -> None:
        try:
            if close := getattr(self._answer, "close", None):
                close()
        finally:
            self._end()
