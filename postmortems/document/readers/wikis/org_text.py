"""Reads Org as Markdown: the outline by orgparse, what is below a heading as the Org manual has it.

A heading with a keyword such as TODO is an action item, with its day (DEADLINE), its owner (a property) and
what is below it. Comments and what tells Emacs how to export show nowhere. Where words would be lost, the
text stays as it was written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from postmortems.document.readers.markup_tree import Element, Node
from postmortems.document.readers.to_markdown import compose
from postmortems.document.readers.wikis import org_blocks, org_inline
from postmortems.document.text import lines_of, words

if TYPE_CHECKING:
    from orgparse.node import OrgNode, OrgRootNode

LARGEST = 512 * 1024
LONGEST_LINE = 10_000
# Each is looked for to the end of its section.
MOST_WITHOUT_END = 200
HEADING = re.compile(r"\*+ ")
KEYS = ("TITLE", "SUBTITLE", "DATE", "AUTHOR", "FILETAGS")
OWNERS = ("OWNER", "ASSIGNEE", "ASSIGNED", "ASSIGNED_TO", "RESPONSIBLE", "WHO")
# What Emacs keeps for itself.
MACHINE = re.compile(
    r"ID|CUSTOM_ID|CREATED|CATEGORY|EFFORT|STYLE|VISIBILITY|ORDERED|COLUMNS|COOKIE_DATA|LAST_REPEAT|LOGGING"
    r"|ARCHIVE\w*|EXPORT_\w+|.*_ALL|HEADER-ARGS.*|UNNUMBERED|TOC|NOEXPORT"
)
CANCELLED = re.compile(
    r"CANCEL|WONT|WON'T|REJECT|DROP|DECLINE|OBSOLETE|INVALID|DUPLICATE|ABANDON", re.IGNORECASE
)
UNDER_WAY = re.compile(r"STRT|STARTED|DOING|IN[-_]?PROGRESS|WORKING", re.IGNORECASE)
PRIORITIES = {"A": "P1", "B": "P2", "C": "P3"}
FOR_EXPORT = {"noexport", "export", "ignore", "ARCHIVE"}
COOKIE = re.compile(r"\s*\[(?:\d*/\d*|\d*%)\]")
# What says how a text looks or when it was touched, and is said in another way or not at all.
SAYS_HOW = re.compile(
    r"^[ \t]*#\+begin_comment[^\0]*?^[ \t]*#\+end_comment|^[ \t]*#\+(?:begin|end)_.*$|^[ \t]*#(?:[ \t].*)?$"
    rf"|^[ \t]*#\+(?:{org_blocks.SETTING.pattern})(?:\[[^\]]*\])?:.*$"
    rf"|^[ \t]*#\+(?:{'|'.join(KEYS)}|caption)(?=\[|:)"
    rf"|^[ \t]*:(?:{MACHINE.pattern}):.*$|^[ \t]*:[\w-]+:[ \t]*$|^[ \t]*:(?:{'|'.join(OWNERS)})(?=:)"
    r"|^[ \t]*CLOCK:.*$|^[ \t]*- State .*$|(?:SCHEDULED|DEADLINE|CLOSED)(?=:)|^\*+ [^\s<\[]+"
    rf"|{org_inline.TIMESTAMP.pattern}|\b(?:file|fn):|\[\[[*#][^\[\]]*\](?=\[)"
    rf"|:(?:{'|'.join(sorted(FOR_EXPORT))})(?=:)",
    re.IGNORECASE | re.MULTILINE,
)


def to_markdown(text: str) -> str:
    """The text as Markdown; the text itself where it cannot be taken apart without losing words."""
    lines = lines_of(text)
    if len(text) > LARGEST or any(len(line) > LONGEST_LINE for line in lines) or _without_end(lines):
        return text
    # Not with the application: few processes ever need it.
    import orgparse

    try:
        root = orgparse.loads("\n".join(lines))
        written = f"{_front_matter(root)}{compose(_outline(root))}\n"
    except Exception:
        # It falls over some texts in ways of its own. None is lost for that.
        return text
    return text if words(SAYS_HOW.sub(" ", text)) - words(written) else written


def _without_end(lines: list[str]) -> bool:
    """Whether more blocks or drawers begin than end, by far."""
    begun = sum(any(each.match(line) for each in (org_blocks.BEGIN, org_blocks.DRAWER)) for line in lines)
    ended = sum(any(each.match(line) for each in (org_blocks.END, org_blocks.END_OF_BLOCK)) for line in lines)
    return begun - ended > MOST_WITHOUT_END


def _front_matter(root: OrgRootNode) -> str:
    said = {key: value for key in KEYS if (value := _keyword(root, key))}
    names = {"TITLE": "title", "DATE": "date", "AUTHOR": "author"}
    lines = [f"{name}: {_quoted(said[key])}" for key, name in names.items() if key in said]
    if tags := re.findall(r"[^\s:]+", said.get("FILETAGS", "")):
        lines.append(f"tags: {_quoted(tags)}")
    block = "\n".join(lines)
    return f"---\n{block}\n---\n\n" if lines else ""


def _quoted(value: str | list[str]) -> str:
    """As YAML has it, of which JSON is a part."""
    return json.dumps(value, ensure_ascii=False)


def _keyword(root: OrgRootNode, key: str) -> str:
    said = " ".join(root.get_file_property_list(key)).strip()
    return org_inline.TIMESTAMP.sub(lambda stamp: stamp["day1"], said)


def _outline(root: OrgRootNode) -> list[Node]:
    lines = [line for line in root.get_body(format="raw").split("\n") if not _is_key(line)]
    subtitle = _keyword(root, "SUBTITLE")
    lead = [Element("p", {}, org_inline.nodes(subtitle))] if subtitle else []
    # Below a title, headings of the first level are sections.
    deeper = 1 if root.get_file_property_list("TITLE") else 0
    return [*lead, *org_blocks.elements(lines), *_below(root, deeper)]


def _is_key(line: str) -> bool:
    keyword = org_blocks.KEYWORD.match(line)
    return keyword is not None and keyword["key"].upper() in KEYS


def _below(node: OrgNode | OrgRootNode, deeper: int) -> Iterator[Node]:
    """The headings below one: action items in lists, the others with what is below them."""
    tasks: list[Node] = []
    for child in node.children:
        if _is_task(child):
            tasks.append(_task(child))
            continue
        if tasks:
            yield Element("ul", {}, tasks)
            tasks = []
        yield from _section(child, deeper)
    if tasks:
        yield Element("ul", {}, tasks)


def _is_task(node: OrgNode) -> bool:
    """Whether a heading is something to do, and no section that somebody has still to write."""
    return bool(node.todo) and all(child.todo for child in node.children)


def _section(node: OrgNode, deeper: int) -> Iterator[Node]:
    yield Element(f"h{min(node.level + deeper, 6)}", {}, _heading(node))
    said = [*_properties(node), *_times(node), *_tags(node)]
    if said:
        yield Element("p", {}, org_inline.nodes(" \\\\\n".join(said)))
    yield from org_blocks.elements(node.get_body(format="raw").split("\n"))
    yield from _below(node, deeper)


def _heading(node: OrgNode) -> list[Node]:
    words_of_it = COOKIE.sub("", node.get_heading(format="raw")).strip()
    return org_inline.nodes(re.sub(r"^COMMENT(?:\s+|$)", "", words_of_it) or words_of_it)


def _task(node: OrgNode) -> Element:
    is_done = node.todo in node.env.done_keys and not CANCELLED.match(node.todo or "")
    box = Element("input", {"type": "checkbox", **({"checked": ""} if is_done else {})})
    keys = [Element("li", {}, [Element("verbatim", {}, [line])]) for line in _keys(node)]
    more = [
        Element("li", {}, org_inline.nodes(line))
        for line in (*_properties(node), *_times(node), *_tags(node))
    ]
    body = org_blocks.elements(node.get_body(format="raw").split("\n"))
    # What the service reads stands last, and other lists become one with its list.
    below: list[Node] = [Element("ul", {}, [*more])] if more else []
    told: list[Node] = [Element("ul", {}, [*keys])] if keys else []
    return Element("li", {}, [box, *_heading(node), *body, *_below(node, 0), *below, *told])


def _keys(node: OrgNode) -> Iterator[str]:
    """What this service says of an item, each on a line of its own."""
    if owner := next((str(node.properties[key]) for key in _names(node) if key.upper() in OWNERS), ""):
        yield f"Owner: {owner}"
    if node.deadline.start:
        yield f"Due: {node.deadline.start:%Y-%m-%d}"
    if node.priority in PRIORITIES:
        yield f"Priority: {PRIORITIES[node.priority]}"
    if node.todo and CANCELLED.match(node.todo):
        yield from ("Status: wont_do", f"Reason: {node.todo.lower()}")
    elif node.todo and UNDER_WAY.match(node.todo):
        yield "Status: in_progress"


def _properties(node: OrgNode) -> Iterator[str]:
    for name in _names(node):
        is_key = node.todo and name.upper() in OWNERS
        if not is_key and not MACHINE.fullmatch(name.upper()):
            yield f"{name}: {node.properties[name]}"


def _names(node: OrgNode) -> list[str]:
    return list(node.properties)


def _times(node: OrgNode) -> Iterator[str]:
    """Its days, but that of an item that is due."""
    for name, day in (("Scheduled", node.scheduled), ("Due", node.deadline), ("Closed", node.closed)):
        if day.start and not (name == "Due" and node.todo):
            yield f"{name}: {day.start:{'%Y-%m-%d %H:%M' if day.has_time() else '%Y-%m-%d'}}"


def _tags(node: OrgNode) -> Iterator[str]:
    if tags := sorted(node.shallow_tags - FOR_EXPORT):
        yield f"Tags: {', '.join(tags)}"
