"""Tasks in tables: in a table of action items each is a row or its state, in any other it stands below it.

A box without words is a sign in its cell. Several tasks in one cell are a row each, so that each is an item.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from postmortems.document.markdown.items import item_tables
from postmortems.document.readers.confluence import dates, tasks
from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.text import one_line

DONE, OPEN = "☑", "☐"
CELLS = ("td", "th")


def settled(table: Element) -> list[Node]:
    """The table with what its tasks say, and below it those that are no part of it."""
    if not any(map(_has_tasks, table.children)):
        return [table]
    below: list[Node] = []
    made = _table(table, below if not _is_of_items(table) else None)
    return [made, Element("ul", {"class": "inline-task-list"}, below)] if below else [made]


def _has_tasks(node: Node) -> bool:
    return isinstance(node, Element) and (tasks.is_list(node) or any(map(_has_tasks, node.children)))


def _is_of_items(table: Element) -> bool:
    head = next(_rows(table), [])
    return any(item_tables.column(one_line(text_of(cell))) == "text" for cell in head)


def _rows(node: Element) -> Iterator[list[Element]]:
    for child in node.children:
        if isinstance(child, Element) and child.tag == "tr":
            yield [each for each in child.children if isinstance(each, Element) and each.tag in CELLS]
        elif isinstance(child, Element) and child.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(child)


def _table(node: Element, below: list[Node] | None) -> Element:
    """The table; tasks with words are added to those `below`, if they are to stand there."""
    children: list[Node] = []
    for child in node.children:
        if isinstance(child, Element) and child.tag == "tr":
            children += [_row(row, below) for row in (_divided(child) if below is None else [child])]
        elif isinstance(child, Element) and child.tag in ("thead", "tbody", "tfoot"):
            children.append(_table(child, below))
        else:
            children.append(child)
    return replace(node, children=children)


def _divided(row: Element) -> list[Element]:
    """A row for each task where one cell holds several, and nothing else."""
    for at, cell in enumerate(row.children):
        if not isinstance(cell, Element) or cell.tag not in CELLS:
            continue
        found = [task for task in _tasks(cell.children) if _is_worded(task)]
        if len(found) > 1 and not _said(_without(cell.children)):
            ones = [replace(cell, children=[Element("ul", {}, [task])]) for task in found]
            return [replace(row, children=[*row.children[:at], one, *row.children[at + 1 :]]) for one in ones]
    return [row]


def _row(row: Element, below: list[Node] | None) -> Element:
    cells = [
        replace(cell, children=_cell(cell.children, below)) if isinstance(cell, Element) else cell
        for cell in row.children
    ]
    return replace(row, children=cells)


def _cell(nodes: Sequence[Node], below: list[Node] | None) -> list[Node]:
    out: list[Node] = []
    for node in nodes:
        if not isinstance(node, Element) or not _has_tasks(node):
            out.append(node)
        elif not tasks.is_list(node):
            out.append(replace(node, children=_cell(node.children, below)))
        else:
            for task in _tasks([node]):
                if below is not None and _is_worded(task):
                    below.append(task)
                else:
                    out += [*_inline(task), Element("br")]
    while out and isinstance(out[-1], Element) and out[-1].tag == "br":
        out.pop()
    return out


def _inline(task: Element) -> list[Node]:
    """A task in its cell: a sign where it has no words, else its box, its words, and who and when."""
    is_done = "checked" in task.classes
    if not _is_worded(task):
        return [DONE if is_done else OPEN]
    box = Element("input", {"type": "checkbox"} | ({"checked": ""} if is_done else {}))
    *words, keys = told.children if (told := tasks.told(task)) is not task else (*task.children, None)
    if not isinstance(keys, Element):
        return [box, *words]
    said = [one_line(text_of(line)) for line in keys.children]
    return [box, *words, f" ({', '.join(f'{line[:1].lower()}{line[1:]}' for line in said)})"]


def _is_worded(task: Element) -> bool:
    return bool(_said(task.children))


def _said(nodes: Sequence[Node]) -> bool:
    """Whether there are words, or somebody's name, or a day."""
    return any(
        bool(node.strip("\u00a0 \t\r\n\u200b"))
        if isinstance(node, str)
        else (node.tag == "time" and bool(dates.shown(node))) or _said(node.children)
        for node in nodes
    )


def _tasks(nodes: Sequence[Node]) -> Iterator[Element]:
    for node in nodes:
        if isinstance(node, Element) and tasks.is_list(node):
            yield from (each for each in tasks.flat(node).children if isinstance(each, Element))
        elif isinstance(node, Element):
            yield from _tasks(node.children)


def _without(nodes: Sequence[Node]) -> list[Node]:
    """The nodes without lists of tasks."""
    return [
        replace(node, children=_without(node.children)) if isinstance(node, Element) else node
        for node in nodes
        if not isinstance(node, Element) or not tasks.is_list(node)
    ]
