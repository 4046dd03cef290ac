"""A public report's first words, drawn from the incident's document. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from postmortems.document.markdown.references import References
from postmortems.document.model import Block, Category, Document, Entry, Item, Prose, Section
from postmortems.incidents.public_reports.rules import PublicSection

# "Sam Lee: it is down": who said something in a chat, where the name is more than a word.
SPEAKER = re.compile(r"^\**@?((?:[^\W\d_a-z][\w'’.-]*)(?: [^\W\d_a-z][\w'’.-]*){1,3})\**:", re.MULTILINE)
OF_PEOPLE = re.compile(r"author|owner|lead|commander|responder|reviewer|scribe|people|participants|attendees")


def section(document: Document, part: str, entries: Collection[str] | None = None) -> PublicSection | None:
    """The incident's section of that id as Markdown, None where it has none.

    `entries` are the ids of the timeline's entries to take; all, where that is None. Of action items only
    what will be changed is said: neither who does it nor by when.
    """
    found = next((each for each in document.sections if each.id == part), None)
    if found is None:
        return None
    text = "\n\n".join(_joined(_pieces(found, entries)))
    defined = references(document).for_text(text)
    return PublicSection(found.heading, f"{text}\n\n{defined}".strip(), part)


def references(document: Document) -> References:
    """What the document's texts define for each other."""
    blocks = (block for each in document.sections for block in each.blocks)
    return References(block.text for block in blocks if not isinstance(block, Category))


def _pieces(found: Section, entries: Collection[str] | None) -> Iterator[tuple[str, str]]:
    for block in found.blocks:
        if not isinstance(block, Entry) or entries is None or block.id in entries:
            yield _written(block)


def _written(block: Block) -> tuple[str, str]:
    if isinstance(block, Prose):
        return "prose", block.text
    if isinstance(block, Category):
        return "category", f"### {block.heading}"
    if isinstance(block, Item):
        return "row", _row(block.text)
    said = ": ".join(part for part in (block.title, block.text) if part)
    return "row", _row(f"**{block.written}** {said}" if block.written else said)


def _row(text: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join([f"- {first}", *(f"  {line}" if line.strip() else "" for line in rest)])


def _joined(pieces: Iterator[tuple[str, str]]) -> Iterator[str]:
    """Rows that follow each other are one list."""
    rows: list[str] = []
    for kind, text in pieces:
        if kind == "row":
            rows.append(text)
            continue
        if rows:
            yield "\n".join(rows)
            rows = []
        yield text
    if rows:
        yield "\n".join(rows)


def people(document: Document) -> frozenset[str]:
    """Whom the document names besides accounts: owners, readers, speakers, and people of its front matter."""
    named = {item.owner for item in document.items} | set(document.restricted)
    for entry in document.entries:
        named |= set(SPEAKER.findall(f"{entry.title}\n{entry.text}"))
    for key, written in document.extra:
        if OF_PEOPLE.search(key.lower()):
            named |= {part.strip(" -\t") for part in re.split(r"[\[\],;\n\"']+|\band\b", written)}
    return frozenset(name for name in named if name)


def tickets(document: Document) -> frozenset[str]:
    """The tickets of its action items, and the ends of those that are addresses."""
    written = {ticket for item in document.items for ticket in item.tickets}
    return frozenset(ticket for ticket in written if "://" not in ticket)
