"""What authors set apart in a section: between fences, in quotations, a tab in, in boxes and tabs of MkDocs.

Where a section promises a timeline or items, and only such a part holds them, what is in it is read.
What a machine wrote stays as it is: a fence that names a language, lines with a level of severity.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from textwrap import dedent

from postmortems.document.markdown.tokens import Block
from postmortems.document.readers.inline_markdown import escaped
from postmortems.document.text import is_blank
from postmortems.document.times import prefix

NAMELESS = re.compile(r" {0,3}(?:`{3,}|~{3,})[ \t]*$")
OF_A_MACHINE = re.compile(
    r"\b(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|TRACE)\b|\blevel=|\w\[\d+\]:|^\{"
)
QUOTED = re.compile(r"^ {0,3}>[ ]?")
BULLET = re.compile(r"^(?:[-*+]|\d{1,3}[.)])[ \t]+")
ITEM = re.compile(r"^(?:[-*+]|\d{1,3}[.)])[ \t]+\S")
BOXED = re.compile(r"^(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]?\](?!\()|[☐☒☑])")
# `!!! success "Done"`, `???+ note`, `=== "Platform"`, and what is set in below.
BOX = re.compile(r'^(?:!!!|\?\?\?\+?)[ \t]+(?P<kind>[\w -]+?)(?:[ \t]+"(?P<name>[^"]*)")?[ \t]*$')
TAB = re.compile(r'^===[!+]?[ \t]+"(?P<name>[^"]+)"[ \t]*$')
INDENT = "    "
FEWEST = 2


def timeline(lines: Sequence[str], blocks: Sequence[Block]) -> list[str] | None:
    """The lines of a section with the times that are set apart in it; None where there are none."""
    return _opened(lines) or _turned(
        lines, blocks, {"fence": _fenced, "quote": _quoted_times, "code": _indented_times}
    )


def action_items(lines: Sequence[str], blocks: Sequence[Block]) -> list[str] | None:
    """The same of items."""
    return _opened(lines) or _turned(lines, blocks, {"quote": _quoted_items, "code": _indented_items})


def boxes(lines: Sequence[str], blocks: Sequence[Block]) -> list[str] | None:
    """The same of boxes in quotations, which are items beside others, too."""
    return _turned(lines, blocks, {"quote": _quoted_boxes})


def _turned(
    lines: Sequence[str],
    blocks: Sequence[Block],
    readings: dict[str, Callable[[Sequence[str]], list[str]]],
) -> list[str] | None:
    out: list[str] = []
    done = 0
    for block in blocks:
        turned = readings[block.kind](lines[block.start : block.end]) if block.kind in readings else []
        if turned:
            out += [*lines[done : block.start], "", *turned, ""]
            done = block.end
    return [*out, *lines[done:]] if done else None


def _fenced(fence: Sequence[str]) -> list[str]:
    inside = [line.rstrip() for line in fence[1:-1]]
    said = [line for line in inside if not is_blank(line)]
    if not NAMELESS.fullmatch(fence[0]) or not _are_times(said) or any(map(OF_A_MACHINE.search, said)):
        return []
    return list(_items(said))


def _indented_times(code: Sequence[str]) -> list[str]:
    """Lines that stand a tab in, as people set in what is below a name."""
    inside = dedent("\n".join(code)).split("\n")
    said = [line.rstrip() for line in inside if not is_blank(line)]
    return list(_items(said)) if _are_times(said) and not any(map(OF_A_MACHINE.search, said)) else []


def _indented_items(code: Sequence[str]) -> list[str]:
    inside = dedent("\n".join(code)).split("\n")
    return inside if ITEM.match(inside[0]) else []


def _quoted_times(quote: Sequence[str]) -> list[str]:
    inside = [QUOTED.sub("", line, count=1) for line in quote]
    return inside if _are_times([line for line in inside if not is_blank(line)]) else []


def _quoted_items(quote: Sequence[str]) -> list[str]:
    inside = [QUOTED.sub("", line, count=1) for line in quote]
    first = next((line for line in inside if not is_blank(line)), "")
    return inside if ITEM.match(first) or sum(map(bool, map(ITEM.match, inside))) >= FEWEST else []


def _quoted_boxes(quote: Sequence[str]) -> list[str]:
    inside = [QUOTED.sub("", line, count=1) for line in quote]
    return inside if any(map(BOXED.match, inside)) else []


def _are_times(said: Sequence[str]) -> bool:
    """Whether the first line, and half of all, begin with a time of day."""
    timed = [line for line in said if _is_timed(line)]
    return len(timed) >= FEWEST and said[0] is timed[0] and len(timed) * 2 >= len(said)


def _is_timed(line: str) -> bool:
    stamp = prefix.of_line(BULLET.sub("", line)) if line[:1].strip() else None
    return stamp is not None and stamp.stated.has_clock and bool(stamp.rest)


def _items(said: Sequence[str]) -> Iterator[str]:
    """The lines of a fence as a list. What goes on below a time is set in, as it was."""
    for line in said:
        stamp = prefix.of_line(BULLET.sub("", line)) if _is_timed(line) else None
        yield f"- {stamp.written} - {escaped(stamp.rest)}" if stamp else f"  {escaped(line.strip())}"


def _opened(lines: Sequence[str]) -> list[str] | None:
    """The lines with each box and tab as a heading over what is in it; None where there is none."""
    if not any(map(_named, lines)):
        return None
    out: list[str] = []
    is_inside = False
    for line in lines:
        heading = _named(line)
        if heading:
            out += ["", f"### {heading}", ""]
        elif is_inside and line.startswith(INDENT):
            out.append(line[len(INDENT) :])
        else:
            out += [line] if is_blank(line) or not is_inside else ["", line]
        is_inside = bool(heading) or (is_inside and (is_blank(line) or line.startswith(INDENT)))
    return out


def _named(line: str) -> str:
    """The heading that the first line of a box or tab is; "" for any other line."""
    if tab := TAB.match(line):
        return tab["name"].strip()
    box = BOX.match(line)
    if box is None:
        return ""
    name = (box["name"] or "").strip()
    return f"{name} ({box['kind']})" if name else box["kind"]
