"""Markdown blocks as paragraphs, lists and tables of Word."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from markdown_it.tree import SyntaxTreeNode as Node

from postmortems.document.readers import html
from postmortems.document.readers.markup_tree import text_of
from postmortems.document.text import one_line
from postmortems.exchange.exports.word import list_numbers
from postmortems.exchange.exports.word.runs import CODE_LINES, Runs

STATUS = re.compile(r"Status: (open|done)")
DEEPEST = 8


class Blocks:
    """Adds blocks to a document, or to a cell of a table in it."""

    def __init__(self, made: Any, picture: Callable[[str], bytes | None]) -> None:
        self._runs, self._lists = Runs(made, picture), list_numbers.ListNumbers(made)
        # python-docx looks a style up by its name among all of them, for each paragraph anew.
        self._style_id = cache(lambda name: made.part.get_style_id(name, WD_STYLE_TYPE.PARAGRAPH))

    def add(self, nodes: Sequence[Node], parent: Any, level: int = -1) -> None:
        """Add the nodes; `level` is that of the list that they stand in, from 0, or -1."""
        for node in nodes:
            match node.type:
                case "heading":
                    number = min(max(int(node.tag[1]) - 1, 1), 9)
                    self._paragraph(node, parent, f"Heading {number}")
                case "bullet_list" | "ordered_list":
                    self._list(node, parent, min(level + 1, DEEPEST))
                case "table":
                    self._table(node, parent)
                case "fence" | "code_block":
                    self._code(node.content, parent)
                case "blockquote":
                    self._quote(node, parent, level)
                case "html_block":
                    self._html(node.content, parent, level)
                case "hr":
                    parent.add_paragraph("* * *")
                case _:
                    self._paragraph(node, parent, "" if level < 0 else _goes_on(level))

    def _paragraph(self, node: Node, parent: Any, style: str = "") -> Any:
        paragraph = self._new(parent, style)
        for inline in node.children:
            self._runs.add(inline.children, paragraph)
        return paragraph

    def _new(self, parent: Any, style: str) -> Any:
        paragraph = parent.add_paragraph()
        if style:
            paragraph._p.style = self._style_id(style)
        return paragraph

    def _list(self, node: Node, parent: Any, level: int) -> None:
        """A list with numbers of its own; an item that says whether it is done has a box for that."""
        is_ordered = node.type == "ordered_list"
        start = int(node.attrs.get("start", 1))
        number = self._lists.begun(is_ordered=is_ordered, start=start, level=level)
        for item in node.children:
            children = list(item.children)
            status = _status(children)
            paragraph = self._new(parent, "List Paragraph")
            list_numbers.put(paragraph, number, level)
            if status:
                self._runs.box(paragraph, is_ticked=status == "done")
            if children and children[0].type == "paragraph":
                inline = children.pop(0).children[0].children
                self._runs.add(inline, paragraph, is_item=True)
            self.add(list(_without_status(children)) if status else children, parent, level)

    def _table(self, node: Node, parent: Any) -> None:
        rows = [row for part in node.children for row in part.children]
        width = max((len(row.children) for row in rows), default=0)
        if not width:
            return
        table = parent.add_table(rows=0, cols=width)
        table.style = "Table Grid"
        for at, row in enumerate(rows):
            cells = table.add_row().cells
            for cell, said in zip(cells, row.children, strict=False):
                for inline in said.children:
                    self._runs.add(inline.children, cell.paragraphs[0], is_bold=not at)
            if not at:
                list_numbers.mark_head(table.rows[0])

    def _code(self, text: str, parent: Any) -> None:
        for line in text.rstrip("\n").split("\n"):
            self._runs.code(line, self._new(parent, CODE_LINES))

    def _quote(self, node: Node, parent: Any, level: int) -> None:
        for child in node.children:
            if child.type == "paragraph":
                self._paragraph(child, parent, "Quote")
            else:
                self.add([child], parent, level)

    def _html(self, text: str, parent: Any, level: int) -> None:
        """What HTML shows, as blocks; comments show nowhere, what Markdown has no form for is its words."""
        for node in Node(self._runs.markdown.parse(html.fragment(text))).children:
            if node.type != "html_block":
                self.add([node], parent, level)
            elif words := one_line(text_of(html.parsed(node.content))):
                self._runs.plain(words, parent.add_paragraph())


def _goes_on(level: int) -> str:
    return "List Continue" if not level else f"List Continue {min(level + 1, 3)}"


def _status(children: Sequence[Node]) -> str:
    """`open` or `done`, of an item of ours that says so in a list below it; "" of another."""
    for child in children:
        for item in child.children if child.type == "bullet_list" else ():
            if match := STATUS.fullmatch(_said(item)):
                return match[1]
    return ""


def _said(item: Node) -> str:
    is_one = len(item.children) == 1 and item.children[0].type == "paragraph"
    return item.children[0].children[0].content if is_one else ""


def _without_status(children: Sequence[Node]) -> Iterator[Node]:
    """The blocks of an item, without the line that its box says."""
    for child in children:
        if child.type == "bullet_list":
            child.children = [item for item in child.children if not STATUS.fullmatch(_said(item))]
            if not child.children:
                continue
        yield child
