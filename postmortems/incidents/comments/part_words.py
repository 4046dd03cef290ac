"""Words of a document's parts: what a comment is about, and what a suggestion puts in their place. Pure."""

from __future__ import annotations

from dataclasses import replace

from postmortems.document import part_ids
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section

LONGEST_LABEL = 90

Part = Section | Prose | Entry | Category | Item


def words(part: Part) -> str:
    """What a suggestion for the part replaces: its text, or its heading."""
    return part.heading if isinstance(part, Section | Category) else part.text


def quoted(part: Part) -> str:
    """All that the part says, as it is compared and shown; of a section its heading, of an item its text."""
    if isinstance(part, Entry):
        head = " ".join(filter(None, (part.written, part.title)))
        return "\n\n".join(filter(None, (head, part.text)))
    return words(part)


def label(part: Part) -> str:
    """The part on one line, as lists call it."""
    said = " ".join(quoted(part).split())
    if isinstance(part, Section):
        said = f"Section {said}" if said else "The part above the first heading"
    elif isinstance(part, Item):
        said = f"{part.id} {said}"
    return said if len(said) <= LONGEST_LABEL else said[: LONGEST_LABEL - 1] + "…"


def replaced(document: Document, part_id: str, text: str) -> Document:
    """The document with other words in that part, which is there."""
    sections = []
    for section in document.sections:
        blocks = tuple(_with(block, text) if block.id == part_id else block for block in section.blocks)
        here = replace(section, blocks=blocks)
        sections.append(replace(here, heading=text) if section.id == part_id else here)
    return replace(document, sections=tuple(sections))


def _with(block: Prose | Entry | Category | Item, text: str) -> Prose | Entry | Category | Item:
    return replace(block, heading=text) if isinstance(block, Category) else replace(block, text=text)


def labels(document: Document) -> list[tuple[str, str]]:
    """Every part that can be spoken of, by id, in the document's order."""
    parts = part_ids.by_id(document)
    ids = [
        each.id for section in document.sections for each in (section, *section.blocks) if each.id in parts
    ]
    return [(each, label(parts[each])) for each in ids]
