"""Puts what is to be found into the index, where it differs from what is there."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, select

from postmortems.db import full_text
from postmortems.db.prepared import PreparedInsert, PreparedQuery
from postmortems.search import tokens
from postmortems.search.models import SearchEntry, entry_id

ENTRIES: Any = SearchEntry.__table__
# Put together once, for every save.
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
OF_INCIDENTS = PreparedQuery(
    select(ENTRIES.c.id, ENTRIES.c.digest).where(
        ENTRIES.c.incident_id.in_(IDS), ENTRIES.c.kind.in_(bindparam("kinds", expanding=True))
    )
)
GONE = PreparedQuery(delete(ENTRIES).where(ENTRIES.c.id.in_(IDS)))
NEW = PreparedInsert(
    SearchEntry,
    *("id", "kind", "row_id", "incident_id", "guard_id", "ref", "due", "digest", "title", "shown"),
    *("words", "overflow"),
)


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
    facets: Sequence[str] = ()
    due: date | None = None
    incident_id: int | None = None


def put(
    connection: Connection,
    incident_ids: Collection[int],
    found: Iterable[Found],
    kinds: Collection[str],
    *,
    are_new: bool = False,
) -> int:
    """Let the index have these entries of these incidents and no others of these kinds; how many it got.

    It has none of incidents that `are_new`.
    """
    known = [] if are_new else OF_INCIDENTS.rows({"ids": incident_ids, "kinds": kinds}, connection)
    return _written(connection, {row.id: row.digest for row in known}, found)


def put_guards(connection: Connection, guard_ids: Collection[int], found: Iterable[Found]) -> int:
    """The same for guards; one that was deleted took its entry along."""
    known = select(ENTRIES.c.id, ENTRIES.c.digest).where(ENTRIES.c.guard_id.in_(guard_ids))
    return _written(connection, {row.id: row.digest for row in connection.execute(known)}, found)


def _written(connection: Connection, known: Mapping[int, str], found: Iterable[Found]) -> int:
    wanted = {entry_id(one.day, one.kind, one.row_id): (_digest(one), one) for one in found}
    changed = [(number, *told) for number, told in wanted.items() if known.get(number) != told[0]]
    gone = [number for number, digest in known.items() if number not in wanted or wanted[number][0] != digest]
    if gone:
        GONE.rows({"ids": gone}, connection)
    if changed:
        dialect = connection.dialect.name
        NEW.run([_row(*one, dialect) for one in changed], connection)
    return len(changed)


def _digest(found: Found) -> str:
    """By this an entry is known to say what it said: it is told from the text, which need not be cut anew."""
    edition, facets = f"{tokens.EDITION} {len(found.facets)}", found.facets
    said = (edition, found.kind, found.ref, found.title, found.shown, str(found.due), *facets, *found.parts)
    # Nothing that is stored holds a NUL.
    written = "\0".join(said)
    return hashlib.sha1(written.encode(), usedforsecurity=False).hexdigest()


def _row(number: int, digest: str, found: Found, dialect: str) -> dict[str, object]:
    stream = tokens.stream(
        found.title, found.parts, [tokens.ANY, tokens.facet("kind", found.kind), *found.facets]
    )
    return {
        "id": number,
        "kind": found.kind,
        "row_id": found.row_id,
        "incident_id": found.incident_id,
        "guard_id": found.row_id if found.kind == "guard" else None,
        "ref": found.ref,
        "due": found.due,
        "digest": digest,
        "title": found.title,
        "shown": found.shown,
        **full_text.kept(stream, dialect),
    }
