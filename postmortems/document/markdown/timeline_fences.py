"""Timelines that somebody put between fences to keep their lines apart, as the lists that they are.

What a machine wrote stays as it is: a fence that names a language, lines with a level of severity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postmortems.document.markdown.tokens import Block
from postmortems.document.readers.inline_markdown import escaped
from postmortems.document.text import is_blank
from postmortems.document.times import prefix

NAMELESS = re.compile(r" {0,3}(?:`{3,}|~{3,})[ \t]*(?:text|txt|plain|plaintext)?[ \t]*$", re.IGNORECASE)
OF_A_MACHINE = re.compile(
    r"\b(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|TRACE)\b|\blevel=|\w\[\d+\]:|^\{"
)
FEWEST = 2


def as_markdown(lines: Sequence[str], blocks: Sequence[Block]) -> list[str] | None:
    """The lines with each such fence as a list; None where there is none."""
    out: list[str] = []
    done = 0
    for block in blocks:
        turned = _turned(lines[block.start : block.end]) if block.kind == "fence" else []
        if turned:
            out += [*lines[done : block.start], "", *turned, ""]
            done = block.end
    return [*out, *lines[done:]] if done else None


def _turned(fence: Sequence[str]) -> list[str]:
    inside = [line.rstrip() for line in fence[1:-1]]
    said = [line for line in inside if not is_blank(line)]
    timed = [line for line in said if _is_timed(line)]
    is_told = NAMELESS.fullmatch(fence[0]) and len(timed) >= FEWEST and said[0] is timed[0]
    if not is_told or len(timed) * 2 < len(said) or any(map(OF_A_MACHINE.search, said)):
        return []
    return list(_items(said))


def _is_timed(line: str) -> bool:
    stamp = prefix.of_line(line) if line[:1].strip() else None
    return stamp is not None and stamp.stated.has_clock and bool(stamp.rest)


def _items(said: Sequence[str]) -> Iterator[str]:
    for line in said:
        stamp = prefix.of_line(line) if _is_timed(line) else None
        # What goes on below a time is set in, as in the fence.
        yield f"- {stamp.written} - {escaped(stamp.rest)}" if stamp else f"  {escaped(line.strip())}"
