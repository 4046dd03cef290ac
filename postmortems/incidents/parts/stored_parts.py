"""Parts of an incident as they are stored: rows without objects, for a save looks at hundreds of them.

They have the names of the tables' columns, as the objects of `models` have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Table, bindparam, select
from sqlalchemy.orm.attributes import instance_dict

from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import Base, session
from postmortems.document import model
from postmortems.document.model import Document
from postmortems.incidents.models import ActionItem, Category, Entry, Incident, ItemGuard, Prose, Section

Rows = list[Row[Any]]
MEMO, SAVED, WRITTEN, BEGUN = "stored parts", "saved parts", "written items", "begun or emptied"
NEW_ITEMS = "new items"


def table_of(sort: type[Base]) -> Table:
    """The table of a class of rows."""
    table = sort.__table__
    assert isinstance(table, Table)
    return table


SECTIONS, ITEMS, GUARDS = table_of(Section), table_of(ActionItem), table_of(ItemGuard)
# A part's key, whose it is, and what a document says of it, in this order.
COLUMNS: dict[type[Base], tuple[str, ...]] = {
    Section: ("id", "incident_id", "position", "heading", "part_id", "role"),
    Prose: ("id", "section_id", "position", "part_id", "text"),
    Entry: (
        "id", "section_id", "position", "part_id", "written", "title", "text", "kind",
        "at", "until", "instant", "zone", "precision", "approximate",
    ),
    Category: ("id", "section_id", "position", "part_id", "heading"),
}  # fmt: skip
# Of items, what a document says, and what is judged by.
OF_ITEMS = (
    "id", "section_id", "position", "number", "category", "text", "kind", "kind_stated", "owner", "owner_key",
    "team", "due", "priority", "status", "status_stated", "reason", "done_when", "guardability", "outcome",
    "evidence", "tickets",
)  # fmt: skip
OF_INCIDENT: BindParameter[int] = bindparam("incident")
OF_INCIDENTS: BindParameter[int] = bindparam("incidents", expanding=True)


def _columns(table: Table, names: Sequence[str]) -> list[ColumnElement[Any]]:
    return [table.c[name] for name in names]


@dataclass(frozen=True, slots=True)
class Statements:
    """What reads the parts of one incident, or of several."""

    sections: PreparedQuery
    blocks: dict[str, PreparedQuery]
    items: PreparedQuery
    guards: PreparedQuery


def _statements(are_its: Callable[[ColumnElement[int]], ColumnElement[bool]]) -> Statements:
    of_section, of_item = are_its(SECTIONS.c.incident_id), are_its(ITEMS.c.incident_id)
    guards = select(GUARDS.c.item_id, GUARDS.c.slug, GUARDS.c.position, GUARDS.c.written)
    guards = guards.join(ITEMS, ITEMS.c.id == GUARDS.c.item_id).where(of_item)
    sections = select(*_columns(SECTIONS, COLUMNS[Section])).where(of_section)
    items = select(*_columns(ITEMS, OF_ITEMS)).where(of_item)
    return Statements(
        PreparedQuery(sections.order_by(SECTIONS.c.position)),
        {
            "prose": _in_sections(Prose, of_section),
            "entries": _in_sections(Entry, of_section),
            "categories": _in_sections(Category, of_section),
        },
        PreparedQuery(items.order_by(ITEMS.c.position)),
        PreparedQuery(guards.order_by(GUARDS.c.item_id, GUARDS.c.position)),
    )


def _in_sections(sort: type[Base], of_section: ColumnElement[bool]) -> PreparedQuery:
    table = table_of(sort)
    joined = table.join(SECTIONS, SECTIONS.c.id == table.c.section_id)
    found = select(*_columns(table, COLUMNS[sort])).select_from(joined)
    return PreparedQuery(found.where(of_section).order_by(table.c.position))


ONE = _statements(lambda column: column == OF_INCIDENT)
SEVERAL = _statements(lambda column: column.in_(OF_INCIDENTS))


@dataclass(frozen=True, slots=True)
class StoredSection:
    """A section's row with those of its blocks, each kind in its order; an item with its guards' rows."""

    row: Row[Any]
    prose: Rows = field(default_factory=list)
    entries: Rows = field(default_factory=list)
    categories: Rows = field(default_factory=list)
    items: list[tuple[Row[Any], Rows]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item that was stored just now: its key, its row's columns by name, and whether it names guards."""

    id: int
    row: Mapping[str, Any]
    has_guard: bool


def sections(incident: Incident) -> list[StoredSection]:
    """The incident's sections in their order, read once for a version in a unit of work. Six queries.

    What is still to be flushed is not seen: who reads may be half done with objects of their own.
    """
    held = session().info.get(MEMO)
    if held is not None and held[:2] == (incident.id, incident.version):
        return held[2]  # type: ignore[no-any-return]
    found = _read(ONE, {"incident": incident.id})
    session().info[MEMO] = (incident.id, incident.version, found)
    return found


def of_several(incident_ids: Sequence[int]) -> dict[int, list[StoredSection]]:
    """The same of several incidents by id, in as many queries; not more than some hundreds at once."""
    found: dict[int, list[StoredSection]] = {id: [] for id in incident_ids}
    for section in _read(SEVERAL, {"incidents": list(incident_ids)}):
        found[section.row.incident_id].append(section)
    return found


def hand_over(incident: Incident, known: list[StoredSection]) -> None:
    """Say what the sections of this version are to whoever asks next."""
    session().info[MEMO] = (incident.id, incident.version, known)


def _read(statements: Statements, its: Mapping[str, Any]) -> list[StoredSection]:
    found = {row.id: StoredSection(row) for row in statements.sections.rows(its)}
    if not found:
        return []
    for place, statement in statements.blocks.items():
        for row in statement.rows(its):
            getattr(found[row[1]], place).append(row)
    items = statements.items.rows(its)
    guards: defaultdict[int, Rows] = defaultdict(list)
    for row in statements.guards.rows(its) if items else ():
        guards[row[0]].append(row)
    for row in items:
        found[row[1]].items.append((row, guards.get(row[0], [])))
    return list(found.values())


def remember(incident: Incident, document: Document) -> None:
    """The version that was just written says what this document says: who shows it need not read it again."""
    session().info[SAVED] = (incident.id, incident.version, document.sections)


def saved(incident: Incident) -> tuple[model.Section, ...] | None:
    """The sections of the version that this unit of work wrote; None where it has to be read."""
    held = session().info.get(SAVED)
    return held[2] if held is not None and held[:2] == (incident.id, incident.version) else None


def note_items(incident: Incident) -> None:
    """This unit of work adds, takes out or edits items of the incident, some of them by statements."""
    session().info.setdefault(WRITTEN, set()).add(incident.id)


def has_written_items(incident: Incident) -> bool:
    """Whether this unit of work has saved a document that changed items of the incident."""
    return incident.id in session().info.get(WRITTEN, ())


def note_new_items(incident: Incident, items: Sequence[NewItem]) -> None:
    """These items of the incident were stored just now: who keeps something about them need not ask."""
    session().info.setdefault(NEW_ITEMS, {})[incident.id] = items


def new_items(incident: Incident) -> Sequence[NewItem]:
    """The items that the last save of the incident in this unit of work began."""
    return session().info.get(NEW_ITEMS, {}).get(incident.id, ())  # type: ignore[no-any-return]


def note_begun(incident: Incident) -> None:
    """This unit of work writes the first that stands in the incident, or takes out the last."""
    session().info.setdefault(BEGUN, set()).add(incident.id)


def has_written_counted(incident: Incident) -> bool:
    """Whether this unit of work has changed of the incident's parts what reports count."""
    return has_written_items(incident) or incident.id in session().info.get(BEGUN, ())


def forget(*incidents: Incident) -> None:
    """What this unit of work knows of the incidents' parts is out of date: they are read again."""
    current = session()
    current.info.pop(MEMO, None)
    current.info.pop(SAVED, None)
    for incident in incidents:
        known = [name for name in ("sections", "items") if name in instance_dict(incident)]
        if known and incident in current and incident not in current.new:
            current.expire(incident, known)
    for each in list(current.identity_map.values()):
        if isinstance(each, Section | Prose | Entry | Category | ActionItem | ItemGuard):
            current.expire(each)
