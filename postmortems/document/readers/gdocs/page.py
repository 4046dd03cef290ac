"""Reads a document that was downloaded from Google Docs as a web page.

`p.title` is the title, lists stand flat beside each other with their depth in a class (`lst-kix_…-1`), a
table's first row is its head, links lead through `google.com/url?q=`, looks are classes of the style sheet.
Comments and footnotes stand at the end, each with a link back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote

from postmortems.document import report_titles
from postmortems.document.markdown import section_roles
from postmortems.document.readers import html
from postmortems.document.readers.editors import mentions, nested_tasks, stated_keys, stated_titles
from postmortems.document.readers.gdocs import style_sheet
from postmortems.document.readers.gdocs.style_sheet import StyleSheet
from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.readers.rich_text import form_tables, styles
from postmortems.document.readers.rich_text.plain_tree import Plain
from postmortems.document.readers.to_markdown import compose
from postmortems.document.text import joined, one_line
from postmortems.document.times import incident_dates

CLASSES = re.compile(r"\.c\d+\{")
SIGNS = re.compile(
    r"doc-content|\blst-kix_|themes\.googleusercontent\.com|www\.google\.com/url\?q=|\bid=\"h\.[a-z0-9]{6,}\"",
)
LEVEL = re.compile(r"lst-[\w-]*?-(\d{1,2})")
COMMENT, FOOTNOTE = re.compile(r"#?cmnt(?:_ref)?(\d+)"), re.compile(r"#?ftnt(?:_ref)?(\d+)")
MARK_OF_COMMENT, MARK_OF_FOOTNOTE = re.compile(r"cmnt_ref\d+"), re.compile(r"ftnt_ref(\d+)")
NOTE = re.compile(r"(?:cmnt|ftnt)(\d+)")
TAB = re.compile(
    r"(?:Tab|Registerkarte|Onglet|Pestaña|Guia|Scheda|Tabblad|タブ|탭|标签页)\s*\d{1,3}",
    re.IGNORECASE,
)
HEADING = re.compile("h[1-6]")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#|//", re.IGNORECASE)
SITE = re.compile(r"\s+[-–]\s+Google (?:Docs|Drive)\s*$")
FEWEST_IN_CONTENTS = 2
OF_A_TEXT, LONGEST_HEADER = {"h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"}, 300
DEEPEST_LIST = 9
# What stands between the people and the day at the end of an item.
BETWEEN = " ,;|·–—-"


def is_page(text: str) -> bool:
    """Whether a page of HTML is a document of Google Docs."""
    return bool(CLASSES.search(text) and SIGNS.search(text))


def to_markdown(text: str) -> str:
    """The document as the Markdown that says the same; comments and footnotes at its end."""
    root = html.parsed(text)
    sheet = style_sheet.read(root)
    body = _body(root)
    shaped = _Shaped(sheet)
    nodes = shaped.of(body.children)
    title, nodes = _titled(nodes, root)
    if not title or report_titles.is_kind(title):
        said = stated_titles.found(nodes)
        nodes = [Element("p", {}, [title]), *stated_titles.without(nodes, said)] if said and title else nodes
        title = said or title
    front, nodes = _stated(nodes) if title else ({}, nodes)
    plain = Plain().of(form_tables.opened(_trimmed(nodes)))
    written = nested_tasks.lifted(joined(compose(plain).split("\n")))
    return stated_keys.page(title, front, "\n\n".join(filter(None, [written, *shaped.notes()])))


def _trimmed(nodes: list[Node]) -> list[Node]:
    """The nodes without a line at their end, which keeps the footnotes apart."""
    while nodes and (not text_of(nodes[-1]).strip() and not _shows(nodes[-1])):
        nodes = nodes[:-1]
    return nodes


def _shows(node: Node) -> bool:
    return isinstance(node, Element) and any(
        each.tag in ("img", "verbatim") for each in (node, *_below(node))
    )


def _stated(nodes: list[Node]) -> tuple[dict[str, str], list[Node]]:
    """What the paragraphs below the title say of the report: its day alone, or keys; and all other nodes."""
    front: dict[str, str] = {}
    kept: list[Node] = []
    is_dated = not any(map(incident_dates.names_its_day, map(text_of, nodes)))
    for at, node in enumerate(nodes):
        said = one_line(text_of(node))
        if isinstance(node, Element) and node.tag != "p" and said:
            return front, [*kept, *nodes[at:]]
        day = mentions.day_at(said) if is_dated and "date" not in front else None
        name, colon, value = said.partition(":")
        key, value = stated_keys.typed(name, value) if colon else ("", "")
        if day and day[1] == len(said):
            front["date"] = day[0].isoformat()
            kept += [] if said == front["date"] else [node]
        elif value and key not in front:
            front[key] = value
        else:
            kept.append(node)
    return front, kept


def _below(root: Element) -> Iterator[Element]:
    waiting = [child for child in reversed(root.children) if isinstance(child, Element)]
    while waiting:
        element = waiting.pop()
        yield element
        waiting += [child for child in reversed(element.children) if isinstance(child, Element)]


def _body(root: Element) -> Element:
    """The part of the page that is the document, without what is printed on each sheet of paper."""
    everything = list(_below(root))
    published = next((each for each in everything if each.attributes.get("id") == "contents"), None)
    if published is not None:
        inner = [each for each in _below(published) if "doc-content" in each.classes]
        return inner[-1] if inner else published
    body = next((each for each in everything if each.tag == "body"), root)
    held = [child for child in body.children if not isinstance(child, str) or child.strip()]
    if sum(isinstance(child, Element) and child.tag != "div" for child in held) < 2:
        return body
    edges = [held[0], held[-1]]
    gone = [each for each in edges if isinstance(each, Element) and each.tag == "div" and _is_of_paper(each)]
    return replace(
        body, children=[child for child in body.children if not any(child is each for each in gone)]
    )


def _is_of_paper(node: Element) -> bool:
    """Whether a box at the edge of the page is the header or the footer of each sheet: a line or two."""
    is_text = any(each.tag in OF_A_TEXT for each in _below(node))
    return not _is_of_notes(node) and not is_text and len(text_of(node)) <= LONGEST_HEADER


def _is_of_notes(node: Element) -> bool:
    return any(NOTE.fullmatch(each.attributes.get("id", "")) for each in (node, *_below(node)))


@dataclass(slots=True)
class _Shaped:
    """Reshapes nodes in the order of the document, and keeps comments and footnotes apart."""

    sheet: StyleSheet
    comments: list[str] = field(default_factory=list)
    footnotes: list[str] = field(default_factory=list)
    heading: str = ""

    def of(self, nodes: Sequence[Node]) -> list[Node]:
        out: list[Node] = []
        for node in _without_contents(nodes):
            out += [node] if isinstance(node, str) else self._one(node)
        return out

    def notes(self) -> list[str]:
        """Footnotes and comments, each below the text."""
        return [*self.footnotes, *(["## Comments", *self.comments] if self.comments else [])]

    def _one(self, node: Element) -> list[Node]:
        if node.tag in ("style", "script", "head", "meta", "link"):
            return []
        if node.tag == "div" and _is_of_notes(node):
            self._note(node)
            return []
        anchor = node.attributes.get("id", "") if node.tag == "a" else ""
        if MARK_OF_COMMENT.fullmatch(anchor):
            return []
        if found := MARK_OF_FOOTNOTE.fullmatch(anchor):
            return [Element("verbatim", {}, [f"[^{found[1]}]"])]
        if node.tag == "sup" and any("_ref" in each.attributes.get("id", "") for each in _below(node)):
            return self.of(node.children)
        return [self._shaped(node)] if node.tag != "hr" or node.attributes else [Element("hr")]

    def _shaped(self, node: Element) -> Node:
        if HEADING.fullmatch(node.tag) or "title" in node.classes:
            self.heading = one_line(text_of(node))
        if node.tag == "img":
            return _picture(node)
        to = node.attributes.get("href", "") if node.tag == "a" else ""
        if to and not ELSEWHERE.match(to) and (words := one_line(text_of(node))):
            return Element("verbatim", {}, [f"[{words}]({quote(unquote(to))})"])
        held = self.of(node.children)
        if HEADING.fullmatch(node.tag) or "title" in node.classes:
            held = [child for child in held if not (isinstance(child, Element) and child.tag == "verbatim")]
        node = replace(node, children=held)
        if node.tag in ("ul", "ol") and (level := _level(node)) is not None:
            return self._list(node, level)
        styled = style_sheet.styled(replace(node, children=[]), self.sheet)
        assert isinstance(styled, Element)
        node = replace(styled, children=held)
        if node.tag == "table":
            return _table(node)
        return node

    def _list(self, node: Element, level: int) -> Element:
        """A list at its depth; the items of a list of boxes with their box."""
        named = set(node.classes)
        is_ticked, is_box = bool(named & self.sheet.ticked_boxes), bool(named & self.sheet.open_boxes)
        is_of_items = is_box or is_ticked or section_roles.named(self.heading) == "action_items"
        items: list[Node] = []
        for child in node.children:
            if isinstance(child, Element) and child.tag == "li":
                own = _owned(child.children) if is_of_items else child.children
                if is_ticked or is_box:
                    is_done = is_ticked or _is_struck(child)
                    own = _boxed([_unstruck(each) for each in own] if is_done else own, is_done)
                child = replace(child, children=own)
            items.append(child)
        tag = "ul" if is_box or is_ticked else node.tag
        return Element(tag, {"data-indent": str(min(level, DEEPEST_LIST))}, items)

    def _note(self, node: Element) -> None:
        """Keep a footnote or a comment, each by the link that leads back from it."""
        mark = ""
        for each in _below(node):
            if NOTE.fullmatch(each.attributes.get("id", "")):
                mark = each.attributes["id"]
        text = joined(compose(Plain().of(self._apart(node.children))).split("\n"))
        if mark.startswith("ftnt"):
            number = NOTE.fullmatch(mark)
            self.footnotes.append(f"[^{number[1] if number else 1}]: " + text.replace("\n", "\n    "))
        elif text:
            self.comments.append("\n".join(f"> {line}".rstrip() for line in text.split("\n")))

    def _apart(self, nodes: Sequence[Node]) -> list[Node]:
        out: list[Node] = []
        for node in nodes:
            if isinstance(node, Element):
                if NOTE.fullmatch(node.attributes.get("id", "")):
                    continue
                node = replace(node, children=self._apart(node.children))
                styled = style_sheet.styled(replace(node, children=[]), self.sheet)
                node = replace(styled, children=node.children) if isinstance(styled, Element) else node
            out.append(node)
        return out


def _without_contents(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes without a table of contents: paragraphs that are nothing but links to headings."""
    run: list[Node] = []
    for node in [*nodes, None]:
        if node is not None and (
            _is_of_contents(node) or (run and isinstance(node, str) and not node.strip())
        ):
            run.append(node)
            continue
        if sum(isinstance(each, Element) for each in run) < FEWEST_IN_CONTENTS:
            yield from run
        run = []
        if node is not None:
            yield node


def _is_of_contents(node: Node) -> bool:
    if not isinstance(node, Element) or node.tag not in ("p", "li"):
        return False
    links = [
        each for each in _below(node) if each.tag == "a" and each.attributes.get("href", "").startswith("#h")
    ]
    said = "".join(text_of(each) for each in links)
    return bool(said.strip()) and one_line(said) == one_line(text_of(node))


def _level(node: Element) -> int | None:
    found = next((match for name in node.classes if (match := LEVEL.fullmatch(name))), None)
    return int(found[1]) if found else None


def _owned(nodes: Sequence[Node]) -> list[Node]:
    """An item's words with the people and the day at its end in brackets: chips are links to an address."""
    chips = list(nodes)
    tail: list[str] = []
    while chips:
        last = chips[-1]
        said = one_line(text_of(last)).strip(BETWEEN)
        link = last if isinstance(last, Element) and last.tag == "a" else None
        if link is None and isinstance(last, Element):
            link = next((each for each in _below(last) if each.tag == "a"), None)
        is_person = link is not None and link.attributes.get("href", "").startswith("mailto:")
        day = mentions.day_at(said) if said else None
        if said and not (is_person or (day and day[1] == len(said) and tail)) and not _is_day(last, said):
            break
        if said:
            tail.insert(0, f"@{said.lstrip('@')}")
        chips.pop()
    if not chips or not any(tail):
        return list(nodes)
    made = mentions.of_task(f"x {' '.join(tail)}")
    return [*chips, made.removeprefix("x")] if made != f"x {' '.join(tail)}" else list(nodes)


def _is_day(node: Node, said: str) -> bool:
    """Whether a piece of its own is a whole day, as the chip of a date is."""
    day = mentions.day_at(said)
    return isinstance(node, Element) and day is not None and day[1] == len(said)


def _is_struck(node: Node) -> bool:
    """Whether all words are crossed out, as Docs does with what is ticked."""
    if isinstance(node, str):
        return not node.strip()
    if "line-through" in styles.declarations(node).get("text-decoration", ""):
        return True
    held = [child for child in node.children if text_of(child).strip()]
    return bool(held) and all(map(_is_struck, held))


def _unstruck(node: Node) -> Node:
    if not isinstance(node, Element):
        return node
    attributes = node.attributes | {"style": node.attributes.get("style", "").replace("line-through", "none")}
    return replace(node, attributes=attributes, children=[_unstruck(child) for child in node.children])


def _boxed(nodes: Sequence[Node], is_done: bool) -> list[Node]:
    return [Element("input", {"type": "checkbox"} | ({"checked": ""} if is_done else {})), *nodes]


def _picture(node: Element) -> Node:
    """A picture; one that lies beside the page keeps its way there."""
    source, said = node.attributes.get("src", "").strip(), one_line(node.attributes.get("alt", ""))
    if not source or ELSEWHERE.match(source):
        return node
    return Element("verbatim", {}, [f"![{said}]({quote(unquote(source))})"])


def _table(node: Element) -> Node:
    """A table whose first row is its head; one cell alone is what stands in it."""
    rows = [each for each in _below(node) if each.tag == "tr"]
    cells = [[child for child in row.children if isinstance(child, Element)] for row in rows]
    if len(rows) == 1 and len(cells[0]) == 1:
        return Element("div", {}, cells[0][0].children)
    if len(rows) < 2 or len(cells[0]) < 2:
        return node
    for cell in cells[0]:
        cell.tag = "th"
    return node


def _titled(nodes: list[Node], root: Element) -> tuple[str, list[Node]]:
    """The title, and the rest with its headings below it; the titles of further tabs are headings."""
    found = [
        node for node in nodes if isinstance(node, Element) and node.tag == "p" and "title" in node.classes
    ]
    said = [(node, one_line(text_of(node))) for node in found]
    named = [(node, text) for node, text in said if text and not TAB.fullmatch(text)]
    first = named[0][0] if named else None
    tabs = [node for node, text in said if not text or (TAB.fullmatch(text) and first is not None)]
    headed = _headed(nodes) if not named else None
    first = first if headed is None else headed
    title = named[0][1] if named else one_line(text_of(headed)) if headed is not None else _page_title(root)
    rest = [node for node in nodes if node is not first and not any(node is tab for tab in tabs)]
    levels = [int(node.tag[1]) for node in rest if isinstance(node, Element) and HEADING.fullmatch(node.tag)]
    level = min(levels, default=1)
    rest = [
        Element(f"h{level}", {}, node.children)
        if isinstance(node, Element) and any(node is each for each in found)
        else node
        for node in rest
    ]
    has_first_level = any(isinstance(node, Element) and node.tag == "h1" for node in rest)
    return title, [_lower(node) for node in rest] if title and has_first_level else rest


def _headed(nodes: Sequence[Node]) -> Element | None:
    """The heading that is the title of a document without one: alone on its level, above all others."""
    headings = [node for node in nodes if isinstance(node, Element) and HEADING.fullmatch(node.tag)]
    is_alone = [node.tag for node in headings].count("h1") == 1 and len(headings) > 1
    if not is_alone or headings[0].tag != "h1" or section_roles.named(text_of(headings[0])) != "other":
        return None
    return headings[0]


def _page_title(root: Element) -> str:
    title = next((each for each in _below(root) if each.tag == "title"), None)
    return SITE.sub("", one_line(text_of(title))) if title else ""


def _lower(node: Node) -> Node:
    if not isinstance(node, Element):
        return node
    if HEADING.fullmatch(node.tag):
        return replace(node, tag=f"h{min(6, int(node.tag[1]) + 1)}")
    return replace(node, children=[_lower(child) for child in node.children])
