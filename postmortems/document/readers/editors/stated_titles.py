"""Titles that a document states among what is known of its incident: in a table of keys, or on a line.

"Incident report" in large letters says what kind of document it is, and not which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postmortems.document import vocabulary
from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.text import one_line

LONGEST, LINES_BELOW = 200, 6
WORDS = vocabulary.table("headings")
# What stands before the title among what is known of an incident.
KEYS = frozenset(WORDS["titles"])
KIND = re.compile(rf"(?:{vocabulary.one_of(WORDS['kinds_of_document'])}[\W_]*)+", re.IGNORECASE)


def is_kind(title: str) -> bool:
    """Whether a title says no more than what kind of document it is."""
    return bool(KIND.fullmatch(one_line(title).strip(" -–—:#[]()")))


def found(nodes: Sequence[Node]) -> str:
    """The title among the keys and values above all headings; "" where there is none."""
    for node in nodes[:LINES_BELOW]:
        if not isinstance(node, Element) or (node.tag[:1] == "h" and "title" not in node.classes):
            break
        for key, value in _pairs(node):
            if key.strip().rstrip(":").strip().lower() in KEYS and 0 < len(value) <= LONGEST:
                return value
    return ""


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
