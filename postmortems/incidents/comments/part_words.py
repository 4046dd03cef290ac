"""Words of a document's parts: what a comment is about, and what a suggestion puts in their place. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from postmortems.document import part_ids
from postmortems.document.markdown import parser
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.errors import Invalid

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


def refuse_more(document: Document, part_id: str, text: str) -> None:
    """Raise `Invalid` where the words would be read as more than those of that part, which is there.

    What begins a section, an entry or an item makes another part of them; below an item a line may be read as
    its owner or status. Nothing at all takes a block away.
    """
    if not text.strip():
        return
    place = next(at for at, part in _placed(document) if part.id == part_id)
    now, then = (dict(_placed(parser.normal(each))) for each in (document, replaced(document, part_id, text)))
    if now.keys() == then.keys() and all(
        (_without_words(now[at]) == _without_words(then[at])) if at == place else now[at] == then[at]
        for at in now
    ):
        return
    raise Invalid(
        "would be read as more than the words of this part: leave out what begins a section, an entry or an "
        "item, and an item's fields",
        "/suggestion",
    )


def _placed(document: Document) -> Iterator[tuple[tuple[int, int], Part]]:
    """Each section, without what stands in it, and each block, by their places."""
    for at, section in enumerate(document.sections):
        yield (at, -1), replace(section, blocks=())
        for number, block in enumerate(section.blocks):
            yield (at, number), block


def _without_words(part: Part) -> Part:
    return replace(part, heading="") if isinstance(part, Section | Category) else replace(part, text="")


def _with(block: Prose | Entry | Category | Item, text: str) -> Prose | Entry | Category | Item:
    return replace(block, heading=text) if isinstance(block, Category) else replace(block, text=text)


def recalled(document: Document, remembered: Mapping[str, str]) -> Document:
    """The document whose parts without an id have the one remembered for their words, where it is free."""
    used = {part.id for _, part in part_ids.placed(document)}
    ids: dict[part_ids.Place, str] = {}
    for place, part in part_ids.placed(document):
        its = remembered.get(quoted(part), "")
        if its and not part.id and its not in used:
            ids[place] = its
            used.add(its)
    return document if not ids else part_ids.numbered(document, ids)


def labels(document: Document) -> list[tuple[str, str]]:
    """Every part that can be spoken of, by id, in the document's order."""
    parts = part_ids.by_id(document)
    ids = [
        each.id for section in document.sections for each in (section, *section.blocks) if each.id in parts
    ]
    return [(each, label(parts[each])) for each in ids]
