"""Tables with cells that span rows or columns, as tables with all their cells.

What spans rows is said of each of them; what spans columns stands in the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from postmortems.document.readers.markup_tree import Element, Node

# HTML allows 1,000 columns and 65,534 rows; no report has a table with more columns than these.
MOST_COLUMNS = 40
CELLS = ("td", "th")


def squared(table: Element) -> Element:
    """The table with a cell for each place; itself where no cell spans another's."""
    if not any(_span(cell, "rowspan") + _span(cell, "colspan") > 2 for row in _rows(table) for cell in row):
        return table
    return replace(table, children=list(_parts(table, {})))


def _parts(node: Element, hanging: dict[int, tuple[int, Element]]) -> Iterator[Node]:
    for child in node.children:
        if isinstance(child, Element) and child.tag == "tr":
            yield replace(child, children=_filled(child, hanging))
        elif isinstance(child, Element) and child.tag in ("thead", "tbody", "tfoot"):
            yield replace(child, children=list(_parts(child, hanging)))
        else:
            yield child


def _filled(row: Element, hanging: dict[int, tuple[int, Element]]) -> list[Node]:
    """The cells of a row with those that hang into it from above; `hanging` is brought up to date."""
    out: list[Node] = []
    for cell in _cells(row):
        _hung(out, hanging)
        bare = replace(cell, attributes=_unspanned(cell.attributes))
        rows, columns = _span(cell, "rowspan"), _span(cell, "colspan")
        for number in range(min(columns, MOST_COLUMNS)):
            shown = bare if number == 0 else Element(cell.tag)
            if rows > 1:
                hanging[len(out)] = (rows - 1, shown)
            out.append(shown)
    _hung(out, hanging)
    return out


def _hung(out: list[Node], hanging: dict[int, tuple[int, Element]]) -> None:
    while (at := len(out)) in hanging:
        left, cell = hanging.pop(at)
        if left > 1:
            hanging[at] = (left - 1, cell)
        out.append(cell)


def _rows(node: Element) -> Iterator[list[Element]]:
    for child in node.children:
        if isinstance(child, Element) and child.tag == "tr":
            yield list(_cells(child))
        elif isinstance(child, Element) and child.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(child)


def _cells(row: Element) -> Iterator[Element]:
    return (child for child in row.children if isinstance(child, Element) and child.tag in CELLS)


def _span(cell: Element, name: str) -> int:
    said = cell.attributes.get(name, "1").strip()
    return max(1, int(said)) if said.isascii() and said.isdecimal() and len(said) < 6 else 1


def _unspanned(attributes: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if name not in ("rowspan", "colspan")}
