"""Search entries: what of incidents, their items and comments the index knows; put anew when they change.

All of it is read from the rows by one set of statements, for a save as for a database that has no index yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Date,
    Integer,
    Row,
    String,
    TableClause,
    bindparam,
    column,
    exists,
    func,
    literal,
    select,
    table,
    union_all,
)

from postmortems.db import session as db
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import Json, UtcDateTime, session
from postmortems.document.model import Category, Document, Entry, Prose
from postmortems.incidents.items.lifecycle import CLOSED
from postmortems.incidents.models import Incident
from postmortems.incidents.parts import fresh_rows, stored_parts
from postmortems.search import operations as index
from postmortems.search.operations import Found
from postmortems.search.plain_text import plain
from postmortems.search.tokens import facet

AT_ONCE = 100
# What an incident says of itself, by column.
Front = Mapping[str, Any]
IDS: BindParameter[Sequence[int]] = bindparam("ids", expanding=True)
# How much of a text a list may show a piece of.
MOST_SHOWN = 200_000
DUE_WHILE = frozenset({"open", "in_progress"})
TYPES: dict[str, Any] = {
    **dict.fromkeys(("occurred_on", "due"), Date()),
    **dict.fromkeys(("services", "tags", "restricted", "tickets"), Json),
    **dict.fromkeys(("id", "incident_id", "section_id", "item_id", "position", "number"), Integer()),
    "opened_at": UtcDateTime(),
}


def _table(name: str, *columns: str) -> TableClause:
    """By name: a database has fewer columns than the models of today while it is brought forward."""
    return table(name, *(column(one, TYPES.get(one, String())) for one in columns))


INCIDENTS = _table(
    "incidents",
    "id",
    "slug",
    "title",
    "heading",
    "occurred_on",
    "severity",
    "status",
    "services",
    "tags",
    "restricted",
)
SECTIONS = _table("sections", "id", "incident_id", "position", "heading")
PROSE = _table("prose", "section_id", "position", "text")
ENTRIES = _table("entries", "section_id", "position", "written", "title", "text")
CATEGORIES = _table("categories", "section_id", "position", "heading")
COMMENTS = _table("comments", "id", "incident_id", "text", "suggestion")
GUARDS = _table("item_guards", "item_id")
SAID = ("text", "owner", "team", "reason", "done_when", "outcome", "evidence", "category")
OWN_SAID = attrgetter(*SAID)
ITEMS = _table(
    "action_items",
    "id",
    "incident_id",
    "number",
    "kind",
    "status",
    "due",
    "owner_key",
    "opened_at",
    "tickets",
    *SAID,
)


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item as its row was just read or written: its columns by name, and whether it names a guard."""

    row: Any
    has_guard: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What an incident was just saved as: it need not be read again. Its items are all new, or as they were.

    `version` is the one that says so: a save that was taken back, or another one, leaves this behind.
    """

    version: int
    document: Document
    items: Sequence[KnownItem]
    is_new: bool = False


def touch(incident: Incident, known: Known | None = None) -> None:
    """Have the index say what the incident says, once, before this unit of work ends."""
    touched = db.at_end(restate)
    # Whoever else has something to tell has all of it read.
    touched[incident] = None if incident in touched else known


def known_new(incident: Incident, document: Document) -> Known:
    """What is known of a new incident that says this document: its items are those that were stored now."""
    own = {"incident_id": incident.id}
    items = [
        KnownItem(SimpleNamespace(id=item.id, **{**item.row, **own}), item.has_guard)
        for item in stored_parts.new_items(incident)
    ]
    return Known(incident.version, document, items, is_new=True)


def restate(touched: Mapping[Incident, Known | None]) -> None:
    """Put what is found of these incidents anew; one that was deleted took its entries along."""
    session().flush()
    connection = session().connection()
    unknown = []
    for incident, known in touched.items():
        if known is not None and incident in session() and incident.version == known.version:
            kinds = ("incident", "item") if known.is_new else ("incident",)
            _put(connection, [incident.id], _of_known(connection, incident, known), kinds)
        else:
            unknown.append(incident.id)
    put(connection, unknown)


def put(connection: Connection, incident_ids: Sequence[int]) -> int:
    """Put what is found of the incidents with these ids anew; how many entries were written."""
    if not incident_ids:
        return 0
    return _put(connection, incident_ids, _found(connection, incident_ids), ("incident", "item"))


def _put(connection: Connection, ids: Sequence[int], found: Iterable[Found], kinds: Sequence[str]) -> int:
    # Upgrades and copies put entries outside of units of work.
    are_new = db.is_open() and fresh_rows.are_new(Incident, ids, __name__)
    return index.put(connection, ids, found, kinds, are_new=are_new)


def put_all(connection: Connection) -> Iterator[tuple[int, int]]:
    """Put everything anew, a hundred incidents at a time; after each, how many are done, and of how many."""
    count = connection.scalar(select(func.count()).select_from(INCIDENTS)) or 0
    last = done = 0
    ids = select(INCIDENTS.c.id).order_by(INCIDENTS.c.id).limit(AT_ONCE)
    while batch := connection.scalars(ids.where(INCIDENTS.c.id > last)).all():
        put(connection, batch)
        last, done = batch[-1], done + len(batch)
        yield done, count


def _found(connection: Connection, ids: Sequence[int]) -> Iterator[Found]:
    its = {"ids": list(ids)}
    texts: dict[int, list[str]] = {}
    for one, _, _, said in TEXTS_OF.rows(its, connection):
        texts.setdefault(one, []).append(said)
    items: dict[int, list[Row[Any]]] = {}
    for item in ITEMS_OF.rows(its, connection):
        items.setdefault(item[1], []).append(item)
    for row in INCIDENTS_OF.rows(its, connection):
        incident = row._asdict()
        its_items, facets = items.get(row.id, []), list(_facets(incident))
        has_guard = any(item.has_guard for item in its_items)
        yield _incident(incident, facets, texts.get(incident["id"], []), its_items, has_guard=has_guard)
        for item in its_items:
            yield _item(item, incident["title"], facets, has_guard=item.has_guard)


def _of_known(connection: Connection, incident: Incident, known: Known) -> Iterator[Found]:
    """The same of an incident that was just saved, by its document, without items that are as they were.

    Only its comments are read: a new one has none.
    """
    row = {column.name: getattr(incident, column.name) for column in INCIDENTS.columns}
    texts, facets = list(_texts_in(known.document)), list(_facets(row))
    if not known.is_new:
        texts += [said for *_, said in COMMENTS_OF.rows({"ids": [incident.id]}, connection)]
    items = sorted(known.items, key=attrgetter("row.number"))
    has_guard = any(item.has_guard for item in items)
    yield _incident(row, facets, texts, [item.row for item in items], has_guard=has_guard)
    for item in items if known.is_new else ():
        yield _item(item.row, incident.title, facets, has_guard=item.has_guard)


def _texts_in(document: Document) -> Iterator[str]:
    """What stands in a document beside its items, as `_texts` finds it in the rows."""
    for section in document.sections:
        yield section.heading
        for block in section.blocks:
            if isinstance(block, Prose):
                yield block.text
            elif isinstance(block, Entry):
                yield f"{block.written} {block.title} {block.text}"
            elif isinstance(block, Category):
                yield block.heading


def _texts() -> Any:
    """What stands in incidents beside their items, in order, their comments last. One statement."""
    own, place = SECTIONS.c.incident_id, SECTIONS.c.position
    in_entry = ENTRIES.c.written + " " + ENTRIES.c.title + " " + ENTRIES.c.text
    parts = [select(own, place, literal(-1).label("inner"), SECTIONS.c.heading.label("said"))]
    for rows, said in ((PROSE, PROSE.c.text), (ENTRIES, in_entry), (CATEGORIES, CATEGORIES.c.heading)):
        joined = SECTIONS.join(rows, rows.c.section_id == SECTIONS.c.id)
        parts.append(select(own, place, rows.c.position, said).select_from(joined))
    found = [part.where(own.in_(IDS)) for part in parts]
    return union_all(*found, _comments()).order_by("incident_id", "position", "inner")


def _comments() -> Any:
    said = COMMENTS.c.text + " " + func.coalesce(COMMENTS.c.suggestion, "")
    own = COMMENTS.c.incident_id
    return select(own, literal(2**30), COMMENTS.c.id, said).where(own.in_(IDS))


# Put together once, for every save.
TEXTS_OF = PreparedQuery(_texts())
COMMENTS_OF = PreparedQuery(_comments().order_by(COMMENTS.c.id))
HAS_GUARD = exists().where(GUARDS.c.item_id == ITEMS.c.id).label("has_guard")
ITEMS_OF = PreparedQuery(
    select(ITEMS, HAS_GUARD).where(ITEMS.c.incident_id.in_(IDS)).order_by(ITEMS.c.number)
)
INCIDENTS_OF = PreparedQuery(select(INCIDENTS).where(INCIDENTS.c.id.in_(IDS)))


def _incident(
    row: Front,
    facets: Sequence[str],
    texts: Sequence[str],
    items: Sequence[Row[Any]],
    *,
    has_guard: bool,
) -> Found:
    names = (
        row["slug"],
        row["heading"],
        row["severity"],
        *row["services"],
        *(f"#{tag}" for tag in row["tags"]),
    )
    said = [part for item in items for part in _said(item)]
    open_items = [item for item in items if item.status not in CLOSED]
    return Found(
        kind="incident",
        row_id=row["id"],
        incident_id=row["id"],
        ref=row["slug"],
        day=row["occurred_on"],
        title=row["title"],
        parts=[*names, *texts, *said],
        shown="\n".join(filter(None, map(plain, texts)))[:MOST_SHOWN],
        facets=[
            *facets,
            facet("status", row["status"]),
            *(facet("owner", item.owner_key) for item in items if item.owner_key),
            *([facet("is", "open")] if open_items else []),
            *([facet("has", "guard")] if has_guard else []),
        ],
        due=min((item.due for item in items if item.due and item.status in DUE_WHILE), default=None),
    )


def _item(row: Any, title: str, facets: Sequence[str], *, has_guard: bool) -> Found:
    is_open = row.status not in CLOSED
    return Found(
        kind="item",
        row_id=row.id,
        incident_id=row.incident_id,
        ref=f"AI-{row.number}",
        day=row.opened_at.date(),
        title=plain(row.text.partition("\n")[0]),
        parts=_said(row),
        shown="\n".join(filter(None, (plain(row.text.partition("\n")[2]), title))),
        facets=[
            *facets,
            *(facet("kind", row.kind), facet("status", row.status)),
            *([facet("owner", row.owner_key)] if row.owner_key else []),
            *([facet("is", "open")] if is_open else []),
            *([facet("has", "guard")] if has_guard else []),
        ],
        due=row.due if row.status in DUE_WHILE else None,
    )


def _said(item: Row[Any]) -> list[str]:
    """What people may look for in an item, part by part."""
    return [f"AI-{item.number}", *filter(None, OWN_SAID(item)), *item.tickets]


def _facets(incident: Front) -> Iterator[str]:
    """What an incident gives to itself and to its items."""
    if incident["severity"]:
        yield facet("severity", incident["severity"])
    for name in incident["services"]:
        service, _, target = name.partition("/")
        yield facet("service", service)
        yield facet("service", f"{service}/{target}")
    yield from (facet("tag", tag) for tag in incident["tags"])
    if incident["status"] == "draft":
        yield facet("is", "draft")
    if incident["restricted"]:
        yield facet("is", "restricted")
