"""Stale saves: merges an edit with one that was saved in the meantime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from postmortems.db.session import session
from postmortems.document import double_moves, part_ids, part_merge, word_diff
from postmortems.document.markdown import parser
from postmortems.document.markdown.items import emptied_fields
from postmortems.document.model import Block, Document, Item
from postmortems.document.three_way_merge import Lean
from postmortems.errors import NotFound, Stale
from postmortems.incidents import change_summary, guard_remarks, queries, rows, validation
from postmortems.incidents.items import item_ids
from postmortems.incidents.models import Incident

NOTED = "brought together"
# The fields by which a row is told from others.
SAYING = ("written", "title", "heading", "text")


@dataclass(frozen=True, slots=True)
class Together:
    """An edit of version `edited`, stored with what others changed in `parts` up to version `onto`.

    `moved` are the rows that both edits moved: they stand where this one put them.
    """

    edited: int
    onto: int
    parts: tuple[str, ...]
    moved: tuple[str, ...]


def brought_together(incident: Incident, mine: Document, version: int) -> Document:
    """What `merged` gives; `together_of` tells of it in this unit of work. Raises `Stale`."""
    base, normal, stored = _edits(incident, mine, version)
    found = part_merge.merged(base, normal, stored)
    if found is None or _saved(incident, version) is None:
        raise stale(incident, mine, version)
    parts = tuple(change_summary.parts(base, stored))
    once = double_moves.settled(base, normal, stored, found)
    moved = tuple(map(_row, once.rows))
    session().info[NOTED, incident.id] = Together(version, incident.version, parts, moved)
    together = _settled(once.document, base, normal, stored)
    # Two edits that are short enough can be too long together.
    validation.refuse(together)
    return together


def _row(block: Block) -> str:
    said = [block.id if isinstance(block, Item) else "", *(getattr(block, name, "") for name in SAYING)]
    return change_summary.quote(" ".join(filter(None, said)))


def together_of(incident: Incident) -> Together | None:
    """What the save of this unit of work was brought together with; None where nobody had saved between."""
    return session().info.get((NOTED, incident.id))


def stale(incident: Incident, mine: Document, version: int) -> Stale:
    """The refusal of an edit of `version`: the texts of both, what they began from and where they clash."""
    base, normal, stored = _edits(incident, mine, version)
    together = part_merge.merged(base, normal, stored, leans="both")
    return Stale(
        f"somebody saved version {incident.version} while you edited version {version}",
        version=incident.version,
        base=parser.write(base),
        mine=parser.write(mine),
        theirs=parser.write(stored),
        merged="" if together is None else parser.write(together),
        differs=change_summary.parts(stored, normal),
        clashes=[_told(clash) for clash in part_merge.clashes(base, normal, stored)],
    )


def _told(clash: part_merge.Clash) -> dict[str, Any]:
    told = {"kind": clash.kind, "part": clash.part, "field": clash.field}
    texts = {"base": clash.base, "theirs": clash.theirs, "yours": clash.mine}
    words = {"theirs_words": _words(clash.base, clash.theirs), "yours_words": _words(clash.base, clash.mine)}
    return told | texts | words


def _words(before: str, after: str) -> list[dict[str, str]]:
    return [{"op": span.op, "text": span.text} for span in word_diff.compared(before, after).spans]


def merged(incident: Incident, mine: Document, version: int, *, leans: Lean = "") -> Document | None:
    """What is stored with the edit of `version` that `mine` is; None where both changed the same part.

    `leans`, as in `three_way_merge`, gives a document to begin from instead. Of a version that there never
    was nothing is known, so each line that differs is changed by both.
    """
    base, normal, stored = _edits(incident, mine, version)
    found = part_merge.merged(base, normal, stored, leans=leans)
    return None if found is None else _settled(_once(base, normal, stored, found), base, normal, stored)


def chosen(incident: Incident, mine: Document, version: int, leans: Sequence[Lean]) -> Document | None:
    """What is stored with the edit of `version`, each clash as chosen; None where they are others by now."""
    base, normal, stored = _edits(incident, mine, version)
    found = part_merge.chosen(base, normal, stored, leans)
    return None if found is None else _settled(_once(base, normal, stored, found), base, normal, stored)


def _once(base: Document, mine: Document, stored: Document, found: Document) -> Document:
    return double_moves.settled(base, mine, stored, found).document


def _settled(found: Document, base: Document, mine: Document, stored: Document) -> Document:
    """What was merged, with the ids that its parts had, and without what either took from an item."""
    found = part_ids.recognised(found, stored, mine)
    found = emptied_fields.merged(found, item_ids.recognised(base, stored), mine, stored)
    return _without_gone(found, {item.id for item in stored.items})


def began_from(incident: Incident, version: int, *others: Document) -> Document | None:
    """What was edited, with the ids that its parts have in the `others`; None where it never was.

    The text of a version has no ids, so a part that all of the others rewrote has none.
    """
    saved = _saved(incident, version)
    return None if saved is None else part_ids.recognised(saved, *others)


def choices(incident: Incident, mine: Document, version: int) -> list[part_merge.Choice]:
    """The fields of one value that both edits changed."""
    return part_merge.choices(*_edits(incident, mine, version))


def _edits(incident: Incident, mine: Document, version: int) -> tuple[Document, Document, Document]:
    """What was edited, `mine` in its normal form, and what is stored."""
    stored = guard_remarks.bare(rows.to_document(incident))
    base = _saved(incident, version) or Document()
    read = emptied_fields.kept(guard_remarks.bare(parser.normal(mine)), mine, stored)
    normal = part_ids.recognised(read, mine)
    return base, item_ids.recognised(normal, base), stored


def _saved(incident: Incident, version: int) -> Document | None:
    try:
        text = queries.revision(incident, version).text
    except NotFound:
        return None
    return guard_remarks.bare(parser.parse(text, is_stored=True))


def _without_gone(document: Document, known: set[str]) -> Document:
    """An item that was taken out since and edited here is a new one: its number is not given again."""
    return document.with_items(lambda item: item if item.id in known else replace(item, id=""))
