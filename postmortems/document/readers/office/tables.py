"""Tables of office documents made square: merged cells take all their places, and the first row heads them.

A word that stands beside several rows is said in each of them (who owns all three); a longer text once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from postmortems.document.markdown import timeline_tables
from postmortems.document.markdown.items import item_tables
from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.text import one_line

WIDEST, TALLEST = 60, 3_000
LONGEST_AGAIN, LONGEST_HEAD = 40, 40
FEWEST_COLUMNS = 3


def squared(table: Element) -> Element:
    """The table with a cell in each place; heads where its first row is one."""
    rows = _square([_cells(row) for row in _rows(table)])
    if rows and not any(cell.tag == "th" for cell in rows[0]) and _is_head([_said(cell) for cell in rows[0]]):
        rows[0] = [replace(cell, tag="th") for cell in rows[0]]
    return Element("table", {}, [Element("tr", {}, list[Node](row)) for row in rows])


def _rows(node: Element) -> Iterator[Element]:
    for child in node.children:
        if isinstance(child, Element) and child.tag == "tr":
            yield child
        elif isinstance(child, Element) and child.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(child)


def _cells(row: Element) -> list[Element]:
    return [child for child in row.children if isinstance(child, Element) and child.tag in ("td", "th")]


def _span(cell: Element, name: str, most: int) -> int:
    said = cell.attributes.get(name, "")
    return min(max(int(said), 1), most) if said.isascii() and said.isdecimal() else 1


def _square(rows: Sequence[Sequence[Element]]) -> list[list[Element]]:
    """The rows with what merged cells cover: beside a cell nothing, below it a short text again."""
    below: dict[int, tuple[Element, int]] = {}
    found: list[list[Element]] = []
    for row in rows:
        made: list[Element] = []
        for cell in row:
            _fill(made, below)
            wide, tall = _span(cell, "colspan", WIDEST), _span(cell, "rowspan", TALLEST)
            again = cell if len(_said(cell)) <= LONGEST_AGAIN else Element(cell.tag)
            for place in range(wide):
                if tall > 1:
                    below[len(made)] = (again if not place else Element(cell.tag), tall - 1)
                made.append(Element(cell.tag, {}, cell.children) if not place else Element(cell.tag))
        _fill(made, below)
        found.append(made)
    return found


def _fill(made: list[Element], below: dict[int, tuple[Element, int]]) -> None:
    while (at := len(made)) in below:
        cell, left = below.pop(at)
        made.append(Element(cell.tag, {}, list(cell.children)))
        if left > 1:
            below[at] = (cell, left - 1)


def _said(cell: Element) -> str:
    return one_line(text_of(cell)).strip()


def _is_head(said: Sequence[str]) -> bool:
    """Whether a first row names the columns: by words that do, or short ones without figures in several."""
    times = [bool(timeline_tables.OF_TIMES.fullmatch(each)) for each in said]
    named = [item_tables.column(each) for each in said]
    if sum(bool(one or other) for one, other in zip(times, named, strict=True)) >= 2:
        return True
    is_short = all(each and len(each) <= LONGEST_HEAD for each in said)
    has_figures = any(sign.isdecimal() for each in said for sign in each)
    is_named = any(times) or "text" in named
    return is_short and not has_figures and (len(said) >= FEWEST_COLUMNS or is_named)
