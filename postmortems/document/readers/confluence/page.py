"""Reads a page of Confluence's HTML export as Markdown: its title without the space, and its body alone.

What Confluence puts round a page (breadcrumbs, who changed it, attachments, comments, footer) is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postmortems import patterns
from postmortems.document.markdown import front_matter
from postmortems.document.readers import html
from postmortems.document.readers.confluence import shapes
from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.readers.rich_text import footnotes, form_tables
from postmortems.document.readers.rich_text.plain_tree import Plain
from postmortems.document.readers.to_markdown import compose
from postmortems.document.text import joined, one_line
from postmortems.errors import Invalid

TITLE = re.compile(r"""\bid\s*=\s*["']?title-text\b""", re.IGNORECASE)
BODY = patterns.of(r"""<div\b[^<>]*\bid\s*=\s*["']?main-content\b""", re.IGNORECASE, needs="<")
DIVISION = re.compile(r"<(/?)div\b", re.IGNORECASE)
SEPARATOR = " : "


def is_page(text: str) -> bool:
    """Whether a text is a page as Confluence exports it, or shows it."""
    return bool(BODY.search(text) and TITLE.search(text))


def to_markdown(text: str) -> str:
    """The page as Markdown. Raises `Invalid` where it ends amid its body."""
    refuse_cut_off(text)
    root = html.parsed(text)
    return written(title(root), body(root).children)


def body(root: Element) -> Element:
    """What its authors wrote of a page."""
    return next((each for each in _walk(root) if each.attributes.get("id") == "main-content"), Element("div"))


def written(name: str, nodes: Sequence[Node], front: Sequence[str] = ()) -> str:
    """The body of a page as Markdown, under its title where it has one, below lines of front matter."""
    shaped = shapes.shaped(form_tables.opened(footnotes.noted(nodes)))
    text, name = compose(Plain().of(shaped)), one_line(name)
    if name.endswith("#"):
        # A heading that ends so loses its end.
        name, front = "", [f"title: {front_matter.scalar(name)}", *front]
    matter = "\n".join(["---", *front, "---"]) if front else ""
    # A title is words and no Markdown, so nothing in it is escaped.
    # An answer of JSON may hold what no text of a file does.
    text = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    parts = [matter, f"# {name}" if name else "", joined(text.split("\n"))]
    return "\n\n".join(filter(None, parts)) + "\n"


def title(root: Element) -> str:
    """The page's own title: an export says "Space : Title", and names the space in its breadcrumbs."""
    said = _said(root, "title-text")
    crumbs = next((each for each in _walk(root) if each.attributes.get("id") == "breadcrumbs"), None)
    if crumbs is None:
        return said.partition(SEPARATOR)[2] or said
    space = next((one_line(text_of(each)) for each in _walk(crumbs) if each.tag == "a"), "")
    return (said.removeprefix(f"{space}{SEPARATOR}") if space else said.removeprefix(": ")) or said


def _said(root: Element, identity: str) -> str:
    found = next((each for each in _walk(root) if each.attributes.get("id") == identity), None)
    return one_line(text_of(_bare(found))) if found else ""


def _bare(node: Element) -> Element:
    """The element without pictures."""
    return Element(
        node.tag,
        {},
        [
            _bare(child) if isinstance(child, Element) else child
            for child in node.children
            if not isinstance(child, Element) or child.tag != "img"
        ],
    )


def _walk(root: Element) -> Iterator[Element]:
    """Every element below, in the order of the page."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        yield element
        waiting += [child for child in reversed(element.children) if isinstance(child, Element)]


def refuse_cut_off(text: str) -> None:
    """Raise `Invalid` for a page that ends before its body does: it was not downloaded whole."""
    begin = BODY.search(text)
    if begin is None or "</html" in text[-4096:].lower():
        return
    depth = 0
    for match in DIVISION.finditer(text, begin.start()):
        depth += -1 if match[1] else 1
        if depth == 0:
            return
    line = text.count("\n") + 1
    raise Invalid(f"{line}: the page ends amid its body; export or download it again")
