"""Adds a version to each of many incidents whose items alone changed, by few statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, insert, select, update

from postmortems.db.session import session
from postmortems.document import part_diff
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.incidents.history import authorship, changes, texts
from postmortems.incidents.models import Incident, Revision
from postmortems.incidents.parts.stored_parts import table_of

REVISIONS, INCIDENTS = table_of(Revision), table_of(Incident)
PACK = update(REVISIONS).where(
    REVISIONS.c.incident_id == bindparam("of_incident"), REVISIONS.c.version == bindparam("of_version")
)
# An incident's key, its version before, and its document before and after.
Change = tuple[int, int, Document, Document]


@dataclass(frozen=True, slots=True)
class Texts:
    """What an incident's Markdown was, and is."""

    before: str
    after: str


# By incident, a revision's version, text, packed text and who wrote what.
Known = dict[int, Any]


def add(edited: Sequence[Change], *, at: datetime, author: str, message: str) -> dict[int, Texts]:
    """The next version of each, whose parts stand where they stood. By incident, its texts."""
    newest, wholes = _stored([id for id, _, _, _ in edited])
    new, packed, said = [], [], dict[int, Texts]()
    for id, version, before, after in edited:
        last, whole = newest.get(id), wholes.get(id)
        text, written = parser.write(after), None
        said[id] = Texts(last.text if last is not None else "", text)
        if last is not None and last.packed is None:
            given = (whole.version, whole.packed) if whole is not None else None
            data, base = texts.smallest(last.text, version, given)
            packed.append({"of_incident": id, "of_version": version, "packed": data, "base": base})
            written = last.written
        new.append(
            {
                "incident_id": id,
                "version": version + 1,
                "at": at,
                "author": author,
                "message": message,
                "text": text,
                "changes": changes.rows(part_diff.in_place(before, after)),
                "written": authorship.followed_in_place(written, before, after, version + 1),
            }
        )
    connection = session().connection()
    if packed:
        connection.execute(PACK.values(text="", written=None), packed)
    connection.execute(insert(REVISIONS), new)
    return said


def _stored(ids: Sequence[int]) -> tuple[Known, Known]:
    """By incident, its newest revision, and the newest before it that is kept alone."""
    table = REVISIONS.c
    columns = (table.incident_id, table.version, table.text, table.packed, table.written)
    connection = session().connection()
    are_newest = and_(INCIDENTS.c.id == table.incident_id, INCIDENTS.c.version == table.version)
    newest = connection.execute(select(*columns).join(INCIDENTS, are_newest).where(INCIDENTS.c.id.in_(ids)))
    alone = select(table.incident_id, func.max(table.version).label("version"))
    alone = alone.where(table.incident_id.in_(ids), table.packed.is_not(None), table.base.is_(None))
    last = alone.group_by(table.incident_id).subquery()
    wholes = connection.execute(
        select(*columns).join(
            last, and_(last.c.incident_id == table.incident_id, last.c.version == table.version)
        )
    )
    return {row.incident_id: row for row in newest}, {row.incident_id: row for row in wholes}
