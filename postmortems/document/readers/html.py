"""Reads an HTML page as Markdown: its article, without navigation and footers.

The standard library's parser finds the tags; which of them end others we decide as browsers do, as far as
prose needs it. Nothing is fetched and nothing is run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import groupby

from postmortems.document.markdown import front_matter
from postmortems.document.readers.markup_tree import INLINE, Element, Node, text_of
from postmortems.document.readers.rich_text import footnotes, listings
from postmortems.document.readers.rich_text.plain_tree import Plain
from postmortems.document.readers.to_markdown import compose
from postmortems.document.readers.wikis import asciidoctor_page
from postmortems.document.text import is_blank, lines_of, one_line

VOID = re.compile("area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr")
LEFT_OUT = re.compile(
    "script|style|noscript|template|head|nav|svg|canvas|button|select|textarea|object|embed|audio|video"
)
ROLES_LEFT_OUT = frozenset(("navigation", "banner", "contentinfo", "search"))
ROUND_THE_ARTICLE = frozenset(("header", "footer", "aside"))
# What ends when a tag begins, and what that end does not reach beyond.
ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset(("li",)), frozenset(("ul", "ol"))),
    "dt": (frozenset(("dt", "dd")), frozenset(("dl",))),
    "dd": (frozenset(("dt", "dd")), frozenset(("dl",))),
    "tr": (frozenset(("tr", "td", "th")), frozenset(("table",))),
    "td": (frozenset(("td", "th")), frozenset(("table", "tr"))),
    "th": (frozenset(("td", "th")), frozenset(("table", "tr"))),
}
PARAGRAPH = (frozenset(("p",)), frozenset(("li", "td", "th", "blockquote", "div", "section", "dd")))
# HTML §13.2.6.4.7; a picture or an element of another vocabulary stands in its line.
ENDS_A_PARAGRAPH = re.compile(
    "address|article|aside|blockquote|center|details|dialog|dir|div|dl|fieldset|figcaption|figure|footer|form|h[1-6]"
    "|header|hgroup|hr|main|menu|nav|ol|p|pre|search|section|summary|table|ul|raw|thead|tbody|tfoot|iframe"
)
HEADING = re.compile(r"^[ \t]{0,8}<h[1-6][ >]", re.IGNORECASE | re.MULTILINE)
MARKED = re.compile(r"^(?:#{1,6}[ \t]|=+[ \t]*$|```|~~~)", re.MULTILINE)
BODY = re.compile(r"<body\b[^<>]*>[ \t]*$", re.IGNORECASE)
BEGINNING = re.compile(
    r"\ufeff?\s{0,200}<(?:!doctype|html|head|body|meta|title|article|style|link)\b", re.IGNORECASE
)
FEWEST_HEADINGS = 3
DEEPEST = 60
FAR = 200
ANCHOR = re.compile(r"[\s¶#§🔗]*")
OF_WORD = re.compile(r"""<html\b[^<>]*\burn:schemas-microsoft-com:office:word\b""", re.IGNORECASE)
FAR_IN = 4_000
DATED = ("dcterms.date", "dc.date", "date")
# When the page went on its site, which may be long after what it tells of.
PUBLISHED = ("article:published_time",)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?=T|$)")


def is_page(text: str) -> bool:
    """Whether a text has headings, and each is one of HTML."""
    return len(HEADING.findall(text)) >= FEWEST_HEADINGS and not MARKED.search(text)


def begins_as_page(text: str) -> bool:
    """Whether a text begins as pages of HTML do, and no text in Markdown."""
    return bool(BEGINNING.match(text))


def to_markdown(text: str) -> str:
    """The page's article as Markdown; its own front matter, or the date that the page states, above it."""
    matter, text = _apart(lines_of(text))
    root = parsed(text)
    if asciidoctor_page.is_it(_meta(root, ("generator",))):
        root = asciidoctor_page.tidied(root)
    article, is_body = _article(root)
    children = footnotes.noted(listings.unnumbered(article.children))
    nodes = [_cleaned(child, is_body=is_body) for child in children]
    # What Word saves as a page says by its own classes and styles what is a title and a list.
    body = compose(Plain().of(nodes) if OF_WORD.search(text[:FAR_IN]) else nodes)
    if not re.search(r"^# ", body, re.MULTILINE) or _is_titled(root, body):
        title = _titled(root)
        first, _, rest = body.partition("\n\n")
        body = "\n\n".join(
            filter(None, [title, rest if title and f"# {first.strip('*_')}" == title else body])
        )
    if matter:
        return "\n".join([*matter, "", body, ""])
    days = (
        ("date", _day(_meta(root, DATED))),
        ("published", _day(_meta(root, PUBLISHED)) or _revised(root)),
    )
    said = next((f"{key}: {day}" for key, day in days if day), "")
    return f"---\n{said}\n---\n\n{body}\n" if said else f"{body}\n"


def _apart(lines: list[str]) -> tuple[list[str], str]:
    """The page's front matter and the rest: on its first lines, or on the first of its body."""
    body = next((at for at, line in enumerate(lines) if BODY.search(line)), -1)
    within = (
        next((at for at in range(body + 1, len(lines)) if not is_blank(lines[at])), 0) if body >= 0 else 0
    )
    for start in (0, within):
        if end := front_matter.read(lines[start:]).lines:
            return lines[start : start + end], "\n".join([*lines[:start], *lines[start + end :]])
    return [], "\n".join(lines)


def fragment(text: str) -> str:
    """A piece of a page as Markdown. Items of a list that nobody opened are one list."""
    children: list[Node] = []
    for is_item, nodes in groupby(_told(parsed(text).children), key=_is_item):
        group = list(nodes)
        children += [Element("ul", {}, group)] if is_item else group
    return compose([_cleaned(child, is_body=False) for child in children])


def _told(nodes: list[Node]) -> Iterator[Node]:
    """The nodes without the blanks between them."""
    return (node for node in nodes if not isinstance(node, str) or node.strip())


def _is_item(node: Node) -> bool:
    return isinstance(node, Element) and node.tag == "li"


def parsed(text: str) -> Element:
    """The page as a tree. What begins like a tag and never ends is text: else its end is sought each time."""
    for start, end in (("<!--", "-->"), ("<![", "]>"), ("<", ">")):
        at = text.rfind(end) + 1
        text = text[:at] + text[at:].replace(start, f"&lt;{start[1:]}")
    tree = _Tree()
    tree.feed(text)
    tree.close()
    return tree.root


class _Tree(HTMLParser):
    """The page as a tree. Below `DEEPEST` levels everything hangs on the same element."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("html")
        self._open: list[tuple[str, Element]] = [("", self.root)]
        self._count: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ENDS:
            self._end(*ENDS[tag])
        elif ENDS_A_PARAGRAPH.fullmatch(tag):
            self._end(*PARAGRAPH)
        element = Element(tag, {name: value or "" for name, value in attrs})
        parent = self._open[-1][1]
        if VOID.fullmatch(tag):
            parent.children.append(element)
            return
        if len(self._open) > DEEPEST:
            element = parent
        else:
            parent.children.append(element)
        self._open.append((tag, element))
        self._count[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        if self._count[tag]:
            while self._close() != tag:
                pass
        elif not INLINE.fullmatch(tag) and not VOID.fullmatch(tag):
            self._open[-1][1].children.append(Element("p"))

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """`<![if …]>` and `<![CDATA[` are comments up to the next bracket (HTML §13.2.5.42)."""
        return self.parse_bogus_comment(i)

    def handle_data(self, data: str) -> None:
        self._open[-1][1].children.append(data)

    def _close(self) -> str:
        tag, _ = self._open.pop()
        self._count[tag] -= 1
        return tag

    def _end(self, tags: frozenset[str], borders: frozenset[str]) -> None:
        """End the nearest of these tags, and what is open in it, unless a border lies between."""
        if not any(self._count[tag] for tag in tags):
            return
        last = 0
        for back, (tag, _) in enumerate(reversed(self._open[-FAR:]), 1):
            if tag in tags:
                last = back
            if tag in borders:
                break
        for _ in range(last):
            self._close()


def _walk(root: Element) -> Iterator[Element]:
    """Every element below, in the order of the page."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        yield element
        waiting += [child for child in reversed(element.children) if isinstance(child, Element)]


def _article(root: Element) -> tuple[Element, bool]:
    """The part of the page that is its text, and whether that is all of it."""
    everything = list(_walk(root))
    mains = [each for each in everything if each.tag == "main" or each.attributes.get("role") == "main"]
    articles = [each for each in everything if each.tag == "article"]
    for found in (mains, articles if len(articles) == 1 else []):
        if found and text_of(found[0]).strip():
            return found[0], False
    return next((each for each in everything if each.tag == "body"), root), True


def _cleaned(node: Node, *, is_body: bool) -> Node:
    """The node without what no reader sees or reads as text."""
    if isinstance(node, str):
        return node
    if _is_left_out(node, is_body=is_body):
        return ""
    if node.tag == "iframe":
        source = node.attributes.get("src", "")
        return Element("p", {}, [Element("a", {"href": source}, [source])])
    inside = [_cleaned(child, is_body=is_body) for child in node.children]
    return Element(node.tag, node.attributes, inside)


def _is_left_out(node: Element, *, is_body: bool) -> bool:
    attributes = node.attributes
    if LEFT_OUT.fullmatch(node.tag) or "hidden" in attributes or attributes.get("role") in ROLES_LEFT_OUT:
        return True
    if node.tag == "a" and not any(_is_picture(child) for child in node.children):
        return attributes.get("href", "#").startswith("#") and bool(ANCHOR.fullmatch(text_of(node)))
    is_decoration = attributes.get("aria-hidden") == "true" and node.tag in ("a", "span", "i")
    return is_decoration or (is_body and node.tag in ROUND_THE_ARTICLE)


def _is_picture(node: Node) -> bool:
    return isinstance(node, Element) and any(each.tag == "img" for each in _walk(node))


def _is_titled(root: Element, body: str) -> bool:
    """Whether the page's title stands in it as a paragraph above headings of the first level."""
    first, _, rest = body.partition("\n\n")
    said = _titled(root).removeprefix("# ")
    return bool(said) and first.strip("*_") == said and not first.startswith("#") and "\n# " in rest


def _titled(root: Element) -> str:
    """The title of the page, without the name of the site behind it."""
    title = next((each for each in _walk(root) if each.tag == "title"), None)
    said = re.split(r"\s+[|·—–]\s+", one_line(text_of(title)))[0] if title else ""
    return compose([Element("h1", {}, [said])])


def _revised(root: Element) -> str:
    return _day(next(filter(None, map(asciidoctor_page.day, _walk(root))), ""))


def _day(said: str) -> str:
    match = DAY.match(said)
    return match.group() if match else ""


def _meta(root: Element, names: tuple[str, ...]) -> str:
    """What the first of these names in the page's head stands for."""
    for each in _walk(root):
        name = each.attributes.get("name") or each.attributes.get("property") or ""
        if each.tag == "meta" and name.lower() in names:
            return each.attributes.get("content", "")
    return ""
