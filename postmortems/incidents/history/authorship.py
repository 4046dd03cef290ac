"""Who wrote what: for each part of a document the version that changed it last. Pure.

Noted as JSON that follows the document: `{"fields": {name: version}, "sections": [[version, [version, …]],
…]}`, the first number of a section for its heading and for what was taken out of it or moved, the others
for its blocks. 0 stands for a version from before this was noted.
"""

from __future__ import annotations

from typing import Any

from postmortems.document.model import Document, Section
from postmortems.document.part_diff import FRONT, moved_sections
from postmortems.document.part_pairs import Pairs, block_at

Written = dict[str, Any]


def begun(document: Document, version: int) -> Written:
    """Of a document that was written, or is first looked at, in this version."""
    fields = {name: version for name in FRONT if getattr(document, name)}
    return {
        "fields": fields,
        "sections": [[version, [version] * len(part.blocks)] for part in document.sections],
    }


def fits(written: Written | None, document: Document) -> bool:
    """Whether this was noted of a document of these sections and blocks."""
    if written is None:
        return False
    return [len(blocks) for _, blocks in written["sections"]] == [
        len(part.blocks) for part in document.sections
    ]


def followed(
    written: Written | None, before: Document, after: Document, pairs: Pairs, version: int
) -> Written:
    """What is noted of `after`, saved as this version, given what was noted of `before`."""
    known = written if written is not None and fits(written, before) else begun(before, 0)
    fields = {
        name: known["fields"].get(name, 0) if getattr(before, name) == getattr(after, name) else version
        for name in FRONT
        if getattr(before, name) or getattr(after, name)
    }
    moved = moved_sections(pairs)
    kept = {
        new: {pairs.blocks.get((new, at)) for at in range(len(part.blocks))}
        for new, part in enumerate(after.sections)
    }
    sections = []
    for new, part in enumerate(after.sections):
        old = pairs.sections.get(new)
        blocks = [_block(known, before, after, pairs, (new, at), version) for at in range(len(part.blocks))]
        is_as_it_was = (
            old is not None
            and new not in moved
            and before.sections[old].heading == part.heading
            and all((old, at) in kept[new] for at in range(len(before.sections[old].blocks)))
        )
        sections.append([known["sections"][old][0] if is_as_it_was else version, blocks])
    return {"fields": fields, "sections": sections}


def followed_in_place(written: Written | None, before: Document, after: Document, version: int) -> Written:
    """The same where all parts stand where they stood, and only blocks differ."""
    known = written if written is not None and fits(written, before) else begun(before, 0)
    fields = {name: known["fields"].get(name, 0) for name in FRONT if getattr(before, name)}
    sections = [
        told if was is now else [told[0], _versions(told[1], was, now, version)]
        for told, was, now in zip(known["sections"], before.sections, after.sections, strict=True)
    ]
    return {"fields": fields, "sections": sections}


def _versions(told: list[int], was: Section, now: Section, version: int) -> list[int]:
    both = zip(told, was.blocks, now.blocks, strict=True)
    return [number if old is new or old == new else version for number, old, new in both]


def _block(
    known: Written, before: Document, after: Document, pairs: Pairs, place: tuple[int, int], version: int
) -> int:
    old = pairs.blocks.get(place)
    if old is None or block_at(before, old) != block_at(after, place):
        return version
    return int(known["sections"][old[0]][1][old[1]])


def last_of(section: list[Any]) -> int:
    """The version that changed a section last: its heading, or any of its blocks."""
    versions: list[int] = [section[0], *section[1]]
    return max(versions)
