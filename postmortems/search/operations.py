"""Puts what is to be found into the index, where it differs from what is there."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from postmortems.db import full_text
from postmortems.search import tokens
from postmortems.search.models import SearchEntry, entry_id

ENTRIES: Any = SearchEntry.__table__


@dataclass(frozen=True, slots=True)
class Found:
    """Something that can be found: what it is, its title, its text part by part, and its properties."""

    kind: str
    row_id: int
    ref: str
    day: date
    title: str
    parts: Sequence[str]
    # What a list may show of it, in plain words.
    shown: str = ""
    facets: Iterable[str] = ()
    due: date | None = None
    incident_id: int | None = None


def put(connection: Connection, incident_ids: Collection[int], found: Iterable[Found]) -> int:
    """Let the index have these entries of these incidents and no others of them; how many were written."""
    known = select(ENTRIES.c.id, ENTRIES.c.digest).where(ENTRIES.c.incident_id.in_(incident_ids))
    return _written(connection, {row.id: row.digest for row in connection.execute(known)}, found)


def put_guards(connection: Connection, guard_ids: Collection[int], found: Iterable[Found]) -> int:
    """The same for guards; one that was deleted took its entry along."""
    known = select(ENTRIES.c.id, ENTRIES.c.digest).where(ENTRIES.c.guard_id.in_(guard_ids))
    return _written(connection, {row.id: row.digest for row in connection.execute(known)}, found)


def _written(connection: Connection, known: Mapping[int, str], found: Iterable[Found]) -> int:
    wanted = {entry_id(one.day, one.kind, one.row_id): one for one in found}
    dialect = connection.dialect.name
    rows = {number: _row(number, one, dialect) for number, one in wanted.items()}
    changed = [row for number, row in rows.items() if known.get(number) != row["digest"]]
    gone = [
        number for number, digest in known.items() if number not in rows or rows[number]["digest"] != digest
    ]
    if gone:
        connection.execute(delete(ENTRIES).where(ENTRIES.c.id.in_(gone)))
    if changed:
        connection.execute(insert(ENTRIES), changed)
    return len(changed)


def _row(number: int, found: Found, dialect: str) -> dict[str, object]:
    stream = tokens.stream(
        found.title, found.parts, [tokens.ANY, tokens.facet("kind", found.kind), *found.facets]
    )
    said = "\0".join((found.ref, found.title, found.shown, str(found.due), " ".join(stream)))
    return {
        "id": number,
        "kind": found.kind,
        "row_id": found.row_id,
        "incident_id": found.incident_id,
        "guard_id": found.row_id if found.kind == "guard" else None,
        "ref": found.ref,
        "due": found.due,
        "digest": hashlib.sha1(said.encode(), usedforsecurity=False).hexdigest(),
        "title": found.title,
        "shown": found.shown,
        **full_text.kept(stream, dialect),
    }
