"""Lists that are no lists in HTML: Word's paragraphs with numbers in front, Slack's lists beside each other.

Each says how deep it stands; together they become lists in lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.readers.rich_text import styles

# `mso-list:l0 level2 lfo1`
LEVEL = re.compile(r"\blevel(\d{1,2})\b")
NUMBER = re.compile(r"\(?(?:(\d{1,9})(?:\.\d+)*|[a-z]|[ivxlcdm]+)[.)]?", re.IGNORECASE)
BULLET = re.compile(r"[^\w\s]+|[o§\uf000-\uf0ff]")
DEEPEST = 9


@dataclass(frozen=True, slots=True)
class Item:
    level: int
    tag: str
    start: str
    children: list[Node]


def gathered(nodes: Sequence[Node]) -> list[Node]:
    """The nodes with lists in the place of what only looks like some."""
    out: list[Node] = []
    items: list[Item] = []
    for node in [*nodes, None]:
        found = _items(node, bool(items)) if isinstance(node, Element) else []
        if found and found[0].level < 0:
            items[-1].children.extend(found[0].children)
        elif found:
            items += found
        elif node is None or (isinstance(node, Element) and node.tag != "br") or _tells(node):
            out += _nested(items)
            items = []
            out += [node] if node is not None else []
        elif not items:
            out.append(node)
    return out


def _tells(node: Node | None) -> bool:
    return isinstance(node, str) and bool(node.strip())


def _items(node: Element, follows_item: bool) -> list[Item]:
    """What an element is of such a list; nothing where it is none. Level -1 goes on with the item before."""
    if node.tag in ("ul", "ol") and node.attributes.get("data-indent", "").isdecimal():
        depth = min(int(node.attributes["data-indent"]), DEEPEST)
        held = [child for child in node.children if not isinstance(child, str) or child.strip()]
        if all(isinstance(child, Element) and child.tag == "li" for child in held):
            return [Item(depth, node.tag, "", child.children) for child in held if isinstance(child, Element)]
    if node.tag != "p":
        return []
    said = styles.declarations(node).get("mso-list", "")
    level = LEVEL.search(said)
    if level:
        return [_of_word(node, min(int(level[1]), DEEPEST))]
    goes_on = follows_item and any("MsoListParagraph" in name for name in node.classes)
    return [Item(-1, "", "", [Element("p", {}, node.children)])] if goes_on and text_of(node).strip() else []


def _of_word(node: Element, level: int) -> Item:
    marker = " ".join(text_of(mark).strip() for mark in _markers(node)).strip()
    number = NUMBER.fullmatch(marker)
    children = _unmarked(node).children
    if marker and not number and not BULLET.fullmatch(marker):
        children = [f"{marker} ", *children]  # Words in front of each item, by an author's own numbering.
    is_numbered = bool(number) and not BULLET.fullmatch(marker)
    return Item(
        level,
        "ol" if is_numbered else "ul",
        (number[1] or "") if number else "",
        [Element("p", {}, children)],
    )


def _is_marker(node: Node) -> bool:
    return isinstance(node, Element) and styles.declarations(node).get("mso-list") == "ignore"


def _markers(node: Element) -> Iterator[Element]:
    for child in node.children:
        if isinstance(child, Element):
            yield from [child] if _is_marker(child) else _markers(child)


def _unmarked(node: Element) -> Element:
    held = [_unmarked(child) if isinstance(child, Element) else child for child in node.children]
    return Element(node.tag, node.attributes, [child for child in held if not _is_marker(child)])


def _nested(items: Sequence[Item]) -> list[Node]:
    """The items as lists, deeper ones in the item before them."""
    top: list[Node] = []
    open_lists: list[tuple[int, Element]] = []
    for item in items:
        while open_lists and open_lists[-1][0] > item.level:
            open_lists.pop()
        if open_lists and open_lists[-1][0] == item.level and open_lists[-1][1].tag != item.tag:
            open_lists.pop()
        if not open_lists or open_lists[-1][0] < item.level:
            begun = Element(item.tag, {"start": item.start} if item.start else {})
            above = open_lists[-1][1].children[-1] if open_lists else None
            (above.children if isinstance(above, Element) else top).append(begun)
            open_lists.append((item.level, begun))
        open_lists[-1][1].children.append(Element("li", {}, item.children))
    return top
