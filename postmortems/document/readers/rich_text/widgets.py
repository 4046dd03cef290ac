"""Widgets: what Confluence, Slack, Google Docs, Notion and GitHub build of `div` and `span`.

Each becomes the element that HTML has for it: a list item with its box, a quotation, code, a heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from postmortems.document.readers.markup_tree import INLINE, Element, Node, text_of
from postmortems.document.readers.rich_text import styles

# A box that stands in a line of text and is kept apart from its words by looks alone.
CHIP = "chip"
# By what a panel is called where it comes from, GitHub's word for it.
ALERTS = {
    "info": "NOTE",
    "information": "NOTE",
    "note": "IMPORTANT",
    "important": "IMPORTANT",
    "tip": "TIP",
    "success": "TIP",
    "warning": "WARNING",
    "error": "CAUTION",
    "caution": "CAUTION",
}
PANEL = re.compile(r"(?:confluence-information-macro|markdown-alert)-(information|[a-z]+)")
LINE_NUMBER = re.compile(r"line-?number|\bgutter\b|\blineno", re.IGNORECASE)
LANGUAGE = re.compile(r"(?:lang|language|highlight-source)-([\w+#{}-]+)|brush:\s*([\w+#-]+)")
CHIP_CLASS = re.compile(
    r"\b(?:c-message__sender|c-timestamp|status-macro|aui-lozenge|status-lozenge\S*|user-mention|confluence-userlink|c-member_slug\S*)(?:\s|$)"
)
# What chats link to in themselves.
IN_CHATS = {"mention", "channel", "user-group", "broadcast"}


def plain(node: Element) -> Element:
    """The element as one of HTML's own; itself where it is one already."""
    attributes = node.attributes
    for made in (_task_list, _task, _code, _panel, _expand, _heading, _chip):
        if (found := made(node)) is not None:
            return found
    if attributes.get("data-stringify-type") == "paragraph-break":
        return Element("p")
    if node.tag == "p" and any("MsoQuote" in name or "MsoIntenseQuote" in name for name in node.classes):
        return Element("blockquote", {}, [Element("p", {}, node.children)])
    if node.tag == "thead":
        return Element("thead", attributes, [_headed(child) for child in node.children])
    return node


def _headed(node: Node) -> Node:
    """A row of a table's head, whose cells are heads of columns whatever they are called."""
    if not isinstance(node, Element):
        return node
    tag = "th" if node.tag == "td" else node.tag
    return Element(
        tag, node.attributes, [_headed(child) for child in node.children] if tag == "tr" else node.children
    )


def _task_list(node: Element) -> Element | None:
    attributes = node.attributes
    is_list = "data-task-list-local-id" in attributes or attributes.get("data-node-type") == "actionList"
    return Element("ul", {}, node.children) if is_list and node.tag == "div" else None


def _task(node: Element) -> Element | None:
    attributes = node.attributes
    box = next((child for child in _below(node) if _is_box(child)), None)
    if "data-task-state" in attributes:
        is_done = attributes["data-task-state"] == "DONE"
    elif "data-task-local-id" in attributes and box:
        is_done = "checked" in box.attributes
    elif node.tag == "li" and attributes.get("role") == "checkbox":
        is_done = attributes.get("aria-checked") == "true"
    elif node.tag == "li" and "data-inline-task-id" in attributes:
        is_done = "checked" in node.classes
    elif node.tag == "li" and (
        mark := next((each for each in _below(node) if "checkbox" in each.classes), None)
    ):
        is_done = "checkbox-on" in mark.classes
    else:
        return None
    children = [_boxless(child) for child in node.children]
    return Element(
        "li", {}, _boxed([_unstruck(child) for child in children] if is_done else children, is_done)
    )


def _below(node: Element) -> Iterator[Element]:
    """The elements in a list item that are not in an item of a list in it."""
    for child in node.children:
        if isinstance(child, Element) and child.tag not in ("ul", "ol"):
            yield child
            yield from _below(child)


def _is_box(node: Element) -> bool:
    is_picture = node.tag == "img" and node.attributes.get("aria-roledescription") == "checkbox"
    return is_picture or (node.tag == "input" and node.attributes.get("type", "").lower() == "checkbox")


def _boxless(node: Node) -> Node:
    if not isinstance(node, Element):
        return node
    return "" if _is_box(node) else replace(node, children=[_boxless(child) for child in node.children])


def _unstruck(node: Node) -> Node:
    """What a done task crosses out of itself is not struck by its author."""
    if not isinstance(node, Element) or node.tag in ("ul", "ol"):
        return node
    style = re.sub(r"line-through", "none", node.attributes.get("style", ""))
    attributes = node.attributes | ({"style": style} if style else {})
    return Element(node.tag, attributes, [_unstruck(child) for child in node.children])


def _boxed(children: list[Node], is_done: bool) -> list[Node]:
    """The children with the box before their first words."""
    box = Element("input", {"type": "checkbox"} | ({"checked": ""} if is_done else {}))
    for at, child in enumerate(children):
        if isinstance(child, str) and not child.strip():
            continue
        if (
            isinstance(child, Element)
            and not INLINE.fullmatch(child.tag)
            and child.tag not in ("ul", "ol", "table")
        ):
            if text_of(child).strip():
                return [
                    *children[:at],
                    replace(child, children=_boxed(child.children, is_done)),
                    *children[at + 1 :],
                ]
            continue
        if isinstance(child, Element) and INLINE.fullmatch(child.tag) and not text_of(child).strip():
            continue
        return [*children[:at], box, *children[at:]]
    return [box, *children]


def _code(node: Element) -> Element | None:
    """A block of code, however its lines are numbered, coloured and laid out."""
    if not _is_listing(node):
        return None
    language = _language(node)
    attributes = {"class": f"language-{language}"} if language else {}
    return Element("pre", attributes, [_bare(child) for child in node.children])


def _is_listing(node: Element) -> bool:
    if node.tag == "pre":
        return True
    if node.tag not in ("div", "figure", "table") or not text_of(node).strip():
        return False
    if "highlight" in node.classes:
        return any(child.tag == "pre" for child in _below(node))
    style = styles.declarations(node)
    is_typed = style.get("white-space") == "pre" and styles.is_fixed_width(style.get("font-family", ""))
    return is_typed or bool({"code-block", "syntaxhighlighter"} & set(node.classes))


def _language(node: Element) -> str:
    for each in (node, *_below(node)):
        said = LANGUAGE.search(each.attributes.get("class", ""))
        name = (
            each.attributes.get("data-language")
            or (said and (said[1] or said[2]))
            or each.attributes.get("lang", "")
        )
        if name and re.fullmatch(r"[\w+#-]{1,30}", name):
            return name.lower()
    return ""


def _bare(node: Node) -> Node:
    """Code without the numbers of its lines; a line that is an element of its own still ends."""
    if isinstance(node, str):
        return node.replace("\u00a0", " ").replace("\u200b", "")
    is_number = LINE_NUMBER.search(node.attributes.get("class", "")) or "linenumber" in node.classes
    if is_number or styles.is_unseen(node):
        return ""
    held = [_bare(child) for child in node.children]
    is_blank = node.tag in ("div", "p", "tr") and not any(held)
    return Element(node.tag, node.attributes, ["\n"] if is_blank else held)


def _panel(node: Element) -> Element | None:
    named = node.attributes.get("data-panel-type", "")
    found = PANEL.search(node.attributes.get("class", ""))
    kind = ALERTS.get(named or (found[1] if found else ""))
    is_panel = bool(named or kind or "callout" in node.classes)
    if "markdown-alert-title" in node.classes or not is_panel or node.tag == "p":
        return None
    if "markdown-alert" not in node.attributes.get("class", ""):
        title = [Element("p", {}, [Element("verbatim", {}, [f"[!{kind}]"])])] if kind else []
        return Element("blockquote", {}, [*title, *node.children])
    rest = [
        child
        for child in node.children
        if not (isinstance(child, Element) and "markdown-alert-title" in child.classes)
    ]
    return Element("blockquote", {}, [Element("p", {}, [Element("verbatim", {}, [f"[!{kind}]"])]), *rest])


def _expand(node: Element) -> Element | None:
    if node.attributes.get("data-node-type") not in ("expand", "nestedExpand"):
        return None
    title = node.attributes.get("data-title", "").strip()
    return Element(
        "div", {}, [Element("p", {}, [Element("b", {}, [title])]) if title else "", *node.children]
    )


def _heading(node: Element) -> Element | None:
    level = node.attributes.get("aria-level", "")
    if node.attributes.get("role") == "heading" and re.fullmatch("[1-6]", level) and node.tag in ("div", "p"):
        return Element(f"h{level}", {}, node.children)
    return Element("h1", {}, node.children) if node.tag == "p" and "MsoTitle" in node.classes else None


def _chip(node: Element) -> Element | None:
    attributes = node.attributes
    kind = attributes.get("data-node-type", "")
    if kind == "date" and not text_of(node).strip():
        return Element(CHIP, {}, [_day(attributes.get("data-timestamp", ""))])
    is_mention = "data-mention-id" in attributes or attributes.get("data-stringify-type") in IN_CHATS
    if not (
        is_mention
        or node.tag == "ts-mention"
        or CHIP_CLASS.search(attributes.get("class", ""))
        or kind in ("status", "date")
    ):
        return None
    if kind == "status" or {"status-macro", "aui-lozenge"} & set(node.classes):
        return Element(CHIP, {"style": "font-weight:bold"}, node.children)
    if "c-timestamp" in node.classes:
        # As chats are pasted as text, where it is read as the time of a message.
        return Element(CHIP, {}, ["[", Element("span", {}, [" ".join(text_of(node).split())]), "]"])
    if is_mention or node.tag != "a" or "confluence-userlink" in node.classes:
        # A link to somebody leads into the service that this is copied from.
        return Element(CHIP, {}, [Element("span", {}, [" ".join(text_of(node).split())])])
    return Element(CHIP, {}, [Element("a", {"href": attributes.get("href", "")}, node.children)])


def _day(milliseconds: str) -> str:
    if not re.fullmatch(r"\d{1,14}", milliseconds):
        return ""
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC).date().isoformat()
