"""A comparison of two versions as plain values, word by word, for the API and the page. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import unified_diff
from typing import Any

from postmortems.document.part_diff import BlockChange, DocumentDiff, FieldChange, SectionChange
from postmortems.document.word_diff import MOST_PAIRS, Budget, compared

# For one answer, all its texts together.
PAIRS = 3 * MOST_PAIRS
Told = dict[str, Any]


def told(diff: DocumentDiff) -> Told:
    """`fields` of the front matter, `sections` with their `blocks`, each field with `old`, `new` and `words`.

    `by_line` says that somewhere so much differs that lines or whole texts stand for each other, not words.
    """
    budget, coarse = Budget(PAIRS), list[bool]()

    def field(change: FieldChange) -> Told:
        found = compared(change.old, change.new, budget)
        coarse.append(found.by_line)
        words = [{"op": span.op, "text": span.text} for span in found.spans]
        return {"name": change.name, "old": change.old, "new": change.new, "words": words}

    def block(change: BlockChange) -> Told:
        named = {"kind": change.kind, "name": change.name, "changes": list(change.changes)}
        return named | {"moved_from": change.moved_from, "fields": fields(change.fields)}

    def section(change: SectionChange) -> Told:
        named = {"heading": change.heading, "was": change.was, "changes": list(change.changes)}
        return named | {"section": change.old_place, "blocks": [block(each) for each in change.blocks]}

    def fields(changes: Iterable[FieldChange]) -> list[Told]:
        return [field(each) for each in changes]

    parts = {"fields": fields(diff.fields), "sections": [section(each) for each in diff.sections]}
    return parts | {"by_line": any(coarse)}


def as_patch(before: str, after: str, names: tuple[str, str]) -> str:
    """The two Markdown texts as a unified diff; `names` stand in its head."""
    lines = unified_diff(before.splitlines(), after.splitlines(), *names, lineterm="")
    return "".join(f"{line}\n" for line in lines)
