"""docutils' tree as markup elements. References are resolved here and not by docutils' transforms,
which would rearrange the document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes

from postmortems.document.readers.markup_tree import Element, Node
from postmortems.document.readers.to_markdown import compose

RAW = re.compile(r"\s*\.\. raw:: html[ \t]*\n")
TAGS = {
    nodes.paragraph: "p",
    nodes.strong: "strong",
    nodes.emphasis: "em",
    nodes.literal: "code",
    nodes.title_reference: "code",
    nodes.superscript: "sup",
    nodes.subscript: "sub",
    nodes.bullet_list: "ul",
    nodes.list_item: "li",
    nodes.definition_list: "dl",
    nodes.definition: "dd",
    nodes.field_list: "dl",
    nodes.field_body: "dd",
    nodes.option_list: "dl",
    nodes.description: "dd",
    nodes.option_group: "dt",
    nodes.field_name: "dt",
    nodes.block_quote: "blockquote",
    nodes.transition: "hr",
    nodes.thead: "thead",
    nodes.tbody: "tbody",
    nodes.row: "tr",
}


class Reading:
    """One document on its way from docutils' nodes to elements."""

    def __init__(self, document: nodes.document) -> None:
        self._targets = {
            name: target["refuri"]
            for target in document.findall(nodes.target)
            if "refuri" in target
            for name in target["names"]
        }
        self._unnamed = iter(
            [
                each["refuri"]
                for each in document.findall(nodes.target)
                if each.get("anonymous") and "refuri" in each
            ]
        )
        self._named = {each["refname"] for each in document.findall(nodes.reference) if "refname" in each}
        self._said = {
            name: each.children
            for each in document.findall(nodes.substitution_definition)
            if "replace::" in each.rawsource or "unicode::" in each.rawsource
            for name in each["names"]
        }
        self.replaced: list[str] = []
        self.elements = self._all(document, 0)

    def _all(self, node: nodes.Node, depth: int) -> list[Node]:
        return [each for child in node.children for each in self._one(child, depth)]

    def _one(self, node: nodes.Node, depth: int) -> Iterator[Node]:
        if isinstance(node, nodes.Text):
            yield node.astext()
        elif type(node) in TAGS:
            yield Element(TAGS[type(node)], {}, self._all(node, depth))
        else:
            name = f"_{type(node).__name__}"
            yield from getattr(self, name, self._through)(node, depth)

    def _through(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        """A node that has no form in Markdown: what is in it."""
        yield from self._all(node, depth)

    def _section(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        yield from self._all(node, depth + 1)

    def _title(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        inside = self._all(node, depth)
        is_section = isinstance(node.parent, nodes.section)
        yield Element(f"h{min(max(depth, 1), 6)}", {}, inside) if is_section else _strong(inside)

    def _rubric(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        yield _strong(self._all(node, depth))

    def _enumerated_list(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        yield Element("ol", {"start": str(node.get("start", 1))}, self._all(node, depth))

    def _definition_list_item(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        terms = [each for each in node.children if isinstance(each, nodes.term | nodes.classifier)]
        shown = [
            part
            for at, each in enumerate(terms)
            for part in [*([" : "] if at else []), *self._all(each, depth)]
        ]
        yield Element("dt", {}, shown)
        for each in node.children:
            if isinstance(each, nodes.definition):
                yield from self._one(each, depth)

    def _table(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        """A table, its title in a paragraph above it."""
        titles = [each for each in node.children if isinstance(each, nodes.title)]
        for title in titles:
            yield Element("p", {}, list(self._one(title, depth)))
        inside = [part for each in node.children if each not in titles for part in self._one(each, depth)]
        yield Element("table", {}, inside)

    def _entry(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        is_head = isinstance(node.parent.parent, nodes.thead)
        yield Element("th" if is_head else "td", {}, self._all(node, depth))

    def _line_block(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        inside: list[Node] = []
        for each in node.findall(nodes.line):
            inside += [*([Element("br")] if inside else []), *self._all(each, depth)]
        yield Element("p", {}, inside)

    def _literal_block(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        language = next((name for name in node["classes"] if name != "code"), "")
        yield Element("pre", {"class": f"language-{language}"} if language else {}, [node.astext()])

    _doctest_block = _literal_block

    def _math_block(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        yield Element("raw", {}, [f"$$\n{node.astext()}\n$$"])

    def _math(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        yield Element("verbatim", {}, [f"${node.astext()}$"])

    def _comment(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        if node.astext().strip():
            yield Element("raw", {}, [f"<!-- {re.sub('-(?=[->])', '- ', node.astext())} -->"])

    def _image(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        yield Element("img", {"src": node.get("uri", ""), "alt": node.get("alt", "")})

    def _reference(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        target = node.get("refuri", "")
        if "refname" in node:
            target = self._targets.get(node["refname"], "") or f"#{nodes.make_id(node['refname'])}"
        elif node.get("anonymous") and not target:
            target = next(self._unnamed, "")
        yield Element("a", {"href": target}, self._all(node, depth))

    def _target(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        """A place that can be referred to: MyST's `(name)=`, unless it is the time in the heading below."""
        if isinstance(node.parent, nodes.paragraph | nodes.term | nodes.title) or node.get("anonymous"):
            yield from self._all(node, depth)
            return
        for name in node["names"]:
            if "refuri" in node and name not in self._named:
                yield Element("raw", {}, [f"[{name}]: {node['refuri']}"])
            elif "refuri" not in node and not _is_time_of(name, _below(node)):
                yield Element("raw", {}, [f"({name})="])

    def _substitution_definition(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        if not set(node["names"]) & set(self._said):
            yield _kept(node.rawsource)

    def _substitution_reference(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        name = next((each for each in self._said if each.lower() == node["refname"].lower()), "")
        if name:
            self.replaced.append(name)
        yield "".join(each.astext() for each in self._said[name]) if name else f"|{node.astext()}|"

    def _topic(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        """A topic; a table of contents says nothing of its own."""
        if "contents" not in node["classes"]:
            yield from self._all(node, depth)

    def _footnote_reference(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        yield Element("verbatim", {}, [f"[^{node.astext() or node.get('refname', '')}]"])

    _citation_reference = _footnote_reference

    def _footnote(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        label = next((each.astext() for each in node.findall(nodes.label)), "") or " ".join(node["names"])
        inside = compose(
            [
                each
                for child in node.children
                if not isinstance(child, nodes.label)
                for each in self._one(child, depth)
            ]
        )
        yield Element("raw", {}, [f"[^{label}]: {inside}".replace("\n", "\n    ")])

    _citation = _footnote

    def _system_message(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        """What docutils refused, as it was written; its own remarks are none of the author's words."""
        for each in node.children:
            if isinstance(each, nodes.literal_block):
                yield _kept(each.astext())

    def _problematic(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        yield Element("verbatim", {}, [node.astext()])

    def _pending(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        return iter(())

    def _admonition(self, node: nodes.Element, depth: int) -> Iterator[Node]:
        is_titled = isinstance(node.children[0], nodes.title) if node.children else False
        name = [] if is_titled else [_strong([type(node).__name__.capitalize()])]
        yield Element("blockquote", {}, [*name, *self._all(node, depth)])

    _note = _warning = _tip = _important = _caution = _danger = _error = _hint = _attention = _admonition


def _strong(inside: list[Node]) -> Element:
    return Element("p", {}, [Element("strong", {}, inside)])


def _kept(source: str) -> Element:
    """A piece of the source: raw HTML is HTML in Markdown as well, anything else stays what it was."""
    match = RAW.match(source)
    if match:
        lines = source[match.end() :].strip("\n").split("\n")
        return Element("raw", {}, ["\n".join(line.strip() for line in lines)])
    return Element("pre", {"class": "language-{eval-rst}"}, [source])


def _is_time_of(name: str, heading: str) -> bool:
    """Whether a name has the digits of a heading and no words: tools make such names for every heading."""
    digits = "".join(filter(str.isdecimal, name))
    return digits == "".join(filter(str.isdecimal, heading)) and not any(map(str.isalpha, name))


def _below(node: nodes.Element) -> str:
    """The heading that a target stands over."""
    following = node.next_node(nodes.title, ascend=True)
    return following.astext() if following is not None else ""
