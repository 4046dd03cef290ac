"""Notion's blocks in HTML as plain elements: callouts, toggles, bookmarks, equations, people, databases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import quote, unquote

from postmortems.document.markdown import section_roles
from postmortems.document.readers.editors import mentions
from postmortems.document.readers.markup_tree import INLINE, Element, Node, text_of
from postmortems.document.readers.notion import database, names
from postmortems.document.readers.rich_text import styles
from postmortems.document.text import one_line

ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#|//", re.IGNORECASE)
LEFT_OUT = {"style", "script", "svg", "nav", "head", "noscript", "template"}
# What a page shows of itself, and no reader as its words.
CHROME = {
    "icon",
    "property-icon",
    "page-header-icon",
    "user-icon",
    "table_of_contents",
    "status-dot",
    "comments",
}
SIZES = {"1.875em": 1, "1.5em": 2, "1.25em": 3}
PICTURE_NAMES = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|avif|bmp|tiff?)$", re.IGNORECASE)
TEX = "application/x-tex"


def below(root: Element) -> Iterator[Element]:
    """Every element below, in the order of the page."""
    waiting = [child for child in reversed(root.children) if isinstance(child, Element)]
    while waiting:
        element = waiting.pop()
        yield element
        waiting += [child for child in reversed(element.children) if isinstance(child, Element)]


def plain(nodes: Sequence[Node]) -> list[Node]:
    """The nodes with each block of Notion's as an element that every page has."""
    return _unmarked(_Blocks().of(nodes))


def _unmarked(nodes: Sequence[Node]) -> list[Node]:
    """The nodes with their days as words; people keep their mark."""
    return [
        mentions.without_marks(node)
        if isinstance(node, str)
        else replace(node, children=_unmarked(node.children))
        for node in nodes
    ]


class _Blocks:
    """Reshapes nodes in the order of the page, knowing the heading above."""

    def __init__(self) -> None:
        self._heading = ""
        self._level = 0

    def of(self, nodes: Sequence[Node]) -> list[Node]:
        out: list[Node] = []
        for node in nodes:
            out += [node] if isinstance(node, str) else self._one(node)
        return out

    def _one(self, node: Element) -> list[Node]:
        kinds = set(node.classes)
        if node.tag in LEFT_OUT or (CHROME & kinds and "callout" not in kinds):
            return []
        if re.fullmatch("h[1-6]", node.tag) and "collection-title" not in kinds:
            self._heading, self._level = one_line(text_of(node)), int(node.tag[1])
            return [replace(node, children=self.of(node.children))]
        if "callout" in kinds:
            return self._callout(node)
        if "collection-content" in kinds and node.tag == "div":
            return self._database(node)
        if node.tag == "details":
            return self._toggle(node)
        made = _made(node)
        if made is not None:
            return made
        if node.tag in ("ul", "ol") and ("toggle" in kinds or _is_toggle(node)):
            return self.of(_without_items(node))
        held = self.of(node.children)
        if node.tag == "li":
            held = self._task(node, held)
        if _is_wrapper(node):
            return held
        attributes = {name: value for name, value in node.attributes.items() if name not in ("id", "dir")}
        return [Element(node.tag, attributes, held)]

    def _task(self, node: Element, held: list[Node]) -> list[Node]:
        """A to-do, or an item below such a heading, with those who do it and its day in brackets."""
        is_box = any("checkbox" in each.classes for each in node.children if isinstance(each, Element))
        if not is_box and section_roles.named(self._heading) != "action_items":
            return held
        end = next(
            (
                at
                for at, child in enumerate(held)
                if isinstance(child, Element)
                and child.tag in ("ul", "ol", "div", "p")
                and "checkbox" not in child.classes
                and text_of(child).strip()
            ),
            len(held),
        )
        own = held[:end]
        return [*_owned(own), *held[end:]]

    def _callout(self, node: Element) -> list[Node]:
        icon = next((one_line(text_of(each)) for each in below(node) if "icon" in each.classes), "")
        held = self.of(node.children)
        inner = (
            held[0].children
            if len(held) == 1 and isinstance(held[0], Element) and held[0].tag == "div"
            else held
        )
        inner = _opened(inner)
        if icon and inner:
            first = next((at for at, child in enumerate(inner) if text_of(child).strip()), 0)
            child = inner[first]
            if isinstance(child, Element) and child.tag == "p":
                inner = [
                    *inner[:first],
                    replace(child, children=[f"{icon} ", *child.children]),
                    *inner[first + 1 :],
                ]
            elif isinstance(child, str) or INLINE.fullmatch(child.tag):
                inner = [f"{icon} ", *inner]
            else:
                inner = [Element("p", {}, [icon]), *inner]
        return [Element("blockquote", {}, inner)] if any(text_of(child).strip() for child in inner) else []

    def _toggle(self, node: Element) -> list[Node]:
        """What is folded away, open: below a heading where the toggle is one, else below words in bold."""
        summary = next(
            (child for child in node.children if isinstance(child, Element) and child.tag == "summary"), None
        )
        rest = [child for child in node.children if child is not summary]
        if summary is None or not text_of(summary).strip():
            return self.of(rest)
        level = SIZES.get(styles.declarations(summary).get("font-size", ""), 0)
        inner = next((int(each.tag[1]) for each in below(summary) if re.fullmatch("h[1-6]", each.tag)), level)
        words = self.of(summary.children)
        if inner:
            self._heading, self._level = one_line(text_of(summary)), inner
            return [Element(f"h{inner}", {}, words), *self.of(rest)]
        named = Element("p", {}, [Element("strong", {}, words)])
        return [named, *self.of(rest)]

    def _database(self, node: Element) -> list[Node]:
        """A database as a table, below a heading of its own where nothing above is called so."""
        title = next((each for each in below(node) if "collection-title" in each.classes), None)
        name = one_line(text_of(Element("h4", {}, self.of(title.children)))) if title else ""
        table = next((each for each in below(node) if each.tag == "table"), None)
        made: list[Node] = []
        if table is not None:
            made.append(Element("raw", {}, [database.table(_read(table, name or self._heading))]))
        rest = _without(node, [each for each in (title, table) if each is not None])
        more = self.of(rest.children) if isinstance(rest, Element) else []
        if not name or name.casefold() == self._heading.casefold():
            return [*made, *more]
        is_known = section_roles.named(name) != "other"
        level = (
            2 if is_known and self._level < 2 else min(6, (self._level or 2) if is_known else self._level + 1)
        )
        self._heading, self._level = name, level
        return [Element(f"h{level}", {}, [name]), *made, *more]


def _without_items(node: Element) -> list[Node]:
    """What stands in a list, without the list."""
    out: list[Node] = []
    for child in node.children:
        out += child.children if isinstance(child, Element) and child.tag == "li" else [child]
    return out


def _without(node: Node, gone: Sequence[Element]) -> Node:
    """A node without some of the elements in it."""
    if not isinstance(node, Element):
        return node
    held = [_without(child, gone) for child in node.children if not any(child is each for each in gone)]
    return replace(node, children=held)


def _is_toggle(node: Element) -> bool:
    held = [child for child in node.children if not isinstance(child, str) or child.strip()]
    inner = [
        child
        for item in held
        if isinstance(item, Element)
        for child in item.children
        if not isinstance(child, str) or child.strip()
    ]
    return bool(inner) and all(isinstance(child, Element) and child.tag == "details" for child in inner)


def _is_wrapper(node: Element) -> bool:
    """Whether a `div` or `span` is there for looks alone."""
    style = styles.declarations(node)
    is_empty = node.tag == "div" and "indented" in node.classes
    return is_empty or (node.tag == "div" and style.get("display") == "contents")


def _opened(nodes: Sequence[Node]) -> list[Node]:
    """What the boxes of a callout hold, without the boxes."""
    out: list[Node] = []
    for node in nodes:
        out += (
            _opened(node.children)
            if isinstance(node, Element) and node.tag == "div" and "checkbox" not in node.classes
            else [node]
        )
    return out


def _made(node: Element) -> list[Node] | None:
    """An element that stands for something alone; None where what is in it tells more."""
    kinds = set(node.classes)
    if node.tag == "time":
        said = one_line(text_of(node))
        return [said if said.startswith("@") else f"@{said}"]
    if "user" in kinds and node.tag == "span":
        return [f"@{_user(node)}"]
    if node.tag == "annotation" or "katex" in kinds or "equation" in kinds or node.tag == "math":
        return _equation(node)
    if node.tag == "figure" or ("source" in kinds and node.tag == "div"):
        return _figure(node)
    if node.tag == "img":
        return _picture(node)
    if node.tag == "a":
        return _linked(node)
    return None


def _user(node: Element) -> str:
    held = [
        child for child in node.children if not (isinstance(child, Element) and CHROME & set(child.classes))
    ]
    return one_line(text_of(Element("span", {}, held))).lstrip("@")


def _equation(node: Element) -> list[Node] | None:
    found = next((each for each in (node, *below(node)) if each.attributes.get("encoding") == TEX), None)
    if found is None:
        return None
    said = text_of(found).strip()
    if node.tag == "figure":
        return [Element("raw", {}, [f"$$\n{said}\n$$"])]
    return [Element("verbatim", {}, [f"${said}$"])]


def _figure(node: Element) -> list[Node] | None:
    title = next((each for each in below(node) if "bookmark-title" in each.classes), None)
    if title is not None:
        return _bookmark(node, title)
    return None


def _bookmark(node: Element, title: Element) -> list[Node]:
    link = next((each for each in below(node) if each.tag == "a"), node)
    said = next((each for each in below(node) if "bookmark-description" in each.classes), None)
    caption = next((each for each in below(node) if each.tag == "figcaption"), None)
    named = Element("a", {"href": link.attributes.get("href", "")}, [one_line(text_of(title))])
    more = [f" – {one_line(text_of(each))}" for each in (said, caption) if each and text_of(each).strip()]
    return [Element("p", {}, [named, *more])]


def _picture(node: Element) -> list[Node]:
    """A picture; one that lies beside the page keeps its way there."""
    source, said = node.attributes.get("src", "").strip(), one_line(node.attributes.get("alt", ""))
    if CHROME & set(node.classes):
        return []
    if not source or ELSEWHERE.match(source):
        return [node]
    return [Element("verbatim", {}, [f"![{said}]({quote(unquote(source))})"])]


def _linked(node: Element) -> list[Node] | None:
    """A link to a page of the export is its words; one to a file beside it keeps its way there."""
    to = node.attributes.get("href", "").strip()
    held = [
        child for child in node.children if not (isinstance(child, Element) and CHROME & set(child.classes))
    ]
    inside = _Blocks().of(held)
    if not to or ELSEWHERE.match(to):
        return [Element("a", node.attributes, inside)] if to else inside
    path = unquote(to.partition("#")[0])
    if PICTURE_NAMES.search(path) and any(
        isinstance(child, Element) and child.tag in ("img", "verbatim") for child in inside
    ):
        return inside
    said = one_line(text_of(Element("span", {}, inside)))
    if names.is_page(path) or names.is_database(path):
        return inside if said else [names.without_id(path.rpartition("/")[2])]
    return [Element("verbatim", {}, [f"[{said or names.without_id(path)}]({quote(path)})"])]


def _owned(nodes: list[Node]) -> list[Node]:
    """A to-do's own words with the people and the day at their end in brackets."""
    flat = list(_leaves(nodes))
    if not flat or not isinstance(flat[-1], str):
        return nodes
    tail = ""
    for leaf in reversed(flat):
        tail = leaf + tail
    made = mentions.of_task(tail.rstrip())
    if made == tail.rstrip():
        return nodes
    kept = len(made) - len(made[made.rindex(" (") :])
    return [*_cut(nodes, kept), made[kept:]]


def _leaves(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        else:
            yield from _leaves(node.children)


def _cut(nodes: Sequence[Node], length: int) -> list[Node]:
    """The nodes up to so many letters."""
    out: list[Node] = []
    for node in nodes:
        size = len(node) if isinstance(node, str) else sum(map(len, _leaves([node])))
        if isinstance(node, str):
            out.append(node[: max(0, length)])
        else:
            out.append(replace(node, children=_cut(node.children, length)))
        length -= size
    return out


def values(cell: Element) -> list[str]:
    """What a property or a cell says: its people, days, choices, pages or words, each one."""
    parts = [each for each in below(cell) if {"user", "selected-value", "status-value"} & set(each.classes)]
    links = [each for each in below(cell) if each.tag == "a"]
    if box := next((each for each in below(cell) if "checkbox" in each.classes), None):
        return ["Yes" if "checkbox-on" in box.classes else "No"]
    if parts:
        return [said for each in parts if (said := _user(each))]
    if links and all(text_of(child).strip(" ,") == "" for child in cell.children if isinstance(child, str)):
        return [said for each in links if (said := _address(each))]
    said = one_line(text_of(Element("td", {}, _Blocks().of(cell.children))))
    return [mentions.without_marks(said)] if said else []


def _address(link: Element) -> str:
    said, to = one_line(text_of(Element("span", {}, _linked(link) or []))), link.attributes.get("href", "")
    return to if ELSEWHERE.match(to) and not to.startswith("#") and said != to and not said else said


def _read(table: Element, name: str) -> database.Database:
    """The database that a table shows."""
    rows = [
        [child for child in row.children if isinstance(child, Element) and child.tag in ("th", "td")]
        for row in below(table)
        if row.tag == "tr"
    ]
    lines = [tuple(", ".join(values(each)) for each in row) for row in rows if row]
    width = max(map(len, lines), default=0)
    full = [(*line, *("",) * (width - len(line))) for line in lines]
    return database.Database(name, full[0] if full else (), tuple(line for line in full[1:] if any(line)))
