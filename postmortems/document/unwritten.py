"""Headings under which nobody has written: readers of what is published are not shown them. Pure.

A section that only has headings below it stays where there are words under one of those.
"""

from __future__ import annotations

from dataclasses import replace

from postmortems.document.model import Block, Category, Document, Section


def left_out(document: Document) -> Document:
    """The document without its sections, and categories of items, that say nothing but their heading."""
    sections = (replace(section, blocks=_told(section)) for section in document.sections)
    return replace(document, sections=tuple(section for section in sections if section.blocks))


def _told(section: Section) -> tuple[Block, ...]:
    blocks = section.blocks
    return tuple(block for at, block in enumerate(blocks) if not _is_bare(block, blocks[at + 1 : at + 2]))


def _is_bare(block: Block, behind: tuple[Block, ...]) -> bool:
    return isinstance(block, Category) and (not behind or isinstance(behind[0], Category))
