"""The rows of one incident, as a save wrote them: what raw SQL has to insert for the same work."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, insert, select

from postmortems.audit.models import Event
from postmortems.db.session import Base
from postmortems.gate.models import ItemProtection
from postmortems.incidents.models import (
    ActionItem,
    Affected,
    Category,
    Entry,
    Incident,
    Prose,
    Revision,
    Section,
)

# Parents first.
SORTS: tuple[type[Base], ...] = (
    Incident,
    Affected,
    Section,
    Prose,
    Entry,
    Category,
    ActionItem,
    ItemProtection,
    Revision,
    Event,
)
KEYS = ("id", "incident_id", "section_id", "item_id", "number")

Rows = list[tuple[Table, list[dict[str, Any]]]]


def of(connection: Connection, incident: Incident) -> Rows:
    """Every row that saving this incident wrote."""
    return [
        (_table(sort), [dict(row) for row in connection.execute(_mine(sort, incident)).mappings()])
        for sort in SORTS
    ]


def _table(sort: type[Base]) -> Table:
    table = sort.__table__
    assert isinstance(table, Table)
    return table


def _mine(sort: type[Base], incident: Incident) -> Any:
    table = _table(sort)
    if sort is Incident:
        return select(table).where(table.c.id == incident.id)
    if sort is Event:
        return select(table).where(table.c.subject_kind == "incident", table.c.subject == incident.slug)
    if "incident_id" in table.c:
        return select(table).where(table.c.incident_id == incident.id)
    if "section_id" in table.c:
        sections = select(Section.id).where(Section.incident_id == incident.id)
        return select(table).where(table.c.section_id.in_(sections))
    return select(table).where(
        table.c.item_id.in_(select(ActionItem.id).where(ActionItem.incident_id == incident.id))
    )


def moved(rows: Rows, by: int) -> Rows:
    """The same rows with every key moved up by `by`, so that they collide with none."""
    return [(table, [_moved(row, by) for row in own]) for table, own in rows]


def _moved(row: dict[str, Any], by: int) -> dict[str, Any]:
    row = {name: value + by if name in KEYS else value for name, value in row.items()}
    for name in ("slug", "subject"):
        if name in row:
            row[name] = f"{row[name]}-{by}"
    return row


def write(connection: Connection, rows: Rows) -> None:
    """Insert them, a statement a table."""
    for table, own in rows:
        if own:
            connection.execute(insert(table), own)
