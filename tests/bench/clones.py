"""The rows of one incident, many times over: stored once by the ordinary operation, then copied.

That fills a database quickly with rows that are just what we would have written, and it is what raw SQL
has to insert when it does the same work as a save.
"""

from __future__ import annotations

from collections.abc import Iterator
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
# More than one incident's rows have ids.
STRIDE = 1_000
OWNERS = (*(f"@owner{n}" for n in range(20)), "")
STATUSES = ("open", "open", "in_progress", "done")

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


def fill(connection: Connection, rows: Rows, count: int, first: int) -> None:
    """Insert `count` varied copies: their keys begin at `first`, owners and statuses go round."""
    for start in range(0, count, 500):
        batch = [moved(rows, first + n * STRIDE) for n in range(start, min(count, start + 500))]
        for n, copy in enumerate(batch, start):
            _vary(copy, n)
        write(connection, list(_joined(batch)))


def _vary(rows: Rows, n: int) -> None:
    for table, own in rows:
        if table.name != "action_items":
            continue
        for place, row in enumerate(own):
            row["owner"] = OWNERS[(n + place) % len(OWNERS)]
            row["status"] = STATUSES[(n + place) % len(STATUSES)]


def _joined(batch: list[Rows]) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    for place, (table, _) in enumerate(batch[0]):
        yield table, [row for copy in batch for row in copy[place][1]]
