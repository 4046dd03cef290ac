"""Adds a version to an incident's history, with what it changed and who wrote what in it."""

from __future__ import annotations

from datetime import datetime

from postmortems.db.session import insert, session
from postmortems.document import part_diff, part_pairs
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.incidents.history import authorship, changes, texts
from postmortems.incidents.models import Incident, Revision


def add(
    incident: Incident,
    before: Document,
    after: Document,
    *,
    at: datetime,
    author: str,
    message: str,
    version: int = 0,
) -> Revision:
    """The next version of an incident whose rows say `after`, and said `before`.

    `version` is its number, 0 for the one after that of the incident's row, which is not flushed yet.
    """
    version = version or (incident.version or 0) + 1
    saved = Revision(
        incident=incident, version=version, at=at, author=author, message=message, text=parser.write(after)
    )
    if version == 1:
        saved.changes, saved.written = [], authorship.begun(after, version)
    else:
        pairs = part_pairs.paired(before, after)
        saved.changes = changes.rows(part_diff.diff(before, after, pairs))
        # The incident's own row moves its version when it is flushed: not before the revision is.
        with session().no_autoflush:
            written = texts.pack(incident.id, version - 1)
        saved.written = authorship.followed(written, before, after, pairs, version)
    insert(saved)
    return saved
