"""An incident's document as a page of Confluence in storage format. Pure.

Read back, it is the same report: what its front matter says stands in page properties above it, entries are
headings, and items are tasks with what is said of them in small code behind their words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from postmortems.document.markdown import front_matter, prose_markers, writer
from postmortems.document.markdown.items import item_fields
from postmortems.document.model import Block, Category, Document, Item, Prose, Section
from postmortems.document.readers.confluence import properties
from postmortems.document.text import one_line, tidy
from postmortems.exchange.exports.confluence_markup import attribute, inline, macro, parameter, storage, words

CLOSED = "done"


def written(document: Document, *, title: bool = True) -> str:
    """The page's body; with its `title` above it, where the page itself has no other place for one."""
    # What stands beside a title in the front matter is a heading like any other.
    name = one_line(document.title or document.heading)
    head = f"<h1>{words(name)}</h1>\n" if title and name else ""
    parts = [_properties(document), *(_section(section) for section in document.sections)]
    return head + "\n".join(filter(None, parts)) + "\n"


def _properties(document: Document) -> str:
    """What the front matter says but the title, as a table that reports on pages can read."""
    said = front_matter.write(writer.stated(replace(document, title="")), ())[1:-1]
    rows = [(key, value) for key, _, value in (line.partition(": ") for line in said)]
    rows += [(key, raw) for key, raw in document.extra if key and raw]
    if not rows:
        return ""
    lines = "".join(f"<tr><th>{words(key)}</th><td>{_raw(value)}</td></tr>" for key, value in rows)
    table = f"<ac:rich-text-body><table><tbody>{lines}</tbody></table></ac:rich-text-body>"
    return macro("details", parameter("id", properties.OURS) + table)


def _raw(value: str) -> str:
    """A value as it is written; one of several lines keeps them."""
    return "<br />".join(f"<code>{words(line)}</code>" if line else "" for line in value.split("\n"))


def _section(section: Section) -> str:
    heading = one_line(section.heading)
    if not section.items:
        return storage(writer.section(section))
    head = f"<h2>{inline(heading)}</h2>\n" if heading else ""
    return head + "\n".join(_blocks(section.blocks))


def _blocks(blocks: Sequence[Block]) -> Iterator[str]:
    for is_items, group in groupby(blocks, key=lambda block: isinstance(block, Item)):
        if is_items:
            tasks = "".join(_task(block) for block in group if isinstance(block, Item))
            yield f"<ac:task-list>\n{tasks}</ac:task-list>"
            continue
        for block in group:
            yield _other(block)


def _other(block: Block) -> str:
    """What stands between items: prose between marks, or a list in it would be taken for items."""
    if isinstance(block, Category):
        return f"<h3>{inline(one_line(block.heading))}</h3>"
    if isinstance(block, Prose):
        return f"{prose_markers.PROSE}{storage(tidy(block.text))}{prose_markers.PROSE_END}"
    return storage(writer.section(Section("", (block,))))


def _task(item: Item) -> str:
    status = "complete" if item.status == CLOSED else "incomplete"
    said = item_fields.write(
        replace(item, due=None, status="" if item.status in ("open", CLOSED) else item.status)
    )
    chips = [f"<code>{words(line.removeprefix('- '))}</code>" for line in said]
    chips += [f"<time datetime={attribute(item.due.isoformat())} />"] if item.due else []
    text = tidy(item.text)
    body = inline(text) if "\n" not in text else storage(text)
    return (
        f"<ac:task><ac:task-status>{status}</ac:task-status>"
        f"<ac:task-body>{' '.join([body, *chips])}</ac:task-body></ac:task>\n"
    )
