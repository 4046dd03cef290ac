"""Reads Confluence's storage format as Markdown.

Its macros, tasks, links and pictures become what an exported page shows for them, and `page` writes those:
there is one set of rules. Parameters of macros are never text, but for the few that a page shows.
"""

from __future__ import annotations

import re

from postmortems.document.readers.confluence import emoticons, macros, page, properties, storage_tree
from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.text import one_line

MARK = re.compile(r"<(?:ac:[a-z]|ri:[a-z])")
# Said to whoever fills in a template, to the editor, or to a program.
UNSEEN = frozenset(
    (
        "ac:parameter",
        "ac:default-parameter",
        "ac:placeholder",
        "ac:task-id",
        "ac:task-uuid",
        "ac:task-status",
        "ac:adf-attribute",
        "ac:adf-fallback",
        "ac:adf-parameter",
        "ac:adf-parameter-value",
        "at:declarations",
        "at:var",
        "script",
        "style",
    )
)
BLOCKS = frozenset(
    (
        "ac:layout",
        "ac:layout-section",
        "ac:layout-cell",
        "ac:rich-text-body",
        "ac:task-body",
        "ac:caption",
        "ac:adf-extension",
        "ac:adf-node",
        "ac:adf-content",
        "ac:adf-leaf",
    )
)
BARE = re.compile(r"\ufeff?\s*<(?:h[1-6]|p|ul|ol|table)[\s/>]")


def is_storage(text: str) -> bool:
    """Whether a text holds Confluence's own elements amid its HTML."""
    return text.lstrip("\ufeff \t\r\n").startswith("<") and bool(MARK.search(text))


def is_bare(text: str) -> bool:
    """Whether a file of XML is a page without any of these: XHTML without a root, as only a body is."""
    return bool(BARE.match(text))


def to_markdown(text: str, title: str = "") -> str:
    """The page as Markdown. Where nobody gives its title, a first-level heading above all else is it.

    Raises `Invalid` with the line where the text was cut off.
    """
    front, nodes = properties.taken_out(storage_tree.parsed(text).children)
    nodes = shown(nodes)
    if not title:
        title, nodes = _titled(nodes)
    return page.written(title, nodes, front)


def _titled(nodes: list[Node]) -> tuple[str, list[Node]]:
    told = [node for node in nodes if not isinstance(node, str) or node.strip()]
    first = told[0] if told else ""
    if not isinstance(first, Element) or first.tag != "h1":
        return "", nodes
    return one_line(text_of(first)), [node for node in nodes if node is not first]


def shown(nodes: list[Node]) -> list[Node]:
    """The nodes as an exported page would have them."""
    return [made for node in nodes for made in _one(node)]


def _one(node: Node) -> list[Node]:
    if isinstance(node, str):
        return [node]
    if node.tag in UNSEEN:
        return []
    match node.tag:
        case "ac:structured-macro" | "ac:macro":
            return macros.shown(node, shown)
        case "ac:task-list":
            return [Element("ul", {"class": "inline-task-list"}, shown(node.children))]
        case "ac:task":
            return [_task(node)]
        case "ac:link":
            return _link(node)
        case "ac:image":
            return _picture(node)
        case "ac:emoticon":
            return [emoticons.character(node.attributes)]
        case "ri:user":
            return [_mention(node, "")]
        case "ac:plain-text-body":
            return [Element("pre", {}, [text_of(node)])]
    inside = shown(node.children)
    if node.tag in BLOCKS:
        return [Element("div", {}, inside)]
    return inside if ":" in node.tag else [Element(node.tag, node.attributes, inside)]


def _task(node: Element) -> Element:
    status = next((text_of(each) for each in _parts(node, "ac:task-status")), "")
    is_done = status.strip().lower() == "complete"
    attributes = {"data-inline-task-id": ""} | ({"class": "checked"} if is_done else {})
    return Element("li", attributes, [inner for child in node.children for inner in _task_part(child)])


def _task_part(node: Node) -> list[Node]:
    """The words of a task in its own line; a list below it stays one."""
    if isinstance(node, Element) and node.tag == "ac:task-body":
        return shown(node.children)
    return _one(node)


def _parts(node: Element, tag: str) -> list[Element]:
    return [child for child in node.children if isinstance(child, Element) and child.tag == tag]


def _within(node: Element, tag: str) -> Element | None:
    for child in node.children:
        if isinstance(child, Element):
            found = child if child.tag == tag else _within(child, tag)
            if found is not None:
                return found
    return None


def _link(node: Element) -> list[Node]:
    """A link by its words; a page's are its title, which leads nowhere from here."""
    body = _within(node, "ac:link-body") or _within(node, "ac:plain-text-link-body")
    said: list[Node] = shown(body.children) if body else []
    if user := _within(node, "ri:user"):
        return [_mention(user, one_line(text_of(Element("span", {}, said))))]
    if file := _within(node, "ri:attachment"):
        name = file.attributes.get("ri:filename", "")
        return [Element("a", {"href": f"attachments/{name}"}, said or [name])]
    if address := _within(node, "ri:url"):
        href = address.attributes.get("ri:value", "")
        return [Element("a", {"href": href}, said or [href])]
    if (anchor := node.attributes.get("ac:anchor")) and not _within(node, "ri:page"):
        # Read by nobody but who looks for footnotes: no link into its own page is shown.
        return [Element("a", {"href": f"#{anchor}"}, said or [anchor])]
    return said or [_target(node)]


def _target(node: Element) -> str:
    for tag, name in (
        ("ri:page", "ri:content-title"),
        ("ri:blog-post", "ri:content-title"),
        ("ri:shortcut", "ri:parameter"),
        ("ri:space", "ri:space-key"),
    ):
        if (found := _within(node, tag)) and found.attributes.get(name):
            return found.attributes[name]
    return node.attributes.get("ac:anchor", "")


def _mention(user: Element, said: str) -> Element:
    """Somebody by name, else by what Confluence knows them by."""
    names = ("ri:username", "ri:account-id", "ri:userkey", "ri:local-id")
    known = next((user.attributes[name] for name in names if user.attributes.get(name)), "")
    return Element("a", {"class": "user-mention"}, [said or f"@{known}"])


def _picture(node: Element) -> list[Node]:
    alt = node.attributes.get("ac:alt") or node.attributes.get("ac:title", "")
    if file := _within(node, "ri:attachment"):
        source = f"attachments/{file.attributes.get('ri:filename', '')}"
    else:
        address = _within(node, "ri:url")
        source = address.attributes.get("ri:value", "") if address else ""
    caption = [
        Element("p", {}, shown(each.children)) for each in _parts(node, "ac:caption") if text_of(each).strip()
    ]
    return [Element("img", {"src": source, "alt": alt}), *caption]
