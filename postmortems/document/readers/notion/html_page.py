"""Reads a page of a Notion export in HTML.

`article.page` holds a header (`h1.page-title`, `table.properties`) and `div.page-body`; every block of a list
is a list of its own, to-dos are `div.checkbox-on` or `-off`, days `<time>@…</time>`, people `span.user`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import unquote

from postmortems.document.readers import html
from postmortems.document.readers.editors import nested_tasks
from postmortems.document.readers.editors.stated_keys import Property
from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.readers.notion import blocks_of_html, names, properties
from postmortems.document.readers.notion.blocks_of_html import below
from postmortems.document.readers.rich_text.plain_tree import Plain
from postmortems.document.readers.to_markdown import compose
from postmortems.document.text import joined, one_line

PAGE = re.compile(r"<article\b[^<>]*\bclass=\"(?:[^\"]* )?page(?: [^\"]*)?\"", re.IGNORECASE)
SIGNS = re.compile(r"class=\"(?:page-body|page-title|page-header-icon)", re.IGNORECASE)
ARTICLE_ID = re.compile(rf"<article\b[^<>]*\bid=\"({names.UUID}|{names.HEX})\"", re.IGNORECASE)


def is_page(text: str) -> bool:
    """Whether a page of HTML is one of Notion's."""
    return bool(PAGE.search(text) and SIGNS.search(text))


def identity(text: str) -> str:
    """What the page says that it is; "" where it says nothing."""
    found = ARTICLE_ID.search(text)
    return f"notion:{found[1].replace('-', '').lower()}" if found else ""


def to_markdown(text: str) -> str:
    """A page as the Markdown that says the same."""
    title, found, nodes = parts(text)
    return properties.page(title, found, body_of(nodes))


def parts(text: str) -> tuple[str, list[Property], list[Node]]:
    """Title, properties and what stands below them."""
    root = html.parsed(text)
    article = next((each for each in below(root) if each.tag == "article"), root)
    heading = next((each for each in below(article) if "page-title" in each.classes), None)
    table = next((each for each in below(article) if "properties" in each.classes), None)
    bodies = [each for each in below(article) if "page-body" in each.classes]
    title = one_line(text_of(_named(heading))) if heading else ""
    said = [each for each in below(article) if "page-description" in each.classes]
    rest = bodies or [Element("div", {}, [_without(article, {"header"})])]
    return title, list(_properties(table)) if table else [], [*said, *rest, *_comments(article)]


def _named(heading: Element) -> Element:
    return replace(heading, children=[child for child in heading.children if not _is_icon(child)])


def _is_icon(node: Node) -> bool:
    return isinstance(node, Element) and bool(
        {"icon", "page-header-icon", "property-icon"} & set(node.classes)
    )


def _without(node: Element, tags: set[str]) -> Element:
    held = [child for child in node.children if not (isinstance(child, Element) and child.tag in tags)]
    return replace(node, children=held)


def _comments(article: Element) -> Iterator[Node]:
    """What people wrote beside the page, apart from its text."""
    held = [each for each in below(article) if "comment" in each.classes and each.tag == "div"]
    if held:
        yield Element("h2", {}, ["Comments"])
        yield from (Element("blockquote", {}, each.children) for each in held)


def _properties(table: Element) -> Iterator[Property]:
    for row in below(table):
        if row.tag != "tr":
            continue
        cells = [child for child in row.children if isinstance(child, Element) and child.tag in ("th", "td")]
        if len(cells) == 2:
            name = one_line(text_of(_named(cells[0])))
            said = ", ".join(blocks_of_html.values(cells[1]))
            yield name or "Property", said


def body_of(nodes: Sequence[Node]) -> str:
    """The blocks of a page as Markdown, its headings below the title's."""
    plain = blocks_of_html.plain(nodes)
    if any(isinstance(each, Element) and each.tag == "h1" for each in below(Element("div", {}, plain))):
        plain = [_lower(node) for node in plain]
    return nested_tasks.lifted(joined(compose(Plain().of(_merged(plain))).split("\n")))


def _lower(node: Node) -> Node:
    if not isinstance(node, Element):
        return node
    lower = re.fullmatch(r"h([1-5])", node.tag)
    tag = f"h{int(lower[1]) + 1}" if lower else node.tag
    return replace(node, tag=tag, children=[_lower(child) for child in node.children])


def _merged(nodes: Sequence[Node]) -> list[Node]:
    """The nodes with lists beside each other as one: Notion makes a list of each item."""
    out: list[Node] = []
    for node in nodes:
        if isinstance(node, str) and not node.strip() and out and _is_list(out[-1]):
            continue
        if isinstance(node, Element):
            node = replace(node, children=_merged(node.children) if node.tag != "pre" else node.children)
        last = out[-1] if out else None
        if isinstance(node, Element) and isinstance(last, Element) and _goes_on(last, node):
            out[-1] = replace(last, children=[*last.children, *node.children])
        else:
            out.append(node)
    return out


def _is_list(node: Node) -> bool:
    return isinstance(node, Element) and node.tag in ("ul", "ol")


def _goes_on(last: Element, node: Element) -> bool:
    is_first = node.tag == "ol" and node.attributes.get("start", "1") == "1"
    return _is_list(last) and last.tag == node.tag and not is_first


def linked_files(text: str) -> list[str]:
    """The relative paths of the pages and databases that a page has links to, each once."""
    found = []
    for each in below(html.parsed(text)):
        to = each.attributes.get("href", "") if each.tag == "a" else ""
        path = unquote(to.partition("#")[0])
        is_file = names.is_page(path) or names.is_database(path)
        if is_file and not blocks_of_html.ELSEWHERE.match(to):
            found.append(path)
    return list(dict.fromkeys(found))
