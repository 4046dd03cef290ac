"""Change one action item inside its document. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from postmortems.document.model import Block, Document, Item


def with_item(document: Document, ref: str, **changes: Any) -> Document:
    """The document with the item's fields changed; ids are unique, so at most one item changes."""

    def changed(block: Block) -> Block:
        return replace(block, **changes) if isinstance(block, Item) and block.id == ref else block

    sections = tuple(
        replace(section, blocks=tuple(changed(block) for block in section.blocks))
        for section in document.sections
    )
    return replace(document, sections=sections)


def places(document: Document) -> Iterator[tuple[str, Item]]:
    """Each item with its JSON pointer, in the document's order."""
    for number, section in enumerate(document.sections):
        for place, block in enumerate(section.blocks):
            if isinstance(block, Item):
                yield f"/sections/{number}/blocks/{place}", block
