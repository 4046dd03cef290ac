"""Footnotes of web pages, as Markdown writes them: `[^1]` in the text, `[^1]: …` where they stand.

Whoever makes pages of Markdown puts the notes into a list at their end, below whatever heading is the last,
with links to them and back. Read as a list, they would be action items of a report that ends with those. As
these write pages: Python-Markdown 3.11, pandoc 3.9, cmark-gfm, mistune 3.3, markdown-it's plugin, Asciidoctor
2.0, Sphinx 9, Hugo 0.168, MediaWiki, Textile 4.0 (which draws its ids anew each time), and for Confluence
markdown-to-confluence 0.6.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from postmortems.document.readers.markup_tree import Element, Node, text_of

# What holds notes says so by its class, its id or its role.
HOLDS = re.compile(r"(?<![a-z])(?:foot|end)notes?(?![a-z])|^references$|^_footnotedef_", re.IGNORECASE)
IS_NOTE = frozenset(("li", "aside", "div", "dd", "p"))
# Round the number of a note, and the ways back from it.
LABELS = frozenset(("label", "backrefs", "mw-cite-backlink"))
# What a link back says: an arrow, a sign, or the number of the note.
LONGEST_BACK = 3
BRACKETS = " \t\r\n[]()"
# What is left of `1. ` and `[1] ` when the number is gone.
LEFT_OF_A_NUMBER = re.compile(r"^[\s.\])\u00a0]+")
BETWEEN = " \t\r\n\u00a0"


def noted(nodes: Sequence[Node]) -> list[Node]:
    """The nodes, each note in its place and each reference to it as Markdown has them."""
    held = [each for each in _below(nodes) if _holds(each)]
    if not held:
        return list(nodes)
    notes = _Notes(_led_to(nodes))
    for each in held:
        notes.find(each)
    return [made for node in nodes for made in notes.shown(node)] if notes.numbers else list(nodes)


def _below(nodes: Sequence[Node]) -> Iterator[Element]:
    """Every element in the order of the page."""
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        if isinstance(node, Element):
            yield node
            waiting += reversed(node.children)


def _holds(node: Element) -> bool:
    said = (*node.classes, node.attributes.get("id", ""), node.attributes.get("role", ""))
    return node.tag in ("section", "ol", "div", "aside", "dl", "p") and any(map(HOLDS.search, said))


def _led_to(nodes: Sequence[Node]) -> set[str]:
    """The places that links of the page's text lead to, and not those of its notes."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, Element) and not _holds(node):
            found |= _led_to(node.children) | (
                {node.attributes["href"][1:]} if _leads_within(node) else set()
            )
    return found


def _leads_within(node: Element) -> bool:
    return node.tag == "a" and node.attributes.get("href", "").startswith("#")


@dataclass(slots=True)
class _Notes:
    """The notes of a page by the places that links lead to, numbered in their order."""

    led_to: set[str]
    numbers: dict[str, int] = field(default_factory=dict)
    names: dict[int, int] = field(default_factory=dict)

    def find(self, held: Element) -> None:
        """Number the notes in what holds some."""
        for each in _below([held]):
            if each.tag in IS_NOTE and id(each) not in self.names:
                self._number(each, [place for place in _places(each) if place in self.led_to])

    def _number(self, note: Element, places: list[str]) -> None:
        if places and not any(place in self.numbers for place in places):
            self.names[id(note)] = number = len(self.names) + 1
            self.numbers |= dict.fromkeys(places, number)

    def shown(self, node: Node) -> list[Node]:
        """A node with the notes and references in it."""
        if isinstance(node, str):
            return [node]
        if number := self.names.get(id(node)):
            return _note(node, number)
        if number := self._referred(node):
            return [Element("verbatim", {}, [f"[^{number}]"])]
        inside = [made for child in node.children for made in self.shown(child)]
        if _is_line(node):
            return [] if any(map(HOLDS.search, node.classes)) else [node]
        if _holds(node) and node.tag not in ("ol", "dl"):
            return [each for each in inside if not _is_line(each)]
        if node.tag in ("ol", "dl") and any(isinstance(each, Element) and each.tag == "p" for each in inside):
            return _apart(node, inside)
        return [replace(node, children=inside)]

    def _referred(self, node: Element) -> int:
        """The number of the note that a link leads to, or all that stands in a raised text; 0 of all else."""
        if _leads_within(node):
            return self.numbers.get(node.attributes["href"][1:], 0)
        if node.tag != "sup":
            return 0
        links = [each for each in _below(node.children) if _leads_within(each)]
        if len(links) != 1 or text_of(node).strip(BRACKETS) != text_of(links[0]).strip(BRACKETS):
            return 0
        return self._referred(links[0])


def _places(note: Element) -> list[str]:
    """What a note is known by: its own id, or where it has none, those of what is in it."""
    own = note.attributes.get("id", "")
    inner = [each.attributes["id"] for each in _below(note.children) if each.attributes.get("id")]
    return [own] if own else inner if note.tag == "li" else []


def _is_line(node: Node) -> bool:
    """Whether a node is the line that keeps notes from the text."""
    return isinstance(node, Element) and node.tag == "hr"


def _apart(listed: Element, inside: Sequence[Node]) -> list[Node]:
    """A list of notes as paragraphs; what is no note in it stays in lists of its own."""
    found: list[Node] = []
    for each in inside:
        if isinstance(each, Element) and each.tag != "li":
            found.append(each)
        elif isinstance(each, Element):
            found.append(replace(listed, children=[each]))
    return found


def _note(note: Element, number: int) -> list[Node]:
    """A note as a paragraph, and what of it is none below."""
    said: list[Node] = []
    below: list[Node] = []
    is_apart = False
    for child in note.children:
        if isinstance(child, Element) and child.tag in ("ul", "ol", "pre", "table", "blockquote"):
            below += _without_back([child])
            continue
        is_paragraph = isinstance(child, Element) and child.tag == "p"
        words = _without_back(child.children if isinstance(child, Element) and is_paragraph else [child])
        if any(text_of(each).strip(BETWEEN) for each in words):
            said += [" ", *words] if said and (is_paragraph or is_apart) else words
            is_apart = is_paragraph
    return [Element("p", {}, [Element("verbatim", {}, [f"[^{number}]: "]), *_trimmed(said)]), *below]


def _without_back(nodes: Sequence[Node]) -> list[Node]:
    """The nodes without the links that lead back to the text."""
    return [
        replace(node, children=_without_back(node.children)) if isinstance(node, Element) else node
        for node in nodes
        if not (isinstance(node, Element) and (_leads_back(node) or LABELS & set(node.classes)))
    ]


def _leads_back(node: Element) -> bool:
    is_back = node.attributes.get("role") == "doc-backlink" or "footnote-backref" in node.classes
    return _leads_within(node) and (is_back or len(text_of(node).strip()) <= LONGEST_BACK)


def _trimmed(said: list[Node]) -> list[Node]:
    """The words of a note without its number, what stood round it, and what stood before its way back."""
    if said and isinstance(said[0], Element) and said[0].tag == "sup" and text_of(said[0]).isdecimal():
        said = said[1:]
    while said and isinstance(said[0], str) and not LEFT_OF_A_NUMBER.sub("", said[0]):
        said = said[1:]
    if said and isinstance(said[0], str):
        said = [LEFT_OF_A_NUMBER.sub("", said[0]), *said[1:]]
    while said and isinstance(said[-1], str) and not said[-1].strip(BETWEEN):
        said = said[:-1]
    if said and isinstance(said[-1], str):
        said = [*said[:-1], said[-1].rstrip(BETWEEN)]
    return said
