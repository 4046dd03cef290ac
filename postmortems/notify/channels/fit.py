"""Notices cut to what a chat takes: fewer lines of each part, and how many are left out. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from postmortems.formats.json_text import dumped
from postmortems.notify.notice import Notice, Part

STEPS = (10, 5, 3, 1, 0)


def fitted(notice: Notice, write: Callable[[Notice], Any], largest: int) -> Any:
    """What `write` makes of the notice, with as many lines as fit into so many bytes of JSON."""
    for lines in STEPS:
        written = write(replace(notice, parts=tuple(_cut(part, lines, notice.url) for part in notice.parts)))
        if len(dumped(written)) <= largest:
            return written
    return write(replace(notice, parts=()))


def _cut(part: Part, lines: int, url: str) -> Part:
    """The part with its first lines. Those left out are found where it says, else where the notice leads."""
    more = part.more + max(0, len(part.lines) - lines)
    return replace(part, lines=part.lines[:lines], more=more, url=part.url or url)
