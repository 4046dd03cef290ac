"""Late words of a part that is kept: its forms' token and writer, and spans of time, put in as it is sent.

While such a part is made, a mark stands for each. Nobody can write one: its letters are drawn when the
process begins, and no page is sent with them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import NamedTuple

LETTERS = secrets.token_hex(16)
MARK = re.compile(rf"{LETTERS}([a-z]+) ?([0-9.-]*);")
TOKEN, WRITER, SPAN, NOW, INSTANT = "token", "writer", "span", "now", "instant"

_marks: ContextVar[bool] = ContextVar("marks late words", default=False)


class Late(NamedTuple):
    """What is put in: a token, a writer, this moment, or how long ago `at` was (in seconds since 1970).

    An instant is this moment as JSON says it.
    """

    kind: str
    at: float | None


@contextmanager
def marked() -> Iterator[None]:
    """Let marks stand for what is of one reader or moment."""
    before = _marks.set(True)
    try:
        yield
    finally:
        _marks.reset(before)


def is_marked() -> bool:
    """Whether a part is made that is kept."""
    return _marks.get()


def mark(kind: str, instant: datetime | None = None) -> str:
    """What stands for it until it is sent."""
    return f"{LETTERS}{kind};" if instant is None else f"{LETTERS}{kind} {instant.timestamp()!r};"


def pieces(html: str) -> tuple[str | Late, ...]:
    """The part in its pieces, what is put in between what stays."""
    found: list[str | Late] = []
    end = 0
    for place in MARK.finditer(html):
        found += [html[end : place.start()], Late(place[1], float(place[2]) if place[2] else None)]
        end = place.end()
    return (*found, html[end:])


def instant_of(late: Late) -> datetime:
    """When that was whose distance is told."""
    return datetime.fromtimestamp(late.at or 0.0, UTC)
