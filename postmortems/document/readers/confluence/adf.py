"""Atlassian's document format (ADF), the JSON of its editor, as the elements that an exported page has.

Nodes and attributes are those of Atlassian's published schema (`@atlaskit/adf-schema`, full.json). A node
that is not in it counts as what is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from postmortems.document.readers import html
from postmortems.document.readers.markup_tree import Element, Node

Json = Mapping[str, Any]
MARKS = {"strong": "b", "em": "i", "strike": "s", "code": "code"}
PANELS = {"info": "information", "note": "note", "success": "tip", "tip": "tip", "warning": "warning"}
PANELS |= {"error": "error"}
PLAIN = {
    "paragraph": "p",
    "bulletList": "ul",
    "listItem": "li",
    "blockquote": "blockquote",
    "table": "table",
    "tableRow": "tr",
    "tableHeader": "th",
    "tableCell": "td",
    "taskList": "ul",
    "decisionList": "ul",
    "decisionItem": "li",
    "caption": "p",
}


def is_document(value: object) -> bool:
    """Whether a value of JSON is a document of this format."""
    return isinstance(value, dict) and value.get("type") == "doc" and isinstance(value.get("content"), list)


def nodes(document: Json) -> list[Node]:
    """The document's body."""
    return _inside(document, 0)


def _inside(node: Json, depth: int) -> list[Node]:
    content = node.get("content")
    if not isinstance(content, list):
        return []
    return [made for child in content if isinstance(child, dict) for made in _one(child, depth + 1)]


def _attributes(node: Json) -> Json:
    given = node.get("attrs")
    return given if isinstance(given, dict) else {}


def _said(node: Json, *names: str) -> str:
    """The first of the attributes that says something."""
    given = _attributes(node)
    return next((str(given[name]) for name in names if isinstance(given.get(name), str | int)), "")


def _one(node: Json, depth: int) -> list[Node]:
    kind = str(node.get("type", ""))
    if kind == "text":
        return [_text(node)]
    if kind == "placeholder":
        return []
    inside: list[Node] = [_words(node)] if depth > html.DEEPEST else _inside(node, depth)
    if kind in PLAIN:
        return [Element(PLAIN[kind], _spans(node), inside)]
    if made := MADE.get(kind):
        return [made(node, inside)]
    if inside:
        return [*_titled(node), *inside]
    # Of a kind that nobody knows yet; its own text, as only nodes of text have it, is text all the same.
    shown = _said(node, "text", "title", "alt") or node.get("text")
    return [shown] if shown and isinstance(shown, str) else []


def _words(node: Json) -> str:
    """All text in a node and below, without recursion."""
    said: list[str] = []
    waiting: list[Any] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            said += [each["text"]] if isinstance(each.get("text"), str) else []
            waiting += reversed(each["content"]) if isinstance(each.get("content"), list) else []
    return " ".join(said)


def _spans(node: Json) -> dict[str, str]:
    given = _attributes(node)
    return {name: str(given[name]) for name in ("rowspan", "colspan") if isinstance(given.get(name), int)}


def _text(node: Json) -> Node:
    shown: Node = str(node.get("text", ""))
    marks = node.get("marks")
    for mark in marks if isinstance(marks, list) else []:
        kind = mark.get("type") if isinstance(mark, dict) else None
        if kind == "link":
            shown = Element("a", {"href": _said(mark, "href")}, [shown])
        elif kind == "subsup":
            shown = Element("sub" if _said(mark, "type") == "sub" else "sup", {}, [shown])
        elif kind in MARKS:
            shown = Element(MARKS[kind], {}, [shown])
    return shown


def _heading(node: Json, inside: list[Node]) -> Node:
    level = _attributes(node).get("level")
    return Element(f"h{level if level in range(1, 7) else 6}", {}, inside)


def _ordered(node: Json, inside: list[Node]) -> Node:
    return Element("ol", {"start": _said(node, "order")}, inside)


def _task(node: Json, inside: list[Node]) -> Node:
    is_done = _said(node, "state") == "DONE"
    return Element("li", {"data-inline-task-id": ""} | ({"class": "checked"} if is_done else {}), inside)


def _code(node: Json, inside: list[Node]) -> Node:
    language = _said(node, "language")
    return Element("pre", {"class": f"language-{language}"} if language else {}, inside)


def _panel(node: Json, inside: list[Node]) -> Node:
    kind = PANELS.get(_said(node, "panelType"))
    return Element(
        "div",
        {"class": f"confluence-information-macro confluence-information-macro-{kind}"} if kind else {},
        inside,
    )


def _fold(node: Json, inside: list[Node]) -> Node:
    return Element("div", {}, [*_titled(node), *inside])


def _titled(node: Json) -> list[Node]:
    title = _said(node, "title").strip()
    return [Element("p", {}, [Element("b", {}, [title])])] if title else []


def _mention(node: Json, _: list[Node]) -> Node:
    return Element("a", {"class": "user-mention"}, [_said(node, "text") or f"@{_said(node, 'id')}"])


def _emoji(node: Json, _: list[Node]) -> Node:
    fallback = _said(node, "text")
    return Element(
        "img",
        {
            "class": "emoticon",
            "data-emoji-fallback": fallback,
            "data-emoji-id": _said(node, "id"),
            "data-emoji-shortname": _said(node, "shortName"),
            "data-emoticon-name": _said(node, "shortName").strip(":").replace("_", "-"),
        },
    )


def _date(node: Json, _: list[Node]) -> Node:
    """A day, given as milliseconds since 1970 in UTC."""
    given = _said(node, "timestamp")
    if not given.removeprefix("-").isdecimal() or len(given) > 14:
        return given
    try:
        day = datetime.fromtimestamp(int(given) / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return given
    return Element("time", {"datetime": day})


def _status(node: Json, _: list[Node]) -> Node:
    return Element("span", {"class": "status-macro"}, [_said(node, "text")])


def _card(node: Json, _: list[Node]) -> Node:
    address = _said(node, "url")
    return Element("a", {"href": address}, [address])


def _media(node: Json, _: list[Node]) -> Node:
    """A picture: outside by its address; one of the page's own has no name here but its words."""
    return Element("img", {"src": _said(node, "url"), "alt": _said(node, "alt")})


def _nothing(node: Json, _: list[Node]) -> Node:
    return Element("hr" if node.get("type") == "rule" else "br")


MADE: dict[str, Callable[[Json, list[Node]], Node]] = {
    "heading": _heading,
    "orderedList": _ordered,
    "taskItem": _task,
    "blockTaskItem": _task,
    "codeBlock": _code,
    "panel": _panel,
    "expand": _fold,
    "nestedExpand": _fold,
    "mention": _mention,
    "emoji": _emoji,
    "date": _date,
    "status": _status,
    "inlineCard": _card,
    "blockCard": _card,
    "embedCard": _card,
    "media": _media,
    "mediaInline": _media,
    "rule": _nothing,
    "hardBreak": _nothing,
}
