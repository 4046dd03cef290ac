"""Pages of Confluence as text: what Confluence gives, the Markdown it becomes, and what is read from that.

A sentence that says what the case shows.

=== source ===
=== markdown ===
=== read ===        title and date, then a line for each section, entry and item
=== unseen ===      words round the body and in it that are no text (absent where there are none)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from postmortems.document.model import Document, Entry, Item
from postmortems.document.times import incident_dates

FOLDER = Path(__file__).parents[2] / "confluence"
PART = re.compile(r"^=== (source|markdown|read|unseen) ===\n", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    name: str
    source: str
    markdown: str
    read: tuple[str, ...]
    unseen: tuple[str, ...]


def load(path: Path) -> Case:
    _, *rest = PART.split(path.read_text(encoding="utf-8"))
    parts = dict(zip(rest[::2], rest[1::2], strict=True))
    return Case(
        path.stem,
        parts["source"],
        parts["markdown"],
        tuple(parts["read"].splitlines()),
        tuple(parts.get("unseen", "").split()),
    )


def all_cases() -> list[Case]:
    return [load(path) for path in sorted(FOLDER.glob("*.md"))]


def told(document: Document) -> Iterator[str]:
    """What is read of a document, a line each."""
    yield f"title: {document.title}"
    yield f"date: {incident_dates.incident_date(document) or ''}"
    for section in document.sections:
        yield f"section: {section.heading}"
        for block in section.blocks:
            first = "" if not hasattr(block, "text") else (block.text.split("\n") or [""])[0]
            if isinstance(block, Entry):
                yield f"entry: {block.written} | {first}"
            if isinstance(block, Item):
                keys = " | ".join([block.status, block.owner, str(block.due or "")])
                yield f"item: {first} | {keys}"
