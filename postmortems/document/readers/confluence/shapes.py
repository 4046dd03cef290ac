"""Shapes: what a page of Confluence builds of div and span, as the elements that HTML has for them.

What Confluence generates (tables of contents, lists of pages below) is left out, and so are its buttons. What
`rich_text` knows already (panels, lozenges, mentions) is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from postmortems.document.markdown import section_roles
from postmortems.document.readers.confluence import dates, emoticons, tables, task_tables, tasks
from postmortems.document.readers.inline_markdown import inline
from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.text import one_line

# Made anew whenever the page is shown, or there to be pressed.
GENERATED = frozenset(
    (
        "toc-macro",
        "plugin_pagetree",
        "plugin_pagetree_children",
        "childpages-macro",
        "plugin_attachments_container",
        "collapse-source",
        "collapse-spinner-wrapper",
        "expand-control-icon",
        "aui-icon",
        "page-metadata",
        "contentbylabel",
        "recently-updated",
        "recentlyUpdated",
        "create-from-template-button",
        "hidden",
        "hidden-xs",
        "breadcrumb-section",
        "inline-comment-marker-icon",
        "table-sort-header",
    )
)
MACROS = frozenset(
    (
        "toc",
        "children",
        "pagetree",
        "pagetreesearch",
        "livesearch",
        "attachments",
        "contentbylabel",
        "recently-updated",
        "contributors",
        "contributors-summary",
        "create-from-template",
        "space-attachments",
        "blog-posts",
        "labels-list",
        "popular-labels",
        "related-labels",
        "listlabels",
        "navmap",
        "change-history",
        "favpages",
        "index",
        "tasks-report-macro",
    )
)
BRUSH = re.compile(r"brush:\s*([\w+#-]{1,30})")
# Where a page keeps its files: in an export, and on the server.
ATTACHED = re.compile(r"(?:\./)?attachments/.+")
DOWNLOAD = re.compile(r"/download/(?:attachments|thumbnails|embedded-page)/(?:[^/]+/)+([^/]+)")
REMOTE = re.compile(r"https?://", re.IGNORECASE)
# The English words on a fold that its author gave none.
UNNAMED = re.compile(r"click here to expand(?:\.{3}|…)?", re.IGNORECASE)
FRAMED = re.compile(r"h[1-6]|table|ul|ol")
LAST_LEVEL = 6


def shaped(nodes: Sequence[Node]) -> list[Node]:
    """The nodes of a page's body, with headings below the one of its title."""
    shift = 1 if _has_first_level(nodes) else 0
    return _Shaped(shift).all(nodes)


def _has_first_level(nodes: Sequence[Node]) -> bool:
    return any(
        isinstance(node, Element) and (node.tag == "h1" or _has_first_level(node.children)) for node in nodes
    )


class _Shaped:
    """Shapes a tree; `shift` is how many levels its headings go down."""

    def __init__(self, shift: int) -> None:
        self._shift = shift
        # The level of the heading of items that all stands below, or 0; and how deep in lists of it.
        self._items_at = 0
        self._is_inside = False

    def all(self, nodes: Sequence[Node]) -> list[Node]:
        return [shape for node in nodes for shape in self._one(node)]

    def _one(self, node: Node) -> list[Node]:
        if isinstance(node, str):
            return [node]
        if is_generated(node):
            return []
        match node.tag:
            case "img":
                return _picture(node)
            case "time":
                return [dates.shown(node)]
            case "a":
                return self._link(node)
            case "pre":
                return [_code(node)]
            case "table":
                table, *below = task_tables.settled(tables.squared(node))
                return [self._element(each) for each in (table, *below) if isinstance(each, Element)]
        return [self._element(node)]

    def _element(self, node: Element) -> Element:
        if tasks.is_list(node):
            node = tasks.flat(node)
        if tasks.is_task(node) or (node.tag == "li" and self._items_at and self._is_told(node)):
            node = tasks.told(node)
        classes = set(node.classes)
        if "expand-container" in classes:
            return self._fold(node)
        if "codeHeader" in classes or "panelHeader" in classes:
            return _titled(self.all(node.children))
        if "confluence-information-macro" in classes and _is_framed(node):
            return self._frame(node)
        level = re.fullmatch("h([1-6])", node.tag)
        if level:
            self._enter(int(level[1]), text_of(node))
        tag = f"h{min(int(level[1]) + self._shift, LAST_LEVEL)}" if level else node.tag
        outer, self._is_inside = self._is_inside, self._is_inside or node.tag == "li"
        children = self.all(node.children)
        self._is_inside = outer
        return Element(tag, node.attributes, children)

    def _enter(self, level: int, heading: str) -> None:
        """Go on below a heading: those of a lower level belong to the items above them."""
        if section_roles.named(one_line(heading)) == "action_items":
            self._items_at = self._items_at if 0 < self._items_at < level else level
        elif level <= self._items_at:
            self._items_at = 0

    def _is_told(self, node: Element) -> bool:
        return not self._is_inside and tasks.is_owned(node)

    def _fold(self, node: Element) -> Element:
        """What is folded away, under its name."""
        parts = [child for child in node.children if isinstance(child, Element)]
        head = next((part for part in parts if "expand-control" in part.classes), Element("div"))
        said = one_line(text_of(Element("div", {}, _seen(head.children))))
        body = [child for child in node.children if child is not head]
        title = [] if UNNAMED.fullmatch(said) else [_titled([said])]
        # A fold that is closed is there to be read.
        opened = [replace(each, attributes={}) if isinstance(each, Element) else each for each in body]
        return Element("div", {}, [*title, *self.all(opened)])

    def _frame(self, node: Element) -> Element:
        """A panel round a part of the report, which is no quotation."""
        return Element(
            "div",
            {},
            [
                _titled(self.all(child.children))
                if isinstance(child, Element) and "title" in child.classes
                else child
                for child in self.all(node.children)
            ],
        )

    def _link(self, node: Element) -> list[Node]:
        if tasks.is_mention(node):
            return [Element("a", {"class": "confluence-userlink"}, [one_line(text_of(node))])]
        inside = self.all(node.children)
        if ATTACHED.fullmatch(href := node.attributes.get("href", "")) and text_of(node).strip():
            link = Element("a", {"href": unquote(href.split("?")[0])}, [one_line(text_of(node))])
            return [Element("verbatim", {}, [inline([link])])]
        return [replace(node, children=inside)]


def is_generated(node: Element) -> bool:
    """Whether Confluence made an element of other pages, or of this one."""
    name = node.attributes.get("data-macro-name") or node.attributes.get("macro-name", "")
    return bool(GENERATED & set(node.classes)) or name in MACROS


def _seen(nodes: Sequence[Node]) -> list[Node]:
    return [
        replace(node, children=_seen(node.children)) if isinstance(node, Element) else node
        for node in nodes
        if not isinstance(node, Element) or not (is_generated(node) or node.tag == "img")
    ]


def _titled(nodes: list[Node]) -> Element:
    """The name of a panel, a fold or a listing, in bold above it."""
    return (
        Element("p", {}, [Element("b", {}, nodes)])
        if text_of(Element("p", {}, nodes)).strip()
        else Element("div")
    )


def _is_framed(node: Element) -> bool:
    """Whether a panel holds more than words."""
    return any(
        isinstance(child, Element) and (bool(FRAMED.fullmatch(child.tag)) or _is_framed(child))
        for child in node.children
    )


def _code(node: Element) -> Element:
    brush = BRUSH.search(node.attributes.get("data-syntaxhighlighter-params", ""))
    kept = {"class": f"language-{brush[1]}"} if brush else node.attributes
    return Element("pre", kept, node.children)


def _picture(node: Element) -> list[Node]:
    """A picture by where it is kept; the ornaments of a page are none."""
    if emoticons.is_emoticon(node.attributes):
        shown = emoticons.character(node.attributes)
        return [shown] if shown else []
    source, said = node.attributes.get("src", ""), one_line(node.attributes.get("alt", ""))
    kept = stored_at(source)
    if kept:
        return [Element("verbatim", {}, [inline([Element("img", {"src": kept, "alt": said})])])]
    if REMOTE.match(source) and "icon" not in node.classes:
        return [node]
    return [said] if said and "icon" not in node.classes else []


def stored_at(source: str) -> str:
    """Where a file of the page is beside it; "" where it is none of its files."""
    if ATTACHED.fullmatch(source):
        return unquote(source.split("?")[0]).removeprefix("./")
    try:
        path = urlsplit(source).path
    except ValueError:
        return ""
    match = DOWNLOAD.search(path)
    return f"attachments/{unquote(match[1])}" if match else ""
