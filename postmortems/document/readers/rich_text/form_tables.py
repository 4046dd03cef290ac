"""Opens tables that are a form to be filled in: a section's name beside its words, or above them.

A document without sections of its own has them in such a table; its other rows stay one of keys and values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from postmortems.document.markdown import section_roles
from postmortems.document.readers.markup_tree import Element, Node, is_block, text_of
from postmortems.document.text import one_line

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
CELLS, PARTS = ("td", "th"), ("thead", "tbody", "tfoot")
LISTED = frozenset(("ul", "ol", "table", "ac:task-list"))
LONGEST_NAME, LONGEST_VALUE, FEWEST = 60, 80, 2


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a form: what is asked, and the answer; `name` "" for one that asks nothing."""

    name: str
    held: list[Node]
    row: Element


def opened(nodes: Sequence[Node]) -> list[Node]:
    """The nodes, forms among them as sections; as they are where the document has sections of its own."""
    whole = Element("div", {}, list(nodes))
    if any(each.tag in HEADINGS and _is_section(text_of(each)) for each in _below(whole)):
        return list(nodes)
    return _opened(nodes)


def _opened(nodes: Sequence[Node]) -> list[Node]:
    out: list[Node] = []
    for node in nodes:
        if isinstance(node, Element) and node.tag == "table":
            out += _sections(node) or [node]
        elif isinstance(node, Element) and is_block(node):
            out.append(replace(node, children=_opened(node.children)))
        else:
            out.append(node)
    return out


def _sections(table: Element) -> list[Node]:
    """What a form becomes; nothing where the table is none."""
    rows = list(_told(list(_rows(table))))
    roles = {section_roles.named(row.name) for row in rows if row.name} - {"other"}
    if len(roles) < FEWEST or any(not row.name for row in rows):
        return []
    out: list[Node] = []
    keys: list[Node] = []
    for row in rows:
        if not (_is_section(row.name) or _is_long(row.held)):
            keys.append(row.row)
            continue
        out += [*_table(keys), Element("h2", {}, [row.name]), *_answer(row)]
        keys = []
    return [*out, *_table(keys)]


def _table(rows: list[Node]) -> list[Node]:
    return [Element("table", {}, rows)] if rows else []


def _rows(node: Element) -> Iterator[tuple[Element, list[Element]]]:
    for child in node.children:
        if isinstance(child, Element) and child.tag == "tr":
            yield child, [each for each in child.children if isinstance(each, Element) and each.tag in CELLS]
        elif isinstance(child, Element) and child.tag in PARTS:
            yield from _rows(child)


def _told(rows: Sequence[tuple[Element, list[Element]]]) -> Iterator[_Row]:
    """The rows of two cells, and pairs of rows of one, the first of which names a section."""
    named = ""
    for row, cells in rows:
        # What spans columns has its words in the first.
        told = [cell for cell in cells if text_of(cell).strip() or cell is cells[0]]
        if named:
            yield _Row(named, [child for cell in told for child in cell.children], row)
            named = ""
        elif len(told) == 1 and _is_section(_said(told[0])):
            named = _said(told[0])
        elif len(cells) == 2 and len(_said(cells[0])) <= LONGEST_NAME:
            yield _Row(_said(cells[0]), cells[1].children, row)
        else:
            yield _Row("", [], row)
    if named:
        yield _Row(named, [], rows[-1][0])


def _said(cell: Node) -> str:
    return one_line(text_of(cell)).strip().rstrip(":").strip()


def _is_section(name: str) -> bool:
    return len(name) <= LONGEST_NAME and section_roles.named(one_line(name)) != "other"


def _is_long(held: Sequence[Node]) -> bool:
    """Whether an answer is more than the value of a key."""
    cell = Element("td", {}, list(held))
    return len(text_of(cell).strip()) > LONGEST_VALUE or any(each.tag in LISTED for each in _below(cell))


def _answer(row: _Row) -> list[Node]:
    """The words of an answer; lines of things to do are a list."""
    cell = Element("td", {}, row.held)
    if section_roles.named(row.name) != "action_items" or any(each.tag in LISTED for each in _below(cell)):
        return row.held
    return [Element("ul", {}, [Element("li", {}, line) for line in _lines(row.held)])]


def _lines(nodes: Sequence[Node]) -> list[list[Node]]:
    """The lines of a cell that have words: paragraphs, and what stands between breaks."""
    lines: list[list[Node]] = [[]]
    for node in nodes:
        if isinstance(node, Element) and node.tag == "br":
            lines.append([])
        elif is_block(node) and isinstance(node, Element):
            lines += [*_lines(node.children), []]
        else:
            lines[-1].append(node)
    return [line for line in lines if any(text_of(each).strip() for each in line)]


def _below(root: Element) -> Iterator[Element]:
    waiting = [child for child in reversed(root.children) if isinstance(child, Element)]
    while waiting:
        element = waiting.pop()
        yield element
        waiting += [child for child in reversed(element.children) if isinstance(child, Element)]
