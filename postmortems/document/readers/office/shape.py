"""Shapes what was read of an office document: its title, levels of headings, lists, notes and quotations.

Word processors have paragraphs one below the other; each says in a mark what it is (`marks`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from postmortems.document import report_titles
from postmortems.document.markdown import section_roles
from postmortems.document.readers.editors import nested_tasks, stated_titles
from postmortems.document.readers.markup_tree import Element, Node, is_block, text_of
from postmortems.document.readers.office import marks, signs, tables
from postmortems.document.readers.rich_text import form_tables, pictures
from postmortems.document.readers.rich_text.plain_tree import Plain
from postmortems.document.readers.rich_text.styles import Look
from postmortems.document.readers.to_markdown import compose
from postmortems.document.text import one_line
from postmortems.document.times import dates, grammar, incident_dates

NOTE = re.compile(r"#?((?:foot|end)note)-(.+)")
HEADING = re.compile("h[1-6]")
LONGEST_TITLE, LONGEST_NAME, DEEPEST, LINES_BELOW = 200, 60, 9, 4


class _Plain(Plain):
    """A plain tree whose pictures stay: they come with the document."""

    def _picture(self, node: Element, look: Look) -> list[Node]:
        source = node.attributes.get("src", "")
        if pictures.REMOTE.match(source) or not source:
            return super()._picture(node, look)
        return [Element("img", {"src": source, "alt": node.attributes.get("alt", "")})]


def markdown(nodes: Sequence[Node], *, title: str = "") -> str:
    """The nodes as Markdown. `title` is for a document that has none in its text."""
    notes: list[str] = []
    front, shaped = _front_matter(_inside(_numbered(nodes, notes), notes))
    shaped = form_tables.opened(shaped)
    _head_by_names(shaped)
    levelled = _levelled(shaped, title)
    front = front or _dated(levelled)
    body = nested_tasks.lifted(compose(_Plain().of(levelled)))
    return f"---\n{front}\n---\n\n{body}\n" if front else f"{body}\n"


def _dated(nodes: Sequence[Node]) -> str:
    """The front matter of a day that stands alone below the title: `date: 2026-03-04`; "" where none does."""
    if any(map(incident_dates.names_its_day, map(text_of, nodes))):
        # The day of the document is another.
        return ""
    for node in nodes[:LINES_BELOW]:
        said = one_line(text_of(node)).strip()
        found = grammar.day_at(said) if isinstance(node, Element) and node.tag == "p" and said else None
        if found and found[1] == len(said) and found[0].is_whole and not found[0].unordered:
            day = dates.resolved(found[0], None)
            return f"date: {day.isoformat()}" if day else ""
    return ""


def _front_matter(nodes: Sequence[Node]) -> tuple[str, list[Node]]:
    """The lines of front matter, which a table of our own export holds, and the other nodes."""
    is_front = [isinstance(node, Element) and node.classes == ["front"] for node in nodes]
    lines = [one_line(text_of(node)) for node, is_so in zip(nodes, is_front, strict=True) if is_so]
    return "\n".join(lines), [node for node, is_so in zip(nodes, is_front, strict=True) if not is_so]


def _numbered(nodes: Sequence[Node], notes: list[str]) -> list[Node]:
    """The nodes, references to notes as Markdown writes them, and the notes below all else."""
    found = [_referred(node, notes) for node in nodes]
    *text, last = found or [""]
    if not (isinstance(last, Element) and last.tag == "ol" and notes):
        return found
    return [*text, *(_note(each, notes) for each in last.children if isinstance(each, Element))]


def _referred(node: Node, notes: list[str]) -> Node:
    if not isinstance(node, Element):
        return node
    link = node.children[0] if node.tag == "sup" and len(node.children) == 1 else ""
    href = link.attributes.get("href", "") if isinstance(link, Element) else ""
    if match := NOTE.fullmatch(href):
        if match[0] not in notes:
            notes.append(match[0])
        return Element("verbatim", {}, [f"[^{notes.index(match[0]) + 1}]"])
    return replace(node, children=[_referred(child, notes) for child in node.children])


def _note(item: Element, notes: Sequence[str]) -> Element:
    """A note below the text, all of it on one line."""
    name = f"#{item.attributes.get('id', '')}"
    number = notes.index(name) + 1 if name in notes else len(notes) + 1
    said: list[Node] = []
    for child in item.children:
        inside = child.children if isinstance(child, Element) and child.tag == "p" else [child]
        held = [each for each in inside if not _leads_back(each)]
        if any(text_of(each).strip() for each in held):
            said += [*([" "] if said else []), *held]
    return Element("p", {}, [Element("verbatim", {}, [f"[^{number}]: "]), *said])


def _leads_back(node: Node) -> bool:
    return isinstance(node, Element) and node.tag == "a" and "note-ref-" in node.attributes.get("href", "")


@dataclass(slots=True)
class _Lists:
    """Lists that are being built of paragraphs, each deeper one in the item above it."""

    top: list[Node] = field(default_factory=list)
    open: list[tuple[int, Element]] = field(default_factory=list)

    def add(self, item: marks.Item, children: list[Node]) -> None:
        """Add an item; with another kind of marker at its level, in a list of its own."""
        tag = "ol" if item.is_ordered else "ul"
        while self.open and self.open[-1][0] > item.level:
            self.open.pop()
        begins = item.is_ordered and item.number == 1
        if self.open and self.open[-1][0] == item.level and (self.open[-1][1].tag != tag or begins):
            self.open.pop()
        if not self.open or self.open[-1][0] < item.level:
            started = Element(tag, {"start": str(item.number)} if item.is_ordered and item.number > 1 else {})
            above = self.open[-1][1].children[-1] if self.open else None
            (above.children if isinstance(above, Element) else self.top).append(started)
            self.open.append((item.level, started))
        self.open[-1][1].children.append(Element("li", {}, [Element("p", {}, children)]))

    def goes_on(self, children: list[Node], role: str) -> None:
        """Add a paragraph to the last item, or to the last of the level that its role names."""
        level = int(role.partition("-")[2] or DEEPEST)
        while len(self.open) > 1 and self.open[-1][0] > level:
            self.open.pop()
        last = self.open[-1][1].children[-1]
        if isinstance(last, Element):
            last.children.append(Element("p", {}, children))


def _inside(nodes: Sequence[Node], notes: Sequence[str], *, is_cell: bool = False) -> list[Node]:
    """The nodes with each paragraph as what its mark says."""
    out: list[Node] = []
    lists = _Lists()
    for node in nodes:
        role, item, held = _paragraph(node, notes, is_cell=is_cell)
        if item is not None:
            if _tells(held):
                lists.add(item, held)
            continue
        if role.startswith("more") and lists.open and _tells(held):
            lists.goes_on(held, role)
            continue
        if isinstance(node, Element) and node.tag == "p" and not _tells(held):
            continue
        out += lists.top
        lists = _Lists()
        _add(out, node, role, held)
    out += lists.top
    return out if is_cell else _listings(out)


def _add(out: list[Node], node: Node, role: str, held: list[Node]) -> None:
    last = out[-1] if out else ""
    if not isinstance(node, Element):
        out.append(node)
    elif role == "quote" and isinstance(last, Element) and last.tag == "blockquote":
        last.children.append(Element("p", {}, held))
    elif role == "quote":
        out.append(Element("blockquote", {}, [Element("p", {}, held)]))
    elif role == "title" and isinstance(last, Element) and last.classes == ["title"]:
        last.children += [" ", *held]
    elif role == "title":
        out.append(Element("h1", {"class": "title"}, held))
    elif HEADING.fullmatch(role):
        out.append(Element(role, {}, held))
    elif role in ("large", "code", "front", "named", "subtitle"):
        out.append(Element("p", {"class": role}, held))
    elif node.tag == "table":
        out.append(tables.squared(Element(node.tag, node.attributes, held)))
    else:
        out.append(Element(node.tag, node.attributes, held))


def _paragraph(
    node: Node, notes: Sequence[str], *, is_cell: bool
) -> tuple[str, marks.Item | None, list[Node]]:
    """What a node is: its role, the item that it is, and what is in it without the mark."""
    if not isinstance(node, Element):
        return "", None, []
    if node.tag != "p":
        return "", None, _inside(node.children, notes, is_cell=is_cell or node.tag in ("td", "th"))
    names = [mark for child in node.children if (mark := _mark(child))]
    held = [child for child in node.children if not _mark(child)]
    # Where the end of a paragraph was deleted, the one below says what both are.
    item = next((item for name in reversed(names) if (item := marks.item_in(name))), None)
    role = next((role for name in reversed(names) if (role := marks.role_in(name))), "")
    if is_cell:
        return ("" if role in ("title", "quote") else role), item, _signed(_box_of(item, held))
    if item is None and not role:
        role = "named" if _names_a_section(held) else ""
        held = _with_box(held)
        item = marks.Item(0, is_ordered=False) if _begins_with_one_box(held) else None
    return role, item, _box_of(item, held)


def _mark(node: Node) -> str:
    """The name of a mark; "" of what is none."""
    name = node.attributes.get("id", "") if isinstance(node, Element) and node.tag == "a" else ""
    return name if name.startswith(marks.PREFIX) else ""


def _listings(nodes: Sequence[Node]) -> list[Node]:
    """The nodes, paragraphs of code below each other as one listing with all its blanks.

    A paragraph of one line that is code only by its typeface may be a name.
    """
    out: list[Node] = []
    for is_code, group in groupby(nodes, key=_is_code):
        run = list(group)
        lines = [text_of(Element("pre", {}, node.children)) for node in run if isinstance(node, Element)]
        is_listing = len(lines) > 1 or any("\n" in line for line in lines) or _is_styled(run[0])
        out += [Element("pre", {}, ["\n".join(lines)])] if is_code and is_listing else run
    return out


def _is_styled(node: Node) -> bool:
    return isinstance(node, Element) and node.classes == ["code"]


def _is_code(node: Node) -> bool:
    if not isinstance(node, Element) or node.tag != "p":
        return False
    told = [child for child in node.children if _shows(child)]
    return _is_styled(node) or (
        bool(told) and all(isinstance(child, Element) and child.tag == "code" for child in told)
    )


def _tells(nodes: Sequence[Node]) -> bool:
    return any(_shows(node) for node in nodes)


def _shows(node: Node) -> bool:
    if isinstance(node, str):
        return bool(node.strip())
    return node.tag in ("img", "input", "table") or any(map(_shows, node.children))


def _box_of(item: marks.Item | None, held: list[Node]) -> list[Node]:
    """The words of an item behind the box that its list gives it; checklists strike out what is done."""
    if item is None or not item.box or _boxes(held):
        return held
    is_done = item.box == "on" or _is_struck(held)
    box = Element("input", {"type": "checkbox"} | ({"checked": ""} if is_done else {}))
    return [box, *(_unstruck(held) if is_done else held)]


def _is_struck(nodes: Sequence[Node]) -> bool:
    told = [node for node in nodes if text_of(node).strip()]
    return bool(told) and all(
        isinstance(node, Element) and (node.tag == "s" or _is_struck(node.children)) for node in told
    )


def _unstruck(nodes: Sequence[Node]) -> list[Node]:
    return [
        replace(node, tag="span" if node.tag == "s" else node.tag, children=_unstruck(node.children))
        if isinstance(node, Element)
        else node
        for node in nodes
    ]


def _boxes(nodes: Sequence[Node]) -> int:
    """How many boxes there are in nodes."""
    return sum(
        1 if node.tag == "input" else _boxes(node.children) for node in nodes if isinstance(node, Element)
    )


def _names_a_section(held: Sequence[Node]) -> bool:
    """Whether a paragraph is a well-known name of a section in bold, as those write who use no styles."""
    said = one_line(text_of(Element("p", {}, list(held)))).strip().rstrip(":").strip()
    told = [node for node in held if _shows(node)]
    is_bold = bool(told) and all(isinstance(node, Element) and node.tag in ("strong", "b") for node in told)
    return is_bold and len(said) <= LONGEST_NAME and section_roles.named(said) != "other"


def _with_box(held: list[Node]) -> list[Node]:
    """The words of a paragraph, a box that was typed before them as one."""
    first, *rest = held or [""]
    sign = first.lstrip()[:1] if isinstance(first, str) else ""
    kind = signs.box(sign) if sign else ""
    if not kind or not isinstance(first, str):
        return held
    box = Element("input", {"type": "checkbox"} | ({"checked": ""} if kind == "on" else {}))
    return [box, first.lstrip()[1:].lstrip("\ufe0f"), *rest]


def _begins_with_one_box(held: Sequence[Node]) -> bool:
    first = next((node for node in held if _shows(node)), "")
    while isinstance(first, Element) and first.tag != "input" and not is_block(first):
        first = next((node for node in first.children if _shows(node)), "")
    return (
        isinstance(first, Element)
        and first.tag == "input"
        and _boxes(held) == 1
        and bool(text_of(Element("p", {}, list(held))).strip())
    )


def _signed(nodes: Sequence[Node]) -> list[Node]:
    """Boxes in a cell as signs, which are read there."""
    return list(map(_sign, nodes))


def _sign(node: Node) -> Node:
    if not isinstance(node, Element):
        return node
    if node.tag == "input":
        return "☒ " if "checked" in node.attributes else "☐ "
    return replace(node, children=_signed(node.children))


def _head_by_names(nodes: Sequence[Node]) -> None:
    """Make headings of names of sections in bold, where there are no other headings."""
    if any(node.classes != ["title"] for node in _headings(nodes)):
        return
    for node in nodes:
        if isinstance(node, Element) and node.classes == ["named"]:
            node.tag, node.attributes = "h1", {}


def _levelled(nodes: list[Node], title: str) -> list[Node]:
    """The nodes below one title; another in its style is a heading. Those begin at the second level."""
    styled = [node for node in nodes if isinstance(node, Element) and node.classes == ["title"]]
    if styled and report_titles.is_kind(text_of(styled[0])) and (said := stated_titles.found(nodes)):
        styled[0].tag, styled[0].attributes = "p", {}
        styled = [Element("h1", {"class": "title"}, [said]), *styled[1:]]
        nodes = [styled[0], *stated_titles.without(nodes, said)]
    found = [node for node in _headings(nodes) if node.classes != ["title"]]
    for other in styled[1:]:
        other.attributes.pop("class")
    found += styled[1:]
    levels = sorted(int(node.tag[1]) for node in found)
    is_one = bool(levels) and levels.count(levels[0]) == 1 and len(levels) > 1 and not styled
    is_titled = bool(styled)
    if not styled and not is_one:
        first = nodes[0] if nodes else ""
        if isinstance(first, Element) and first.classes == ["large"] and len(text_of(first)) <= LONGEST_TITLE:
            first.tag, is_titled = "h1", True
        elif title := stated_titles.found(nodes) or title:
            nodes, is_titled = [Element("h1", {}, [title]), *nodes], True
    if is_titled:
        down = max(0, 2 - levels[0]) if levels else 0
        for node in found:
            node.tag = f"h{min(int(node.tag[1]) + down, 6)}"
    return nodes


def _headings(nodes: Sequence[Node]) -> Iterator[Element]:
    for node in nodes:
        if isinstance(node, Element):
            if HEADING.fullmatch(node.tag):
                yield node
            yield from _headings(node.children)
