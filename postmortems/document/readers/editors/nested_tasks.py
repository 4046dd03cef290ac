"""To-dos below a to-do as to-dos of their own, behind it: in an editor each has a box, people and a day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postmortems.document.text import is_blank

TASK = re.compile(r"(?P<mark> *(?:[-*+]|\d{1,9}[.)]) +)\[[ xX]\](?= )")
BULLET = re.compile(r" *(?:[-*+]|\d{1,9}[.)]) +")
FENCE = re.compile(r" *(`{3,}|~{3,})")
# How much deeper than the words above it a list may begin and still be theirs (CommonMark, "List items").
DEEPER = 3


def lifted(text: str) -> str:
    """Markdown in which no to-do is part of another."""
    return "\n".join(_lifted(text.split("\n")))


def _lifted(lines: Sequence[str]) -> Iterator[str]:
    at = 0
    for end, is_task in _blocks(lines):
        yield from _parted(lines[at:end]) if is_task else lines[at:end]
        at = end


def _blocks(lines: Sequence[str], most: int | None = None) -> Iterator[tuple[int, bool]]:
    """Where each line, listing or to-do with all that is in it ends; no to-do begins behind `most` blanks."""
    at, fence = 0, ""
    while at < len(lines):
        mark = FENCE.match(lines[at])
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        task = None if fence else TASK.match(lines[at])
        is_task = task is not None and (most is None or _indent(lines[at]) <= most)
        # What stands below another bullet of a to-do is that bullet's.
        is_whole = is_task or (most is not None and not fence and BULLET.match(lines[at]) is not None)
        at = _end(lines, at) if is_whole else at + 1
        yield at, is_task


def _end(lines: Sequence[str], at: int) -> int:
    """The end of a list item: behind its last line that is deeper than its bullet."""
    depth, end = _indent(lines[at]), at + 1
    for number in range(at + 1, len(lines)):
        if is_blank(lines[number]):
            continue
        if _indent(lines[number]) <= depth:
            break
        end = number + 1
    return end


def _parted(item: Sequence[str]) -> Iterator[str]:
    """A to-do without those below it, and those behind it."""
    task = TASK.match(item[0])
    depth = _indent(item[0])
    inside = item[1:]
    kept, below, at = [item[0]], list[Sequence[str]](), 0
    for end, is_task in _blocks(inside, len(task["mark"]) + DEEPER if task else depth):
        if is_task:
            below.append(inside[at:end])
        else:
            kept += inside[at:end]
        at = end
    yield from kept
    for each in below:
        less = _indent(each[0]) - depth
        yield from _parted([line[less:] if not is_blank(line) else "" for line in each])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
