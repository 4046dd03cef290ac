"""Storage format as a tree: XML with two vocabularies of its own, whose CDATA is text and no comment.

Nothing closes an element but its end, so a macro stands in its paragraph as it was written. Names of
characters are those of HTML. Below `html.DEEPEST` levels everything hangs on the same element.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

from postmortems.document.markdown import prose_markers
from postmortems.document.readers import html
from postmortems.document.readers.markup_tree import Element
from postmortems.errors import Invalid

CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
OURS = re.compile(r"(?:ac|ri|at):")


def parsed(text: str) -> Element:
    """The tree. Raises `Invalid`, with the line, where a text ends amid a macro, a tag or a listing."""
    whole = CDATA.sub(lambda match: escape(match[1], quote=False), text)
    if (at := whole.find("<![CDATA[")) >= 0:
        raise Invalid(f"{_line(whole, at)}: CDATA that never ends; the text was cut off, download it again")
    if (at := whole.rfind("<")) > whole.rfind(">"):
        raise Invalid(f"{_line(whole, at)}: a tag that never ends; the text was cut off, download it again")
    tree = _Tree()
    tree.feed(whole)
    tree.close()
    tree.refuse_open()
    return tree.root


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("div")
        self._open: list[tuple[str, Element, int]] = [("", self.root, 0)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        parent = self._open[-1][1]
        if len(self._open) > html.DEEPEST:
            element = parent
        else:
            parent.children.append(element)
        if not html.VOID.fullmatch(tag):
            self._open.append((tag, element, self.getpos()[0]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if not html.VOID.fullmatch(tag):
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        for back in range(1, min(len(self._open), html.FAR)):
            if self._open[-back][0] == tag:
                del self._open[-back:]
                return

    def handle_comment(self, data: str) -> None:
        """Nobody sees a comment, but for the marks by which this service keeps prose apart from items."""
        if f"<!--{data}-->" in (prose_markers.PROSE, prose_markers.PROSE_END):
            mark = Element("verbatim", {}, [f"<!--{data}-->"])
            self._open[-1][1].children.append(Element("p", {}, [mark]))

    def handle_data(self, data: str) -> None:
        self._open[-1][1].children.append(data)

    def refuse_open(self) -> None:
        """Raise `Invalid` where an element of Confluence's own is still open at the end."""
        for tag, _, line in self._open:
            if OURS.match(tag):
                raise Invalid(f"{line}: <{tag}> never ends; the text was cut off, download it again")
