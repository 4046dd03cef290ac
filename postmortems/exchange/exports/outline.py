"""The outline of a page: its words, and the lists, tables and quotes they stand in. Pure."""

from __future__ import annotations

from html.parser import HTMLParser

EMPTY = frozenset({"hr"})
HOLD_WORDS = {
    "ul",
    "ol",
    "li",
    "table",
    "tr",
    "th",
    "td",
    "pre",
    "blockquote",
    *(f"h{level}" for level in range(1, 7)),
}
BLOCKS = EMPTY | HOLD_WORDS


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag == "pre"
        if tag in BLOCKS:
            self.found.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag == "pre"
        if tag in HOLD_WORDS:
            self.found.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        # Elsewhere than in code, HTML does not tell one blank from several or from a line's end.
        self.found += [data.strip("\n")] if self._code else data.split()


def outline(html: str) -> str:
    """The tags of blocks and the words between them; how words are parted into pieces does not matter."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.found)
