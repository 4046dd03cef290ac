"""An incident's document as a page that Notion imports: its own Markdown, as it exports pages itself. Pure.

What the front matter says are properties below the title, items are to-dos with what is said of them below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from postmortems.document.markdown import front_matter, prose_markers, writer
from postmortems.document.markdown.items import item_fields
from postmortems.document.markdown.tokens import heading, sealed
from postmortems.document.model import Block, Category, Document, Item, Prose, Section
from postmortems.document.readers.notion import markdown_page
from postmortems.document.text import is_blank, one_line, paragraphs, tidy
from postmortems.exchange.exports import plain_marks

# Behind a box Notion writes two blanks: by them the page is known as its own when it is read again.
BOXES = {"done": "[x]  ", "": ""}
OPEN = "[ ]  "
# As deep as every reader of Markdown takes it.
INDENT = "  "
BREAK = re.compile(r"<br>\n")


def written(document: Document) -> str:
    """The page, as Notion takes it."""
    return plain_marks.spared(document, _page, markdown_page.to_markdown)


def _page(document: Document, is_marked: bool) -> str:
    name = one_line(document.title or document.heading)
    sections = [_section(section, is_marked) for section in document.sections]
    text = paragraphs(heading(1, name) if name else "", "\n".join(_properties(document)), *sections)
    return f"{text}\n"


def _properties(document: Document) -> Iterator[str]:
    """`Date: 2018-01-25` and so on, a line each."""
    for line in front_matter.write(writer.stated(replace(document, title="")), ())[1:-1]:
        key, _, value = line.partition(": ")
        yield f"{key.replace('_', ' ').capitalize()}: {value.strip('[]')}"
    for key, raw in document.extra:
        if key and one_line(raw):
            yield f"{key}: {one_line(raw)}"


def _section(section: Section, is_marked: bool) -> str:
    if not section.items:
        text = writer.section(section)
        return BREAK.sub("\n", text if is_marked else plain_marks.without(text))
    name = writer.heading_of(section) if is_marked else one_line(section.heading)
    return paragraphs(f"## {name}" if name else "", *_blocks(section.blocks, is_marked))


def _blocks(blocks: Sequence[Block], is_marked: bool) -> Iterator[str]:
    listed: list[str] = []
    for block in blocks:
        if isinstance(block, Item):
            listed.append(_task(block))
            continue
        yield "\n".join(listed)
        listed = []
        yield _other(block, is_marked)
    yield "\n".join(listed)


def _other(block: Block, is_marked: bool) -> str:
    if isinstance(block, Category):
        return f"### {one_line(block.heading)}" if one_line(block.heading) else ""
    if isinstance(block, Prose):
        text = sealed(tidy(block.text))
        return paragraphs(prose_markers.PROSE, text, prose_markers.PROSE_END) if is_marked and text else text
    return writer.section(Section("", (block,)))


def _task(item: Item) -> str:
    """A to-do; of an item whose state nobody knows, a bullet."""
    text = sealed(tidy(item.text))
    is_told = item.status in ("open", "done", "")
    said = list(item_fields.write(replace(item, status="" if is_told else item.status)))
    lines = text.split("\n")
    is_close = len(lines) == 1 or lines[-1].startswith("- ")
    body = [*lines, *([] if is_close or not said else [""]), *said]
    first = f"- {BOXES.get(item.status, OPEN)}{body[0]}".rstrip()
    return "\n".join([first, *(INDENT + line if not is_blank(line) else "" for line in body[1:])])
