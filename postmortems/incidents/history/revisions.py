"""Adds a version to an incident's history, with what it changed and who wrote what in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from postmortems.db.prepared import PreparedInsert
from postmortems.db.session import session
from postmortems.document import part_diff, part_pairs
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.incidents.history import authorship, changes, texts
from postmortems.incidents.models import Incident, Revision

NEW = PreparedInsert(
    Revision,
    *("incident_id", "version", "at", "author", "message", "text", "packed", "base", "changes", "written"),
)


def add(
    incident: Incident,
    before: Document,
    after: Document,
    *,
    at: datetime,
    author: str,
    message: str,
    version: int = 0,
) -> str:
    """Store the next version of an incident whose rows say `after`, and said `before`; gives its text.

    `version` is its number, 0 for the one after that of the incident's row, which is not flushed yet: it is
    from then on.
    """
    version, text = version or (incident.version or 0) + 1, parser.write(after)
    if version == 1:
        changed, written = list[dict[str, Any]](), authorship.begun(after, version)
    else:
        pairs = part_pairs.paired(before, after)
        changed = changes.rows(part_diff.diff(before, after, pairs))
        packed = texts.pack(incident.id, version - 1)
        written = authorship.followed(packed, before, after, pairs, version)
    session().flush()
    row = {"incident_id": incident.id, "version": version, "at": at, "author": author, "message": message}
    NEW.run([row | {"text": text, "packed": None, "base": None, "changes": changed, "written": written}])
    return text
