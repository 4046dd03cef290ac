"""The child process that renders Markdown; its parent is `markdown_process`.

The child ends with its parent, and may be killed at any moment.
"""

from __future__ import annotations

import hashlib
import re

import nh3

from postmortems import child_processes
from postmortems.web.markdown import anchors, github_markdown
from postmortems.web.markdown.markdown_process import DEFINITIONS

MEMORY = 1024 * 1024 * 1024
# A wide table's header and many short rows make a thousand times their size.
LARGEST_HTML = 4 * 1024 * 1024
TAGS = {
    *("p", "br", "hr", "blockquote", "pre", "code", "div", "span", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "caption"),
    *("a", "img", "em", "strong", "del", "ins", "sub", "sup", "kbd", "abbr", "b", "i", "s", "u", "mark", "q"),
    *("samp", "var", "tt", "strike", "ruby", "rt", "rp"),
    *("details", "summary", "figure", "figcaption", "section"),
}
ATTRIBUTES = {
    "*": {"id", "class", "title"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "td": {"align", "colspan", "rowspan"},
    "ol": {"start"},
    "details": {"open"},
}
CLASSES = re.compile(
    r"language-[\w+#-]{1,30}|footnotes|footnote-ref|footnote-backref|contains-task-list|task-list-item|task"
    r"|markdown-alert|markdown-alert-(?:note|tip|important|warning|caution|title)"
)


def to_html(text: str, definitions: str = "") -> str:
    """Markdown in the GitHub manner as HTML that carries nothing but text, links and images.

    `definitions` are lines of link and footnote definitions that stand elsewhere in the text's document.
    Raises `ValueError` where that would be more than a page can take.
    """
    # Footnotes of two texts on a page must not share their anchors.
    mark = hashlib.sha256(f"{text}\0{definitions}".encode("utf-8", "replace")).hexdigest()[:8]
    html = github_markdown.to_html(text, definitions, mark)
    if len(html) > LARGEST_HTML:
        raise ValueError("too much HTML for a page")
    return sanitised(html, mark)


def sanitised(html: str, mark: str) -> str:
    """Only the tags, attributes and addresses above. Ids, but our footnotes', are told from the page's."""
    own_ids = re.compile(rf"#?fn(ref)?-{mark}-\d+(:\d+)?")

    def kept(_tag: str, attribute: str, value: str) -> str | None:
        if attribute in ("id", "name"):
            return value if own_ids.fullmatch(value) else anchors.of_author(value)
        if attribute == "href":
            return value if own_ids.fullmatch(value) else anchors.link(value)
        if attribute == "class":
            ours = f"{github_markdown.MENTION}{mark}"
            return " ".join(word for word in value.split() if word == ours or CLASSES.fullmatch(word)) or None
        return value

    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=kept,
        # A long line scrolls within its block, which the keyboard must be able to reach.
        set_tag_attribute_values={"pre": {"tabindex": "0"}, "table": {"tabindex": "0"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _answer(question: bytes) -> bytes | None:
    try:
        text, _, definitions = question.decode("utf-8").partition(DEFINITIONS)
        return to_html(text, definitions).encode("utf-8")
    except (RecursionError, MemoryError, ValueError):
        return None


if __name__ == "__main__":
    child_processes.serve(_answer, MEMORY)
