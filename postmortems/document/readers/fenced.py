"""Reads a report that was pasted whole into one code fence."""

from __future__ import annotations

import re

from postmortems.document.text import joined, lines_of

OPENING = re.compile(
    r" {0,3}(?P<mark>`{3,}|~{3,})[ \t]*(?:markdown|md|mdx|qmd|text|txt)?[ \t]*$", re.IGNORECASE
)
HEADING = re.compile(r"^#{1,3}[ \t]+\S", re.MULTILINE)


def is_whole(text: str) -> bool:
    """Whether a text is one fence, opened on its first line and closed on its last, with headings inside."""
    lines = joined(lines_of(text)).split("\n")
    opening = OPENING.match(lines[0])
    if opening is None or len(lines) < 3:
        return False
    mark = opening["mark"]
    closing = re.compile(rf" {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*")
    first = next((at for at, line in enumerate(lines[1:], 1) if closing.fullmatch(line)), 0)
    inside = "\n".join(lines[1:-1])
    # Fences inside end the outer one for CommonMark, but not for whoever wrapped the report.
    is_closed = first == len(lines) - 1 or bool(
        closing.fullmatch(lines[-1]) and _is_paired(lines[1:-1], mark)
    )
    return is_closed and HEADING.search(inside) is not None


def _is_paired(lines: list[str], mark: str) -> bool:
    """Whether each fence that begins inside names its language and ends inside, too."""
    is_open = False
    for line in lines:
        bare = line.strip()
        if not bare.startswith(mark):
            continue
        if is_open == (bare.strip(mark[0]) != ""):
            return False
        is_open = not is_open
    return not is_open


def to_markdown(text: str) -> str:
    """What is inside the fence."""
    return "\n".join([*joined(lines_of(text)).split("\n")[1:-1], ""])
