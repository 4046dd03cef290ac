"""Titles that a document states among what is known of its incident: in a table of keys, or on a line.

"Incident report" in large letters says what kind of document it is, and not which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.report_titles import KEYS, LONGEST
from postmortems.document.text import one_line
from postmortems.document.times import dates

LINES_BELOW = 6


def found(nodes: Sequence[Node]) -> str:
    """The title among the keys and values above all headings, or below another; "" where there is none."""
    for node in nodes[:LINES_BELOW]:
        if not isinstance(node, Element) or (node.tag[:1] == "h" and "title" not in node.classes):
            break
        said = one_line(text_of(node))
        if _is_subtitle(node) and 0 < len(said) <= LONGEST and not dates.date_in(said):
            return said
        for key, value in _pairs(node):
            if key.strip().rstrip(":").strip().lower() in KEYS and 0 < len(value) <= LONGEST:
                return value
    return ""


def without(nodes: Sequence[Node], title: str) -> list[Node]:
    """The nodes without the subtitle that was taken for the title."""
    return [node for node in nodes if not _is_subtitle(node) or one_line(text_of(node)) != title]


def _is_subtitle(node: Node) -> bool:
    return isinstance(node, Element) and "subtitle" in node.classes


def _pairs(node: Element) -> Iterator[tuple[str, str]]:
    if node.tag == "p":
        key, _, value = one_line(text_of(node)).partition(":")
        yield key, value.strip()
    if node.tag != "table":
        return
    for row in _rows(node):
        said = [one_line(text_of(cell)).strip() for cell in row.children if isinstance(cell, Element)]
        if len(said) == 2:
            yield said[0], said[1]


def _rows(node: Element) -> Iterator[Element]:
    for child in node.children:
        if isinstance(child, Element) and child.tag == "tr":
            yield child
        elif isinstance(child, Element) and child.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(child)
