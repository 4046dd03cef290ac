"""Listings of web pages without the numbers of their lines, which would begin the first word of each.

In the line, as Sphinx 9 and Hugo 0.168 write them; beside it in a table of two cells, as Python-Markdown and
Hugo do; or below it, as VitePress does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from postmortems.document.readers.markup_tree import Element, Node, text_of

# What holds nothing but the numbers of lines: within a listing, and anywhere.
WITHIN = frozenset(("linenos", "lineno", "linenumber", "line-number", "ln", "lnt"))
ANYWHERE = frozenset(("line-numbers-wrapper", "line-numbers-rows"))
UNSELECTABLE = re.compile(r"user-select\s*:\s*none")
ONLY_NUMBERS = re.compile(r"[\d\s]*")


def unnumbered(nodes: Sequence[Node], *, is_listing: bool = False) -> list[Node]:
    """The nodes; a listing in a table, beside its numbers, without the table."""
    return [made for node in nodes for made in _one(node, is_listing)]


def _one(node: Node, is_listing: bool) -> list[Node]:
    if isinstance(node, str):
        return [node]
    if _is_number(node, is_listing):
        return []
    if node.tag == "table" and (cell := _beside_numbers(node)):
        return unnumbered(cell.children)
    return [replace(node, children=unnumbered(node.children, is_listing=is_listing or node.tag == "pre"))]


def _is_number(node: Element, is_listing: bool) -> bool:
    classes = set(node.classes)
    is_within = WITHIN & classes or UNSELECTABLE.search(node.attributes.get("style", ""))
    if not (ANYWHERE & classes or (is_listing and is_within)):
        return False
    return bool(ONLY_NUMBERS.fullmatch(text_of(node)))


def _beside_numbers(table: Element) -> Element | None:
    """The cell of a table of two that has a listing, where the other one has nothing but numbers."""
    cells = [each for row in _rows(table) for each in row.children if isinstance(each, Element)]
    if len(cells) != 2 or not ONLY_NUMBERS.fullmatch(text_of(cells[0])):
        return None
    return cells[1] if _has_listing(cells[1]) and text_of(cells[0]).strip() else None


def _rows(table: Element) -> list[Element]:
    inner = [each for each in table.children if isinstance(each, Element)]
    return [row for each in inner for row in ([each] if each.tag == "tr" else _rows(each))]


def _has_listing(node: Element) -> bool:
    return any(
        isinstance(each, Element) and (each.tag == "pre" or _has_listing(each)) for each in node.children
    )
