"""Markdown blocks written as HTML for a generator that reads them otherwise. Pure.

Beside single blocks this takes what stands between the tags of an HTML element, such as `<details>`: on
GitHub it is Markdown, and for Python-Markdown and kramdown all of it is HTML.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from postmortems.exchange.exports import places

TAG = re.compile(
    r"<(/?)(?:article|aside|blockquote|center|details|div|dl|figure|footer|header|main|section|table)\b[^<>]*>",
    re.IGNORECASE,
)
# Sections, timeline entries and categories of items begin with these.
OURS = frozenset({"h1", "h2", "h3"})
_whole = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@dataclass(frozen=True, slots=True)
class Unit:
    """Lines `first` up to, not including, `end`: a block, or all from an element's first tag to its last."""

    first: int
    end: int
    kind: str
    is_element: bool = False


def units(text: str) -> list[tuple[Unit, str]]:
    """What may be written as HTML, each with its own text: all but the headings that our reading needs."""
    lines = text.split("\n")
    top = [token for token in places.BLOCKS.parse(text) if token.level == 0 and token.map]
    found, at, ends = [], 0, _ends(top)
    while at < len(top):
        last = ends[at]
        first, end = (top[at].map or [0])[0], (top[last].map or [0, 0])[1]
        if not any(token.tag in OURS for token in top[at : last + 1]):
            unit = Unit(first, end, top[at].type, is_element=last > at)
            found.append((unit, "\n".join(lines[first:end]).rstrip()))
            at = last
        at += 1
    return found


def _ends(top: list[Token]) -> list[int]:
    """For each block the index of the one that closes what its HTML opens; its own where nothing does."""
    ends = list(range(len(top)))
    waiting: list[tuple[int, int]] = []
    depth = 0
    for at, token in enumerate(top):
        before = depth
        if token.type == "html_block":
            depth += sum(-1 if closes else 1 for closes in TAG.findall(token.content))
        if depth > before:
            waiting.append((before, at))
        while waiting and depth <= waiting[-1][0]:
            ends[waiting.pop()[1]] = at
    return ends


def written(text: str, chosen: Sequence[Unit]) -> str:
    """The text with these units of it as HTML."""
    if not chosen:
        return text
    lines = text.split("\n")
    references: dict[str, Any] = {}
    places.BLOCKS.parse(text, references)
    out: list[str] = []
    done = 0
    for unit in chosen:
        own = "\n".join(lines[unit.first : unit.end])
        out += lines[done : unit.first]
        out += [""] if out and out[-1].strip() else []
        out += [_without_blank_lines(_whole.render(own, dict(references)).rstrip())]
        done = unit.end
        out += [""] if done < len(lines) and lines[done].strip() else []
    return "\n".join([*out, *lines[done:]])


def shown(text: str) -> str:
    """The text as HTML, by itself."""
    return str(_whole.render(text))


def _without_blank_lines(html: str) -> str:
    """A blank line would end the HTML. In code, where one counts, it is written as a character reference."""
    first, *lines = html.split("\n")
    out = [first]
    for line in lines:
        if line.strip():
            out.append(line)
        else:
            out[-1] += f"&#10;{line}"
    return "\n".join(out)
