"""An incident's document as a web page that Google Docs opens as a document. Pure.

Its marks are those of Docs' own downloads: the title has the class `title`, looks are classes of a style
sheet. Upload the file to Drive, and open it with Docs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from postmortems.document.markdown import front_matter, writer
from postmortems.document.markdown.items import item_fields
from postmortems.document.model import Block, Category, Document, Item, Prose, Section
from postmortems.document.readers.gdocs import page
from postmortems.document.text import one_line, tidy
from postmortems.exchange.exports import plain_marks

BOXES = {"done": "☑ ", "": ""}
BREAK = re.compile(r"&lt;br ?/?&gt;", re.IGNORECASE)
TASK = re.compile(r"\[([ xX])\] ")
STYLES = (
    ".c1{font-weight:700}.c2{font-style:italic}.c3{text-decoration:line-through}"
    '.c4{font-family:"Courier New"}.title{font-size:26pt}.subtitle{font-size:15pt;color:#666666}'
)
ALERT = re.compile(r"^((?:> ?)+)\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*\n(?:> ?)+", re.MULTILINE)
DEEPEST = 40
TAGS = {"strong": "c1", "em": "c2", "s": "c3"}


def written(document: Document) -> str:
    """The page."""
    return plain_marks.spared(document, _page, page.to_markdown)


def _page(document: Document, is_marked: bool) -> str:
    name = one_line(document.title or document.heading)
    head = f'<p class="title" id="h.title00">{escape(name)}</p>\n' if name else ""
    texts = [_section(section, is_marked) for section in document.sections]
    if texts and not document.sections[0].heading:
        texts[0] = _lead(texts[0])
    sections = "\n".join(texts)
    return (
        '<html><head><meta content="text/html; charset=UTF-8" http-equiv="content-type">'
        f'<title>{escape(name)}</title><style type="text/css">{STYLES}</style></head>\n'
        f'<body class="doc-content">\n{head}{_properties(document)}{sections}\n</body></html>\n'
    )


def _properties(document: Document) -> str:
    """The day below the title, and what else the front matter says, a line each."""
    day = f'<p class="subtitle">{document.date.isoformat()}</p>\n' if document.date else ""
    said = front_matter.write(writer.stated(replace(document, title="", date=None)), ())[1:-1]
    pairs = [
        (key.replace("_", " ").capitalize(), value.strip("[]"))
        for key, _, value in (line.partition(": ") for line in said)
    ]
    pairs += [(key, one_line(raw)) for key, raw in document.extra if key and one_line(raw)]
    lines = (f'<p><span class="c1">{escape(key)}:</span> {escape(value)}</p>\n' for key, value in pairs)
    return day + "".join(lines)


def _section(section: Section, is_marked: bool) -> str:
    if not section.items:
        text = writer.section(section)
        return html(plain_marks.without_comments(text) if is_marked else plain_marks.without(text))
    name = writer.heading_of(section) if is_marked else one_line(section.heading)
    head = html(f"## {name}") if name else ""
    return head + "".join(_blocks(section.blocks))


def _lead(text: str) -> str:
    """What stands above all headings, held apart from the report's own keys before it.

    An author's `**Status:** published` looks as such a key does. It shows nowhere, and Docs does not keep it.
    """
    return f"<section>\n{text}</section>\n"


def _blocks(blocks: Sequence[Block]) -> Iterator[str]:
    listed: list[str] = []
    for block in [*blocks, None]:
        if isinstance(block, Item):
            listed.append(_task(block))
            continue
        yield f"<ul>\n{''.join(listed)}</ul>\n" if listed else ""
        listed = []
        if isinstance(block, Category):
            yield html(f"### {one_line(block.heading)}")
        elif isinstance(block, Prose):
            yield html(tidy(block.text))
        elif block is not None:
            yield html(writer.section(Section("", (block,))))


def _task(item: Item) -> str:
    """An item with its box before it, as far as its state is known, and a list of what is said of it."""
    is_told = item.status in ("open", "done", "")
    said = list(item_fields.write(replace(item, status="" if is_told else item.status)))
    lines = "".join(f"<li>{escape(line.removeprefix('- '))}</li>" for line in said)
    more = f"<ul>{lines}</ul>" if said else ""
    text = html(tidy(item.text)).strip()
    box = BOXES.get(item.status, "☐ ")
    inner = f"<p>{box}{text[len('<p>') :]}" if text.startswith("<p>") else box + text
    return f"<li>{inner}{more}</li>\n"


def html(text: str) -> str:
    """A text of Markdown as HTML; HTML in it is the words that it is, but for line breaks."""
    rendered: str = _markdown().render(ALERT.sub(_alert, text))
    return rendered


@cache
def _markdown() -> MarkdownIt:
    """Markdown as Docs takes it: looks as classes, boxes as signs."""
    reader = MarkdownIt("commonmark", {"maxNesting": DEEPEST, "html": False}).enable(
        ["table", "strikethrough"]
    )
    for name in TAGS:
        reader.add_render_rule(f"{name}_open", _open)
        reader.add_render_rule(f"{name}_close", _close)
    reader.add_render_rule("text", _text)
    reader.add_render_rule("code_inline", _code)
    reader.add_render_rule("fence", _listing)
    reader.add_render_rule("code_block", _listing)
    return reader


def _open(self: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    return f'<span class="{TAGS[tokens[at].type.removesuffix("_open")]}">'


def _close(self: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    return "</span>"


def _text(self: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    said = TASK.sub(_sign, tokens[at].content, count=1) if at == 0 else tokens[at].content
    return BREAK.sub("<br>", escape(said, quote=False))


def _sign(box: re.Match[str]) -> str:
    if box.start():
        return box.group()
    return "☐ " if box[1] == " " else "☑ "


def _code(self: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    return f'<span class="c4">{escape(tokens[at].content, quote=False)}</span>'


def _listing(self: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """A block of code as paragraphs in a typeface of fixed width, which is all that Docs has for it."""
    lines = tokens[at].content.rstrip("\n").split("\n")
    kept = (escape(line, quote=False).replace("  ", "&nbsp; ") or "&nbsp;" for line in lines)
    return "<p>" + "<br>".join(f'<span class="c4">{line}</span>' for line in kept) + "</p>\n"


def _alert(mark: re.Match[str]) -> str:
    return f"{mark[1]}**{mark[2].capitalize()}:** "
