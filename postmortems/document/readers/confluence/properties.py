"""Page properties that this service wrote: a report's front matter, as rows of a table."""

from __future__ import annotations

from collections.abc import Iterator

from postmortems.document.markdown import front_matter
from postmortems.document.readers.markup_tree import Element, Node, text_of

# The name by which the macro is known to be ours.
OURS = "postmortem"


def is_ours(macro: Element) -> bool:
    """Whether a macro holds the front matter of a report of this service."""
    if macro.attributes.get("ac:name") != "details":
        return False
    return any(
        isinstance(child, Element)
        and child.tag == "ac:parameter"
        and child.attributes.get("ac:name") == "id"
        and text_of(child).strip() == OURS
        for child in macro.children
    )


def lines(macro: Element) -> Iterator[str]:
    """The lines of front matter that the rows are."""
    for row in _rows(macro):
        cells = [child for child in row.children if isinstance(child, Element)]
        if len(cells) == 2:
            yield from front_matter.pair_text(*map(text_of, cells)).split("\n")


def _rows(node: Element) -> Iterator[Element]:
    for child in node.children:
        if isinstance(child, Element):
            if child.tag == "tr":
                yield child
            else:
                yield from _rows(child)


def taken_out(nodes: list[Node]) -> tuple[list[str], list[Node]]:
    """The lines of front matter that a page states at its top, and the page without them."""
    for at, node in enumerate(nodes):
        if isinstance(node, Element) and node.tag in ("ac:structured-macro", "ac:macro") and is_ours(node):
            return list(lines(node)), [*nodes[:at], *nodes[at + 1 :]]
    return [], nodes
