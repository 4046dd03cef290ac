"""Reads Markdown whose marks an editor escaped or spoilt.

`\\# Title` and `1\\. item` come from editors that take what is pasted for plain text; a blank line then
stands between each two rows of a table. `##Title` was a heading before CommonMark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from postmortems.document.text import is_blank, lines_of

HEADING = re.compile(r"^#{1,6}(?:[ \t]|$)", re.MULTILINE)
ESCAPED = re.compile(r"^\\#{1,6}[ \t]+\S", re.MULTILINE)
# One number sign before a word is a tag or a ticket.
CLOSE = re.compile(r"^#{2,6}(?=[^\s#])", re.MULTILINE)
MARK = re.compile(r"^(?P<indent>[ \t]*)(?:\\(?P<sign>[#>*+-])|(?P<number>\d{1,9})\\(?P<end>[.)]))")
FEWEST = 2


def is_spoilt(text: str) -> bool:
    """Whether a text has no heading, but several that an editor spoilt."""
    return not HEADING.search(text) and any(len(found.findall(text)) >= FEWEST for found in (ESCAPED, CLOSE))


def to_markdown(text: str) -> str:
    """The text with its marks as they were meant, each line's words unchanged."""
    if not ESCAPED.search(text):
        return CLOSE.sub(lambda mark: f"{mark.group()} ", text)
    lines = [MARK.sub(_meant, line) for line in lines_of(text)]
    return "\n".join(_tables_closed(lines))


def _meant(mark: re.Match[str]) -> str:
    return mark["indent"] + (mark["sign"] or f"{mark['number']}{mark['end']}")


def _tables_closed(lines: list[str]) -> Iterator[str]:
    """The lines without the blank ones between two rows."""
    for at, line in enumerate(lines):
        is_between = is_blank(line) and 0 < at < len(lines) - 1
        if not (is_between and lines[at - 1].startswith("|") and lines[at + 1].startswith("|")):
            yield line
