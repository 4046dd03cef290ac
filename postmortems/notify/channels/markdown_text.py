"""Markdown for chats: a notice as text with links and lists, whose words are only words. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from postmortems.notify.notice import Line, Notice, Part, plain

MARK = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:])")
# A sign without width behind the @, so that no chat knows the name.
APART = "\u200b"


def escaped(text: str) -> str:
    """Text in which nothing is markup, and nobody is mentioned."""
    return MARK.sub(r"\\\1", text).replace("@", f"@{APART}")


def body(notice: Notice, escape: Callable[[str], str] = escaped) -> str:
    """What stands below the title."""
    return "\n".join(_lines(notice, escape))


def _lines(notice: Notice, escape: Callable[[str], str]) -> Iterator[str]:
    if notice.said:
        yield escape(plain(notice.said))
    for part in notice.parts:
        yield from _part(part, escape)


def _part(part: Part, escape: Callable[[str], str]) -> Iterator[str]:
    yield f"**{escape(plain(part.heading))}**"
    for line in part.lines:
        yield f"- {_line(line, escape)}"
    if part.more:
        yield f"- [and {part.more:,} more]({part.url})"


def _line(line: Line, escape: Callable[[str], str]) -> str:
    said = escape(f"{line.ref} {line.text}".strip())
    linked = f"[{said}]({line.url})" if line.url else said
    return f"{linked} ({escape(line.note)})" if line.note else linked
