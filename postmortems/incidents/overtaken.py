"""Stale saves: merges an edit with one that was saved in the meantime."""

from __future__ import annotations

from dataclasses import replace

from postmortems.document import part_ids, part_merge
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.document.three_way_merge import Lean
from postmortems.errors import NotFound
from postmortems.incidents import guard_remarks, queries, rows
from postmortems.incidents.items import item_ids
from postmortems.incidents.models import Incident


def merged(incident: Incident, mine: Document, version: int, *, leans: Lean = "") -> Document | None:
    """What is stored with the edit of `version` that `mine` is; None where both changed the same part.

    `leans`, as in `three_way_merge`, gives a document to begin from instead. Of a version that there never
    was nothing is known, so each line that differs is changed by both.
    """
    base, normal, stored = _edits(incident, mine, version)
    found = part_merge.merged(base, normal, stored, leans=leans)
    if found is None:
        return None
    found = part_ids.recognised(found, stored, normal)
    return _without_gone(found, {item.id for item in stored.items})


def choices(incident: Incident, mine: Document, version: int) -> list[part_merge.Choice]:
    """The fields of one value that both edits changed."""
    return part_merge.choices(*_edits(incident, mine, version))


def _edits(incident: Incident, mine: Document, version: int) -> tuple[Document, Document, Document]:
    """What was edited, `mine` in its normal form, and what is stored."""
    stored = guard_remarks.bare(rows.to_document(incident))
    try:
        base = guard_remarks.bare(parser.parse(queries.revision(incident, version).text))
    except NotFound:
        base = Document()
    normal = part_ids.recognised(guard_remarks.bare(parser.normal(mine)), mine)
    return base, item_ids.recognised(normal, base), stored


def _without_gone(document: Document, known: set[str]) -> Document:
    """An item that was taken out since and edited here is a new one: its number is not given again."""
    return document.with_items(lambda item: item if item.id in known else replace(item, id=""))
