"""Admission of requests: room of their own for the gate, large bodies, sign-in, the rest; health needs none.

A server has a thread for everybody whom a room holds, working or waiting, and some more. Whoever finds a room
full is told at once to come again, so a thread is always free for those who ask whether the server is alive.
The same for each WSGI server.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from werkzeug.wsgi import ClosingIterator

from postmortems import limits
from postmortems.web.server import refusals

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

SIGN_IN = "/sign-in"
HEALTH = frozenset({"/livez", "/readyz"})
GATE = "/api/v1/gate/"
RETRY_AFTER_S = 5
RESERVED = 8
# How long a thread that computes keeps the others from it. By default it is ten times as long, and an answer
# about health waits several times.
A_TURN_S = 0.0005
# However long a refusal took, as where the database is slow: people wait for this rest, too.
LONGEST_REST_S = 1.0


@dataclass(slots=True)
class Room:
    """`at_once` are worked on, `waiting` may wait for `wait_s` seconds until it is their turn.

    Where it `rests`, nobody is let in after a refusal for as long as that took.
    """

    at_once: int
    waiting: int
    wait_s: float
    rests: bool = False
    inside: int = 0
    queue: int = 0
    rests_until: float = 0.0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def enter(self) -> bool:
        """Whether there is room, at once or in time."""
        ends = monotonic() + self.wait_s
        with self.changed:
            if self._free_at(ends) and self.queue >= self.waiting:
                return False
            self.queue += 1
            try:
                while free_at := self._free_at(ends):
                    if monotonic() >= ends:
                        return False
                    self.changed.wait(min(free_at, ends) - monotonic())
                self.inside += 1
            finally:
                self.queue -= 1
        return True

    def _free_at(self, ends: float) -> float:
        """When somebody may be let in: 0 for now, `ends` where nobody knows."""
        if self.inside >= self.at_once:
            return ends
        return self.rests_until if self.rests_until > monotonic() else 0.0

    def leave(self, refused_in_s: float = 0.0) -> None:
        with self.changed:
            self.inside -= 1
            if refused_in_s:
                self.rests_until = monotonic() + min(refused_in_s, LONGEST_REST_S)
            self.changed.notify()


def rooms() -> dict[str, Room]:
    """The rooms of one process."""
    return {
        "gate": Room(at_once=8, waiting=24, wait_s=10),
        # Two texts at once are what two processors can read.
        "large": Room(at_once=2, waiting=14, wait_s=20),
        # To check a password takes a processor for a moment: who guesses them by the thousand waits for
        # others who do, and not the people at work, and leaves the processor to these for half of the time.
        "sign-in": Room(at_once=1, waiting=24, wait_s=10, rests=True),
        "other": Room(at_once=8, waiting=48, wait_s=20),
    }


# As many as can be inside, and those who find no room or ask for our health.
THREADS = sum(room.at_once + room.waiting for room in rooms().values()) + RESERVED


def room_of(environ: Environ) -> str:
    """The room that a request needs; "" for none."""
    path = environ.get("PATH_INFO", "")
    if path in HEALTH:
        return ""
    if path.startswith(GATE):
        return "gate"
    if path == SIGN_IN and environ.get("REQUEST_METHOD") == "POST":
        return "sign-in"
    length = environ.get("CONTENT_LENGTH") or "0"
    # A body of unknown length may be a large one.
    is_known = length.isdecimal() and "HTTP_TRANSFER_ENCODING" not in environ
    return "other" if is_known and int(length[:12]) <= limits.LONG_BODY else "large"


class Admission:
    """The application behind its rooms; `503` with `Retry-After` where one is full."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._rooms = rooms()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        room = self._rooms.get(room_of(environ))
        if room is None:
            return self._app(environ, start_response)
        if not room.enter():
            line = f"{environ.get('REQUEST_METHOD', '')} {environ.get('PATH_INFO', '')}"
            status, headers, body = refusals.answer(503, line, retry_after_s=RETRY_AFTER_S)
            start_response(status, [*headers, ("Content-Length", str(len(body)))])
            return [body]
        start, leave = _watched(room, start_response) if room.rests else (start_response, room.leave)
        try:
            answer = self._app(environ, start)
        except BaseException:
            leave()
            raise
        return ClosingIterator(answer, leave)


def _watched(room: Room, start_response: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[[], None]]:
    """What begins the answer and notes whether it is a refusal, and what then leaves the room."""
    began = monotonic()
    status = ""

    def start(told: str, *words: Any) -> Any:
        nonlocal status
        status = told
        return start_response(told, *words)

    def leave() -> None:
        room.leave(monotonic() - began if status.startswith("4") else 0.0)

    return start, leave
