"""Reads the Atlassian Document Format (ADF version 1), the notation of texts in Jira's REST API v3.

Which nodes there are and what they hold: the schema `full.json` in @atlaskit/adf-schema 57.7.22. A node that
is not in it keeps the words below it, and those of its attributes that are shown.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from postmortems.document.readers.markup_tree import Element, Node
from postmortems.document.readers.to_markdown import compose

DEEPEST = 40
# Nodes that are what HTML calls so.
TAGS = {
    "paragraph": "p",
    "caption": "p",
    "bulletList": "ul",
    "orderedList": "ol",
    "listItem": "li",
    "taskList": "ul",
    "decisionList": "ul",
    "decisionItem": "li",
    "blockquote": "blockquote",
    "panel": "blockquote",
    "table": "table",
    "tableRow": "tr",
    "tableHeader": "th",
    "tableCell": "td",
}
MARKS = {"strong": "strong", "em": "em", "strike": "del", "code": "code"}
# What a node without content shows.
SHOWN = ("text", "title", "alt", "shortName", "url")
# Nodes that hold words in a line.
LINES = {"paragraph", "heading", "taskItem", "decisionItem", "caption"}
# The hint in an empty field of a template, which nobody wrote and no page shows.
LEFT_OUT = {"placeholder"}
INLINE = {
    "text",
    "mention",
    "emoji",
    "date",
    "status",
    "inlineCard",
    "hardBreak",
    "mediaInline",
    "inlineExtension",
}


def is_document(value: object) -> bool:
    """Whether a value is a text in this format."""
    return isinstance(value, dict) and value.get("type") == "doc" and isinstance(value.get("content"), list)


def to_markdown(document: object) -> str:
    """A document as Markdown; what is no node at all is left out."""
    return compose(_nodes(document, 0))


def _nodes(node: object, depth: int) -> list[Node]:
    content = node.get("content") if isinstance(node, dict) else None
    if not isinstance(content, list):
        return []
    is_line = isinstance(node, dict) and node.get("type") in LINES
    return [
        made
        for child in content
        if isinstance(child, dict)
        for made in _made(child, depth + 1, is_line=is_line)
    ]


def _made(node: dict[str, Any], depth: int, *, is_line: bool) -> list[Node]:
    """A node as elements; `is_line` says that it stands in a line of text."""
    kind = node.get("type")
    attributes = _attributes(node)
    if kind in LEFT_OUT:
        return []
    if depth > DEEPEST:
        return [Element("p", {}, [_words(node)])]
    inside = _nodes(node, depth)
    match kind:
        case "text":
            return [_marked(_text(node.get("text")), node.get("marks"))]
        case "heading":
            level = attributes.get("level")
            return [Element(f"h{level if level in (1, 2, 3, 4, 5, 6) else 3}", {}, inside)]
        case "codeBlock":
            named = _text(attributes.get("language"))
            return [Element("pre", {"class": f"language-{named}"} if named else {}, inside)]
        case "orderedList":
            return [Element("ol", {"start": _text(attributes.get("order"))}, inside)]
        case "taskItem" | "blockTaskItem":
            ticked = {"checked": ""} if attributes.get("state") == "DONE" else {}
            return [Element("li", {}, [Element("input", {"type": "checkbox", **ticked}), *inside])]
        case "expand" | "nestedExpand":
            return [*_titled(attributes), *inside]
        case "rule":
            return [Element("hr")]
        case "hardBreak":
            return [Element("br")]
    if tag := TAGS.get(str(kind)):
        return [Element(tag, {}, inside)]
    if inside:
        return (
            [Element("span", {}, inside)] if is_line else [*_titled(attributes), Element("div", {}, inside)]
        )
    return _leaf(str(kind), attributes)


def _attributes(node: object) -> dict[str, Any]:
    found = node.get("attrs") if isinstance(node, dict) else None
    return found if isinstance(found, dict) else {}


def _titled(attributes: dict[str, Any]) -> list[Node]:
    title = _text(attributes.get("title"))
    return [Element("p", {}, [Element("strong", {}, [title])])] if title else []


def _leaf(kind: str, attributes: dict[str, Any]) -> list[Node]:
    """What a node without content shows: a date as its day, a card as a link, else its words."""
    said = _day(attributes.get("timestamp")) if kind == "date" else ""
    said = said or next(filter(None, (_text(attributes.get(name)) for name in SHOWN)), "")
    url = _text(attributes.get("url"))
    node: Node = Element("a", {"href": url}, [said]) if url else said
    return [node] if kind in INLINE else [Element("p", {}, [node])] if said else []


def _day(timestamp: object) -> str:
    """A day, which is kept as milliseconds since 1970 in UTC."""
    try:
        return f"{datetime.fromtimestamp(int(str(timestamp)) / 1000, UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):
        return ""


def _marked(text: str, marks: object) -> Node:
    node: Node = text
    for mark in marks if isinstance(marks, list) else ():
        kind = mark.get("type") if isinstance(mark, dict) else None
        attributes = _attributes(mark)
        if tag := MARKS.get(str(kind)):
            node = Element(tag, {}, [node])
        elif kind == "link":
            node = Element("a", {"href": _text(attributes.get("href"))}, [node])
        elif kind == "subsup":
            node = Element("sub" if attributes.get("type") == "sub" else "sup", {}, [node])
    return node


def _text(value: object) -> str:
    return value.replace("\0", "") if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _words(node: dict[str, Any]) -> str:
    """All words in a node and below it, however deep, in their order."""
    said: list[str] = []
    waiting: list[object] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            said.append(_text(each.get("text")))
            content = each.get("content")
            waiting += reversed(content) if isinstance(content, list) else ()
    return " ".join(filter(None, said))
