"""Tasks: who is asked and by when, of an inline task, as the keys below an action item.

Confluence assigns a task to the first person mentioned in it; its first date is the day it is due. At the
edge of a task they are no more than that and leave its words; amid a sentence they stay in it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from postmortems.document.markdown.items import item_fields
from postmortems.document.readers.confluence import dates
from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.text import one_line

LISTS = ("ul", "ol", "table")
# What joins a name or a day to the words beside it.
JOINT = r"[ \t\u00a0]*[-–—:,;|]?[ \t\u00a0]*"
# A word that asks for what follows it.
ASKS = re.compile(
    r"\b(?:by|until|before|after|on|due|to|with|for|and|or|from|via|ask|bis|am|vor|mit|für|und|avant|le|pour|et"
    r"|avec|antes|para|con|y|per|entro|con|e|para|até|com)\s*$",
    re.IGNORECASE,
)

# What stands between a name and the words beside it: `Ada: order disks`, `Order disks – Ada`, `… (Ada)`.
SET_APART = re.compile(r"[ \t\u00a0]*(?:[:|]|[-–—][ \t\u00a0])")
MARKED = re.compile(r"(?:[:;|(]|[ \t\u00a0][-–—])[ \t\u00a0]*$")


def is_task(node: Element) -> bool:
    return node.tag == "li" and "data-inline-task-id" in node.attributes


def is_mention(node: Element) -> bool:
    return node.tag == "a" and bool({"user-mention", "confluence-userlink"} & set(node.classes))


def name(mention: Element) -> str:
    """Whom a mention names, without the sign before it."""
    return one_line(text_of(mention)).removeprefix("@")


def is_list(node: Element) -> bool:
    return node.tag in ("ul", "ol") and any(
        isinstance(child, Element) and (is_task(child) or is_list(child)) for child in node.children
    )


def flat(node: Element) -> Element:
    """A list of tasks with those below a task behind it: each of them is a task of its own."""
    return replace(node, children=list(_flattened(node)))


def _flattened(node: Element) -> Iterator[Node]:
    for child in node.children:
        if isinstance(child, Element) and is_list(child):
            yield from _flattened(child)
        elif isinstance(child, Element) and child.tag == "li":
            below: list[Element] = []
            yield _apart(child, below)
            for each in below:
                yield from _flattened(each)
        else:
            yield child


def _apart(node: Element, below: list[Element]) -> Element:
    """The element without the lists of tasks in it, which are added to those `below`."""
    kept: list[Node] = []
    for child in node.children:
        if isinstance(child, Element) and is_list(child):
            below.append(child)
        elif isinstance(child, Element) and child.tag != "table":
            kept.append(_apart(child, below))
        else:
            kept.append(child)
    return replace(node, children=kept)


def is_owned(item: Element) -> bool:
    """Whether a bullet names somebody who does it: at one of its edges, or behind a mark between."""
    leaves = list(_leaves(item))
    at = next((at for at, each in enumerate(leaves) if isinstance(each, Element) and is_mention(each)), -1)
    if at < 1 or not name(leaves[at]):  # type: ignore[arg-type]
        return at == 0 and len(leaves) > 1 and bool(SET_APART.match(_words(leaves[1])))
    before = _words(leaves[at - 1])
    is_last = all(not isinstance(each, str) or not each.strip(" .;)") for each in leaves[at + 1 :])
    return bool(MARKED.search(before)) or (is_last and not ASKS.search(before))


def _words(leaf: Node) -> str:
    return leaf if isinstance(leaf, str) else ""


def told(item: Element) -> Element:
    """The task with its owner and its day as a list below all that it holds."""
    keys, item = _keys_taken(item)
    has_owner = any(line.startswith("Owner: ") for line in keys)
    owner = next((each for each in _below(item) if is_mention(each) and name(each)), None)
    due = next((each for each in _below(item) if each.tag == "time" and dates.day(each)), None)
    said = [f"Owner: {name(owner)}"] if owner and not has_owner else []
    said += [f"Due: {dates.day(due)}"] if due else []
    if not said and not keys:
        return item
    named = {id(each) for each in (None if has_owner else owner, due) if each is not None}
    gone = _at_the_edges(list(_leaves(item)), named)
    children = _trimmed(_without(item.children, gone), bool(gone or keys))
    # The line of a key is read to its end as it stands, so nothing in it is a mark.
    lines = [Element("li", {}, [Element("verbatim", {}, [line])]) for line in [*keys, *said]]
    return replace(item, children=[*children, Element("ul", {}, [*lines])])


def _keys_taken(item: Element) -> tuple[list[str], Element]:
    """What this service says of an item in small code behind its words, and the task without it."""
    keys: list[str] = []
    children = list(item.children)
    while children:
        last = children[-1]
        if isinstance(last, str) and not last.strip():
            children.pop()
        elif isinstance(last, Element) and last.tag == "span" and children[:-1] == []:
            # A page that Confluence has saved has a span round the words of a task.
            children = list(last.children)
        elif isinstance(last, Element) and last.tag == "time" and _has_key(children[:-1]):
            keys.append(f"Due: {dates.day(last)}")
            children.pop()
        elif isinstance(last, Element) and last.tag == "code" and (line := _key(last)):
            keys.append(line)
            children.pop()
        else:
            break
    return (keys[::-1], replace(item, children=children)) if keys else ([], item)


def _has_key(children: Sequence[Node]) -> bool:
    last = next((each for each in reversed(children) if not isinstance(each, str) or each.strip()), "")
    return isinstance(last, Element) and last.tag == "code" and bool(_key(last))


def _key(node: Element) -> str:
    match = item_fields.LINE.match(f"- {one_line(text_of(node))}")
    return match[0].removeprefix("- ") if match and match[1] in item_fields.KEYS else ""


def _below(item: Element) -> Iterator[Element]:
    """The elements of a task, but for those of the tasks below it."""
    for child in item.children:
        if isinstance(child, Element) and child.tag not in LISTS:
            yield child
            yield from _below(child)


def _leaves(item: Element) -> Iterator[Node]:
    """The words, names and days of a task, in order."""
    for child in item.children:
        if isinstance(child, str):
            if child.strip():
                yield child
        elif child.tag in LISTS:
            return
        elif is_mention(child) or child.tag == "time":
            yield child
        else:
            yield from _leaves(child)


def _at_the_edges(leaves: Sequence[Node], named: set[int]) -> set[int]:
    """Which of those that are named stand before the first word, or behind the last."""
    gone: set[int] = set()
    for each in leaves:
        if id(each) not in named:
            break
        gone.add(id(each))
    for at in range(len(leaves) - 1, -1, -1):
        before = leaves[at - 1] if at else ""
        if id(leaves[at]) not in named or (isinstance(before, str) and ASKS.search(before)):
            break
        gone.add(id(leaves[at]))
    # A task of nothing but a name keeps it.
    return gone if len(gone) < len(leaves) else set()


def _without(nodes: Sequence[Node], gone: set[int]) -> list[Node]:
    kept: list[Node] = []
    for node in nodes:
        if id(node) in gone:
            continue
        if isinstance(node, Element) and node.tag not in LISTS:
            node = replace(node, children=_without(node.children, gone))
        kept.append(node)
    return kept


def _trimmed(nodes: list[Node], is_cut: bool) -> list[Node]:
    """The words without what joined them to a name that is gone."""
    if not is_cut:
        return nodes
    return _cut(_cut(nodes, first=True), first=False)


def _cut(nodes: list[Node], *, first: bool) -> list[Node]:
    """The nodes without the joint before their first words, or behind their last."""
    order = range(len(nodes)) if first else range(len(nodes) - 1, -1, -1)
    out = list(nodes)
    for at in order:
        node = out[at]
        if isinstance(node, str):
            if not node.strip():
                continue
            out[at] = re.sub(f"^{JOINT}" if first else f"{JOINT}$", "", node)
            return out
        if node.tag in LISTS:
            if first:
                return out
            continue
        if text_of(node).strip():
            out[at] = replace(node, children=_cut(node.children, first=first))
            return out
    return out
