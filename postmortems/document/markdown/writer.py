"""Document to canonical Markdown: the layout is decided by the document alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from postmortems.document.markdown import front_matter, prose_markers, section_roles, severities
from postmortems.document.markdown.action_items import NOTHING, label
from postmortems.document.markdown.items import item_fields
from postmortems.document.markdown.tokens import heading, sealed
from postmortems.document.model import Block, Category, Document, Entry, Item, Prose, Section
from postmortems.document.parse_cache import by_object
from postmortems.document.text import is_blank, one_line, paragraphs, tidy
from postmortems.document.times import prefix

# Lines that would be read as something else where prose stands among items.
UNSAFE = re.compile(
    r"^(?:[ \t]|[-*+](?:\s|$)|\d{1,9}[.)](?:\s|$)|#|\||=+\s*$|-+\s*$|<|&lt;|\*\*|__)", re.MULTILINE
)


# A save writes a document several times over, and most of it as it was before.
MOST_HELD, LONGEST_HELD = 4_096, 1_000


# A save asks for the text of one document more than once.
@by_object(most=4)
def write(document: Document) -> str:
    """The document as canonical Markdown."""
    parts = [_front(document)]
    if one_line(document.heading):
        parts.append(heading(1, one_line(document.heading)))
    parts += [section(each) for each in document.sections]
    text = "\n\n".join(part for part in parts if part)
    return f"{text}\n" if text else ""


def _front(document: Document) -> str:
    known = stated(document)
    if known or document.extra or _begins_like_front_matter(document):
        return "\n".join(front_matter.write(known, document.extra))
    return ""


def stated(document: Document) -> list[tuple[str, str | tuple[str, ...]]]:
    """The keys that we know of the front matter, in their order, each with what the document says."""
    known: list[tuple[str, str | tuple[str, ...]]] = [
        ("title", one_line(document.title)),
        ("date", document.date.isoformat() if document.date else ""),
        ("timezone", one_line(document.timezone)),
        ("severity", document.severity),
        ("status", document.status),
        ("recurrence_of", document.recurrence_of),
        ("services", tuple(filter(None, map(one_line, document.services)))),
        ("tags", tuple(filter(None, map(one_line, document.tags)))),
        ("restricted", tuple(filter(None, map(one_line, document.restricted)))),
    ]
    return [(key, value) for key, value in known if value or (key == "severity" and _is_denied(document))]


def _is_denied(document: Document) -> bool:
    """Whether the text tells a severity that the document does not have."""
    is_open = not document.severity and "severity" not in dict(document.extra)
    return is_open and bool(severities.stated(document.title, document.sections, document.extra))


def _begins_like_front_matter(document: Document) -> bool:
    """A document whose first line is a rule gets an empty front matter, so that the rule stays one."""
    first = section(document.sections[0]) if document.sections and not document.heading else ""
    return first.startswith(("---", "+++"))


def section(section: Section) -> str:
    """A section with its heading, as it stands in the document."""
    name = heading_of(section)
    return paragraphs(heading(2, name) if name else "", *_blocks(section))


def heading_of(section: Section) -> str:
    """The heading of a section, with the mark that it needs."""
    return " ".join(filter(None, [one_line(section.heading), _mark(section)]))


def _first(section: Section) -> Block | None:
    """The first block that says what the section is: a section holds entries or items, as its first says."""
    return next((block for block in section.blocks if not isinstance(block, Prose)), None)


def _mark(section: Section) -> str:
    """What the heading must say because its name does not."""
    first, is_items = _first(section), section_roles.promised(section.heading) == "action_items"
    if isinstance(first, Entry) and is_items:
        return prose_markers.TIMELINE
    return prose_markers.ACTION_ITEMS if isinstance(first, Item | Category) and not is_items else ""


def _blocks(section: Section) -> Iterator[str]:
    first = _first(section)
    if isinstance(first, Entry):
        return _entries(section.blocks)
    if first or section_roles.promised(section.heading) == "action_items":
        return _items(section.blocks)
    return (sealed(tidy(block.text)) for block in section.blocks if isinstance(block, Prose))


def _entries(blocks: Sequence[Block]) -> Iterator[str]:
    follows_entry = False
    for block in blocks:
        text = _stray(block) if isinstance(block, Category | Item) else ""
        if isinstance(block, Entry):
            text = entry(block)
        elif isinstance(block, Prose):
            text = sealed(tidy(block.text))
            if follows_entry and text and not text.startswith("### "):
                yield prose_markers.PROSE
        yield text
        follows_entry = isinstance(block, Entry)


def _stray(block: Block) -> str:
    """A category, or a block in a section of the other sort, whose words are kept where it stood."""
    if isinstance(block, Entry):
        return entry(block)
    if isinstance(block, Item):
        return item(block, 1)
    name = one_line(block.heading) if isinstance(block, Category) else ""
    return heading(3, name) if name else ""


def entry(entry: Entry) -> str:
    """A timeline entry under its heading."""
    is_short = len(entry.written) + len(entry.title) + len(entry.text) < LONGEST_HELD
    return _entry_held(entry) if is_short else _entry(entry)


def _entry(entry: Entry) -> str:
    written, title, text = one_line(entry.written), one_line(entry.title), sealed(tidy(entry.text))
    stamp = " - ".join(filter(None, [written, title]))
    said = f"- {title}" if title and not written else stamp
    day = None if title or text or entry.kind or not prefix.is_time(written) else prefix.of_heading(written)
    if prefix.parts(stamp) != (written, title) or (day and day.is_day):
        said = f"{said} {prose_markers.ENTRY}".strip()
    return paragraphs(heading(3, said), text, f"- Kind: {entry.kind}" if entry.kind else "")


def _items(blocks: Sequence[Block]) -> Iterator[str]:
    """Items with their numbers; prose among them between marks, where it would be taken for one."""
    listed: list[str] = []
    for at, block in enumerate(blocks):
        if isinstance(block, Item):
            listed.append(item(block, len(listed) + 1))
            continue
        yield "\n".join(listed)
        listed = []
        text = sealed(tidy(block.text)) if isinstance(block, Prose) else _stray(block)
        is_marked = isinstance(block, Prose) and text and not _stays_prose(text, blocks, at)
        yield paragraphs(prose_markers.PROSE, text, prose_markers.PROSE_END) if is_marked else text
    yield "\n".join(listed)


def _stays_prose(text: str, blocks: Sequence[Block], at: int) -> bool:
    """Whether prose among items is read as prose without a mark."""
    if UNSAFE.search(text) or label(text.rpartition("\n\n")[2]):
        return False
    if not any(isinstance(block, Category) for block in blocks[:at]):
        return True
    if any(isinstance(block, Item) for block in _group(blocks, at)):
        return True
    return all(
        NOTHING.fullmatch(paragraph) or paragraph.endswith((":", "?")) for paragraph in text.split("\n\n")
    )


def _group(blocks: Sequence[Block], at: int) -> Iterator[Block]:
    """The blocks that stand under the same category."""
    start = next((i for i in range(at, -1, -1) if isinstance(blocks[i], Category)), 0)
    end = next((i for i in range(at + 1, len(blocks)) if isinstance(blocks[i], Category)), len(blocks))
    return iter(blocks[start:end])


def item(item: Item, number: int) -> str:
    """An action item as one item of a list, with what is said about it below."""
    said = (item.text, item.owner, item.team, item.done_when, item.outcome, item.evidence)
    size = sum(map(len, (*said, item.reason, *item.tickets, *item.guards)))
    return _item_held(item, number) if size < LONGEST_HELD else _item(item, number)


def _item(item: Item, number: int) -> str:
    marker = f"{number}. "
    text, keys = sealed(tidy(item.text)), list(item_fields.write(item))
    last = text.rpartition("\n")[2]
    is_close = last == text or (last.startswith("- ") and "<" not in text)
    body = [*text.split("\n"), *([] if is_close or not keys else [""]), *keys] if text else ["", *keys]
    indent = " " * len(marker)
    return "\n".join(
        [(marker + body[0]).rstrip(), *(indent + line if not is_blank(line) else "" for line in body[1:])]
    )


_entry_held = lru_cache(maxsize=MOST_HELD)(_entry)
_item_held = lru_cache(maxsize=MOST_HELD)(_item)
