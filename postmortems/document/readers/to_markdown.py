"""Markup elements written as Markdown: headings, paragraphs, lists, tables, quotes and code.

What Markdown has no form for stays the HTML it was (`<details>`) or becomes text that says the same.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import TypeGuard

from postmortems.document.readers.inline_markdown import cell, heading, inline
from postmortems.document.readers.markup_tree import Element, Node, is_block, text_of
from postmortems.document.text import is_blank, joined

LANGUAGE = re.compile(r"(?:lang|language|highlight-source)-([\w+#{}-]+)")
LIST_ITEM = re.compile(r"(?:-|\d{1,9}[.)]) ")
COUNTED = re.compile(r"^(\d{1,9})([.)]) ", re.MULTILINE)
LARGEST_NUMBER = 999_999_999  # of an item, in Markdown


def compose(nodes: Sequence[Node]) -> str:
    """The nodes as Markdown, a blank line between blocks."""
    return "\n\n".join(_blocks(nodes))


def _blocks(nodes: Sequence[Node]) -> Iterator[str]:
    run: list[Node] = []
    above = ""
    for node in [*nodes, None]:
        if node is not None and not is_block(node):
            run.append(node)
            continue
        text = inline(run)
        if text:
            yield text
            above = ""
        run = []
        if isinstance(node, Element):
            for shown in filter(None, _block(node)):
                above = _parted(above, shown, node) if node.tag == "ol" else shown
                yield above


def _parted(above: str, shown: str, node: Element) -> str:
    """A numbered list; right below another one whose numbers it does not go on with, with the other sign."""
    before, own = COUNTED.findall(above), COUNTED.match(shown)
    if not before or not own or not above.startswith(before[0][0] + before[0][1]):
        return shown
    number, sign = before[-1]
    is_next = own[2] != sign or int(own[1]) == int(number) + 1
    return shown if is_next else _list(node, sign=")" if sign == "." else ".")


def _block(node: Element) -> Iterator[str]:
    match node.tag:
        case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
            said = heading([_flat(child) for child in _unbold(node.children)])
            yield f"{'#' * int(node.tag[1])} {said}" if said else ""
        case "ul" | "ol":
            yield _list(node)
        case "dl":
            yield _definitions(node)
        case "pre":
            yield _code(node)
        case "blockquote":
            yield "\n".join(f"> {line}".rstrip() for line in compose(node.children).split("\n"))
        case "table":
            yield from _table(node)
        case "hr":
            yield "***"
        case "details":
            yield from ("<details>", *_blocks(node.children), "</details>")
        case "summary":
            yield f"<summary>{html.escape(' '.join(text_of(node).split()), quote=False)}</summary>"
        case "raw":
            yield joined(text_of(node).split("\n"))
        case _:
            yield from _blocks(node.children)


def _unbold(nodes: Sequence[Node]) -> Sequence[Node]:
    """The nodes of a heading without the bold that is round all of it: a heading is one."""
    told = [node for node in nodes if isinstance(node, Element) or node.strip()]
    only = told[0] if len(told) == 1 else ""
    return _unbold(only.children) if isinstance(only, Element) and only.tag in ("strong", "b") else nodes


def _flat(node: Node) -> Node:
    """Blocks in a heading as the words they hold."""
    if not isinstance(node, Element) or not is_block(node):
        return node
    return Element("span", {}, [" ", *map(_flat, node.children), " "])


def _list(node: Element, sign: str = ".") -> str:
    items = _items(node)
    told = [(item, list(_blocks(item.children))) for item in items]
    told = [(item, body) for item, body in told if body]
    bodies = [body for _, body in told]
    is_tight = all(len(body) == 1 or (len(body) == 2 and LIST_ITEM.match(body[1])) for body in bodies)
    markers = _numbers(node, [item for item, _ in told], sign) if node.tag == "ol" else ["- "] * len(told)
    shown = [
        _indented(marker, ("\n" if is_tight else "\n\n").join(body))
        for marker, body in zip(markers, bodies, strict=True)
    ]
    return ("\n" if is_tight else "\n\n").join(shown)


def _numbers(node: Element, items: Sequence[Element], sign: str) -> list[str]:
    """What stands before each item. Markdown counts on within a list, and the other sign begins one anew."""
    step = -1 if "reversed" in node.attributes else 1
    number = _number(node.attributes.get("start", ""), len(items) if step < 0 else 1)
    markers: list[str] = []
    next_shown = number
    for item in items:
        number = _number(item.attributes.get("value", ""), number)
        if number != next_shown:
            sign = ")" if sign == "." else "."
        markers.append(f"{min(max(number, 0), LARGEST_NUMBER)}{sign} ")
        next_shown, number = number + 1, number + step
    return markers


def _number(said: str, otherwise: int) -> int:
    return int(said[: len(str(LARGEST_NUMBER)) + 1]) if said.isdecimal() else otherwise


def _items(node: Element) -> list[Element]:
    """The items of a list. A list right in it belongs to the item above, as word processors write it."""
    items: list[Element] = []
    for each in _held(node, "li", "ul", "ol"):
        if each.tag == "li":
            items.append(each)
        elif items:
            items[-1] = Element("li", items[-1].attributes, [*items[-1].children, each])
        else:
            items += _items(each)
    return items


def _indented(marker: str, text: str) -> str:
    first, *rest = text.split("\n")
    indent = " " * len(marker)
    return "\n".join([marker + first, *(indent + line if not is_blank(line) else "" for line in rest)])


def _definitions(node: Element) -> str:
    """`- **term**: what is said about it`."""
    items: list[str] = []
    term = ""
    for child in _defined(node):
        if child.tag == "dt":
            items += [term] if term else []
            term = _term(child)
        else:
            items.append(_definition(term, child))
            term = ""
    return "\n".join(_indented("- ", item) for item in [*items, term] if item)


def _term(node: Element) -> str:
    is_text = not any(map(is_block, node.children))
    return inline([Element("strong", {}, node.children)]) if is_text else compose(node.children)


def _definition(term: str, node: Element) -> str:
    body = list(_blocks(node.children))
    if body and term and not is_block(_first(node)):
        return "\n\n".join([f"{term}: {body[0]}", *body[1:]])
    return "\n\n".join(filter(None, [term, *body]))


def _first(node: Element) -> Node:
    """The first thing in a definition: a paragraph counts as the text it holds."""
    held = [child for child in node.children if not (isinstance(child, str) and not child.strip())]
    first = held[0] if held else ""
    if isinstance(first, Element) and first.tag in ("p", "div"):
        return Element("span", {}, first.children)
    return first


def _defined(node: Element) -> Iterator[Element]:
    for child in _held(node, "dd", "dt", "div"):
        yield from _defined(child) if child.tag == "div" else (child,)


def _held(node: Element, usual: str, *others: str) -> Iterator[Element]:
    """What an element is there to hold; anything else in it is held as usual."""
    stray: list[Node] = []
    for child in [*node.children, None]:
        if isinstance(child, Element) and child.tag in (usual, *others):
            yield from _strays(usual, stray)
            stray = []
            yield child
        elif child is not None:
            stray.append(child)
    yield from _strays(usual, stray)


def _strays(tag: str, nodes: Sequence[Node]) -> Iterator[Element]:
    if any(isinstance(node, Element) or node.strip() for node in nodes):
        yield Element(tag, {}, list(nodes))


def _code(node: Element) -> str:
    text = text_of(node).removeprefix("\n").rstrip("\n")
    inner = [child for child in node.children if isinstance(child, Element)]
    names = " ".join([*node.classes, *(name for child in inner for name in child.classes)])
    language = LANGUAGE.search(names)
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{fence}{language.group(1) if language else ''}\n{text}\n{fence}"


def _table(node: Element) -> Iterator[str]:
    """A table with its columns; one that only sets things side by side is what stands in it."""
    rows = list(_rows(node))
    width = max((len(row.children) for row in rows), default=0)
    yield from (compose(child.children) for child in node.children if _is(child, "caption"))
    if width < 2:
        for row in rows:
            yield from _blocks(row.children)
        return
    cells = rows[0].children
    has_header = all(_is(each, "th") for each in cells) or any(_is(each, "thead") for each in node.children)
    has_header = has_header or (len(rows) > 1 and all(_is(each, "td") and _is_bold(each) for each in cells))
    shown = [_row(row, width) for row in rows]
    header = shown.pop(0) if has_header else f"|{'  |' * width}"
    yield "\n".join([header, f"|{'---|' * width}", *shown])


def _is_bold(node: Node) -> bool:
    """Whether all words of a node are bold, as those are that stand above columns where nothing says so."""
    if isinstance(node, str):
        return not node.strip()
    if node.tag in ("strong", "b"):
        return True
    return bool(text_of(node).strip()) and all(map(_is_bold, node.children))


def _is(node: Node, tag: str) -> TypeGuard[Element]:
    return isinstance(node, Element) and node.tag == tag


def _rows(node: Element) -> Iterator[Element]:
    """The rows of a table, each with nothing but its cells; a table in a cell stays in there."""
    for child in _held(node, "tr", "thead", "tbody", "tfoot", "caption", "colgroup", "col"):
        if child.tag == "tr":
            cells: list[Node] = [*_held(child, "td", "th")]
            if cells:
                yield Element("tr", {}, cells)
        elif child.tag not in ("caption", "colgroup", "col"):
            yield from _rows(child)


def _row(row: Element, width: int) -> str:
    cells = [cell(compose(each.children)) for each in row.children if isinstance(each, Element)]
    return f"| {' | '.join([*cells, *[''] * (width - len(cells))])} |"
