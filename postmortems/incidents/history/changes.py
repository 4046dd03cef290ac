"""What a save changed, as rows for the list of versions: fields, sections, entries, items. Pure.

A row is `{"part": "field" | "section" | "entry" | "item" | "category" | "more", "name": …, "changes": […]}`,
and what else there is to say: `section` (where it stands), `was` (a heading), `moved_from`, and `fields`,
each with its `name`, `old` and `new`. Long values are cut; texts that changed are told by name alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from postmortems.document.part_diff import BlockChange, DocumentDiff, FieldChange, SectionChange

Row = dict[str, Any]

MOST_ROWS = 60
LONGEST = 120
# What is written in sentences: where it differs, the comparison shows it.
TEXTS = {"text", "done_when", "outcome", "evidence", "reason", "extra"}


def rows(diff: DocumentDiff) -> list[Row]:
    """What differs, in the document's order, at most so many; the last row then counts the others."""
    found = [*_front(diff.fields), *(row for section in diff.sections for row in _section(section))]
    if len(found) <= MOST_ROWS:
        return found
    return [*found[:MOST_ROWS], {"part": "more", "name": str(len(found) - MOST_ROWS), "changes": []}]


def _front(changed: Sequence[FieldChange]) -> Iterator[Row]:
    for field in changed:
        yield {"part": "field", "name": field.name, "changes": ["changed"], "fields": [_field(field)]}


def _section(section: SectionChange) -> Iterator[Row]:
    row: Row = {"part": "section", "name": section.heading, "changes": list(section.changes)}
    if section.was:
        row["was"] = section.was
    yield row
    if "added" in section.changes or "removed" in section.changes:
        yield from (_block(section, block) for block in section.blocks if block.kind == "item")
    else:
        yield from (_block(section, block) for block in section.blocks if block.kind != "prose")


def _block(section: SectionChange, block: BlockChange) -> Row:
    row: Row = {"part": block.kind, "name": _short(block.name), "changes": list(block.changes)}
    row["section"] = section.heading
    if block.moved_from and block.moved_from != section.heading:
        row["moved_from"] = block.moved_from
    if fields := [_field(field) for field in block.fields]:
        is_whole = "added" in block.changes or "removed" in block.changes
        row["fields"] = [field for field in fields if field["name"] == "text"] if is_whole else fields
    return row


def _field(field: FieldChange) -> dict[str, str]:
    if field.name in TEXTS and field.old and field.new:
        return {"name": field.name}
    return {"name": field.name, "old": _short(field.old), "new": _short(field.new)}


def _short(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
