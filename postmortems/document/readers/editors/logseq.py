"""Reads a page of Logseq: an outline in which everything is a bullet, headings and tasks too.

`title:: …` above it are its keys, `- ## Timeline` a heading over what is set in below it, `- TODO …` a task.
What Logseq keeps for itself (ids, what is folded, clocked times) shows nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from postmortems import patterns
from postmortems.document.markdown.front_matter import scalar
from postmortems.document.readers.editors import stated_keys
from postmortems.document.text import is_blank, lines_of, one_line
from postmortems.document.times import dates

KEY = re.compile(r"(?P<name>[^\W_][\w/.-]{0,60}):: ?(?P<said>.*)")
BULLET = re.compile(r"(?P<indent>[ \t]*)-(?:[ \t]+(?P<said>.*))?$")
HEADING = re.compile(r"(?P<marks>#{1,6})[ \t]+(?P<said>\S.*)")
OUTLINED = patterns.of(r"^-[ \t]#{1,6}[ \t]+\S", re.MULTILINE, needs=("- #", "-\t#"))
AT_MARGIN = re.compile(r"#{1,6}[ \t]|[^\s\-#]")
FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})")
TASK = re.compile(
    r"(?P<marker>TODO|LATER|WAITING|WAIT|NOW|DOING|IN-PROGRESS|DONE|CANCELED|CANCELLED)[ \t]+"
    r"(?:\[#(?P<priority>[ABC])\][ \t]+)?(?P<said>\S.*)"
)
STATES = {"DONE": "[x] ", "NOW": "WIP: ", "DOING": "WIP: ", "IN-PROGRESS": "WIP: "}
DROPPED = frozenset(("CANCELED", "CANCELLED"))
PRIORITIES = {"A": "[P1] ", "B": "[P2] ", "C": "[P3] "}
DEADLINE = re.compile(r"[ \t]*DEADLINE:[ \t]*<(?P<day>\d{4}-\d\d-\d\d)[^<>]*>[ \t]*")
PLACE = re.compile(r"\[\[([^\[\]]+)\]\]")
OF_ITS_OWN = frozenset(
    ("id", "collapsed", "heading", "background-color", "icon", "public", "logseq.order-list-type")
)
FEWEST, DEEPEST = 2, 40


@dataclass(slots=True)
class _Block:
    """A bullet: how deep it is set in, and its lines as they are without that."""

    depth: int
    lines: list[str] = field(default_factory=list)


def is_page(text: str) -> bool:
    """Whether a text is such an outline: headings are bullets, and nothing else stands at the margin."""
    if not OUTLINED.search(text):
        return False
    lines = lines_of(text)
    body = lines[len(_keys(lines)) :]
    outside = list(_outside_code(body))
    found = sum(OUTLINED.match(line) is not None for line in outside)
    has_keys = len(body) < len(lines)
    return found >= (1 if has_keys else FEWEST) and not any(map(AT_MARGIN.match, outside))


def to_markdown(text: str) -> str:
    """The page as Markdown with the outline's headings as its own."""
    lines = lines_of(text)
    head = _keys(lines)
    front, rest = stated_keys.split([(name, _plain(said)) for name, said in head])
    title = next((said for name, said in rest if name.lower() == "title"), "")
    rest = [(name, said) for name, said in rest if name.lower() not in {"title", *OF_ITS_OWN}]
    for name, said in list(rest):
        if name.lower() == "date" and (day := dates.date_in(said)):
            front["date"] = day.isoformat()
            rest.remove((name, said))
    kept = {name: scalar(one_line(said)) for name, said in rest if name not in front}
    body = "\n".join(_written(list(_blocks(lines[len(head) :]))))
    return stated_keys.page(title, front | kept, body)


def _plain(said: str) -> str:
    """Words without the brackets that lead to pages: `[[Ada Lo]]`."""
    return PLACE.sub(r"\1", said)


def _keys(lines: Sequence[str]) -> list[tuple[str, str]]:
    found = []
    for line in lines:
        match = KEY.fullmatch(line.rstrip())
        if match is None:
            break
        found.append((match["name"], match["said"].strip()))
    return found


def _outside_code(lines: Sequence[str]) -> Iterator[str]:
    is_inside = False
    for line in lines:
        if FENCE.match(line.lstrip(" \t-")):
            is_inside = not is_inside
        elif not is_inside:
            yield line


def _blocks(lines: Sequence[str]) -> Iterator[_Block]:
    """The bullets in their order, each with the lines that go on below it."""
    block: _Block | None = None
    is_code = False
    for line in lines:
        match = None if is_code else BULLET.match(line)
        if match:
            if block:
                yield block
            block = _Block(_depth(match["indent"]), [match["said"] or ""])
        elif block is None:
            block = _Block(0, [line]) if not is_blank(line) else None
        else:
            block.lines.append(_outdented(line, block.depth))
        if block and FENCE.match(block.lines[-1]):
            is_code = not is_code
    if block:
        yield block


def _depth(indent: str) -> int:
    return min(DEEPEST, indent.count("\t") + indent.count(" ") // 2)


def _outdented(line: str, depth: int) -> str:
    """A line below a bullet without what sets it in: a tab or two blanks a level, and two blanks."""
    for _ in range(depth + 1):
        line = line[1:] if line.startswith("\t") else line.removeprefix("  ")
    return line


def _written(blocks: Sequence[_Block]) -> Iterator[str]:
    above: list[int] = []
    for block in blocks:
        while above and above[-1] >= block.depth:
            above.pop()
        heading = HEADING.fullmatch(block.lines[0])
        first, *below = _told(block)
        if heading:
            above.append(block.depth)
            yield from ("", block.lines[0], "", *below, "")
            continue
        indent = "  " * (block.depth - (above[-1] + 1 if above else 0))
        yield f"{indent}- {first}".rstrip()
        yield from (f"{indent}  {line}".rstrip() for line in below)


def _told(block: _Block) -> list[str]:
    """A bullet's lines without what is Logseq's: a task as a box, its day and its keys as ours."""
    first, due = block.lines[0], ""
    below = []
    is_log = False
    for line in block.lines[1:]:
        key, deadline = KEY.fullmatch(line.strip()), DEADLINE.fullmatch(line)
        if line.strip() in (":LOGBOOK:", ":END:"):
            is_log = line.strip() == ":LOGBOOK:"
        elif deadline:
            due = f" (due {deadline['day']})"
        elif key and key["name"].lower() not in OF_ITS_OWN:
            below.append(f"- {key['name'].capitalize()}: {_plain(key['said'])}")
        elif not is_log and not key:
            below.append(line)
    task = TASK.fullmatch(first)
    if task is None:
        return [first + due, *below]
    marker, said = task["marker"], task["said"]
    state = STATES.get(marker, "" if marker in DROPPED else "[ ] ")
    behind = " (won't do)" if marker in DROPPED else due
    return [f"{state}{PRIORITIES.get(task['priority'] or '', '')}{said}{behind}", *below]
