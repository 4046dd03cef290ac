"""Copies of one incident by SQL alone, whatever the version of its tables: found by their foreign keys.

They differ in day, severity, owner, status and due day; a word that stands nowhere else is in three of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Engine,
    FromClause,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.sql.sqltypes import Text

from postmortems import search_words

# Keys of copies begin here, so that they collide with none; each copy has so many for itself.
FIRST, STRIDE = 100_000_000, 1_000
AT_ONCE = 2_000
MOST_OPEN = 60_000
ITEMS = 3
USUAL, RARE = "Somebody", "Quokka"
LAST_DAY, DAYS = date(2025, 12, 31), 3_650
OWNERS = (*(f"@owner{n}" for n in range(20)), "")
SEVERITIES = ("SEV1", "SEV2", "SEV2", "SEV3", "SEV3", "SEV3")
# Put anew from the rows by the version that has it, not copied.
WORKED_OUT = {"search_entries"}

Columns = dict[str, ColumnElement[Any]]
Progress = Callable[[int, int], object]


def fill(engine: Engine, slug: str, count: int, progress: Progress) -> None:
    """Add `count` copies of the incident with this slug, some at a time."""
    if count < 1:
        return
    known = MetaData()
    known.reflect(engine)
    copies = _copies(MetaData())
    with engine.begin() as connection:
        copies.create(connection)
        for start in range(0, count, AT_ONCE):
            rows = [_copy(n, count) for n in range(start, min(count, start + AT_ONCE))]
            connection.execute(insert(copies), rows)
        _know_sizes(connection, copies)
    for start in range(0, count, AT_ONCE):
        with engine.begin() as connection:
            for statement in _statements(known, copies, slug, start, count):
                connection.execute(statement)
        progress(min(count, start + AT_ONCE), count)


def _copies(metadata: MetaData) -> Table:
    """In what each copy differs; an item takes its own from the row of another copy."""
    return Table(
        "bench_copies",
        metadata,
        Column("n", Integer, primary_key=True, autoincrement=False),
        Column("day", Date),
        Column("at", DateTime(timezone=True)),
        Column("severity", String(20)),
        Column("is_rare", Boolean),
        *(Column(name, String(200)) for name in ("owner", "owner_key", "status")),
        Column("due", Date),
        Column("closed_at", DateTime(timezone=True)),
    )


def _copy(n: int, count: int) -> dict[str, Any]:
    day = LAST_DAY - timedelta(days=n * 7 % DAYS)
    at = datetime.combine(day, time(12), UTC)
    owner = OWNERS[n % len(OWNERS)]
    share = min(0.75, MOST_OPEN / (ITEMS * count))
    is_open = int((n + 1) * share) > int(n * share)
    return {
        "n": n,
        "day": day,
        "at": at,
        "severity": SEVERITIES[n % len(SEVERITIES)],
        "is_rare": n in (count // 7, count // 2, count - count // 5 - 1),
        "owner": owner,
        "owner_key": search_words.person(owner),
        "status": ("open" if n % 3 else "in_progress") if is_open else "done",
        "due": day + timedelta(days=30 + n % 60),
        "closed_at": None if is_open else at + timedelta(days=20),
    }


def _know_sizes(connection: Connection, copies: Table) -> None:
    connection.exec_driver_sql(f"ANALYZE {copies.name}")


def _statements(known: MetaData, copies: Table, slug: str, start: int, count: int) -> Iterator[Any]:
    """What inserts the rows of some copies: a statement a table, parents first."""
    some = copies.c.n.between(start, start + AT_ONCE - 1)
    for table, its in _of_incident(known, slug):
        other = copies.alias("other")
        varied = {**_keys(table, known, copies), **_said(table, copies), **_varied(table, copies, other)}
        columns = [column.name for column in table.columns]
        source: FromClause = table.join(copies, some)
        if table.name == "action_items":
            source = source.join(other, other.c.n == (copies.c.n + table.c.id) % literal(count))
        rows = select(*(varied.get(name, table.c[name]) for name in columns)).select_from(source).where(its)
        yield insert(table).from_select(columns, rows)  # type: ignore[arg-type]


def _of_incident(known: MetaData, slug: str) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """The tables that hold a part of an incident, each with which of its rows are those of this one."""
    incidents = known.tables["incidents"]
    found: dict[str, Select[Any]] = {"incidents": select(incidents.c.id).where(incidents.c.slug == slug)}
    yield incidents, incidents.c.slug == slug
    for table in known.sorted_tables:
        parent = _parent(table, found)
        if parent is None or table.name in WORKED_OUT:
            continue
        its = parent.parent.in_(found[parent.column.table.name])
        if "id" in table.c:
            found[table.name] = select(table.c.id).where(its)
        yield table, its
    events = known.tables["events"]
    yield events, and_(events.c.subject_kind == "incident", events.c.subject == slug)


def _parent(table: Table, found: dict[str, Any]) -> Any:
    """The foreign key by which the rows belong to a part of an incident."""
    return next((key for key in table.foreign_keys if key.column.table.name in found), None)


def _keys(table: Table, known: MetaData, copies: Table) -> Columns:
    """The keys moved up, so that a copy's rows refer to one another."""
    moved = {key.parent.name for key in table.foreign_keys if _is_part(key.column.table, known)}
    if "id" in table.c and isinstance(table.c.id.type, Integer):
        moved.add("id")
    if table.name == "action_items":
        moved.add("number")
    return {name: table.c[name] + FIRST + copies.c.n * STRIDE for name in moved}


def _is_part(table: Table, known: MetaData) -> bool:
    """Whether rows of this table are copied themselves, and not shared by all copies."""
    reached = {"incidents"}
    for one in known.sorted_tables:
        if any(key.column.table.name in reached for key in one.foreign_keys):
            reached.add(one.name)
    return table.name in reached


def _said(table: Table, copies: Table) -> Columns:
    """Texts, with the rare word in the copies that have it."""
    return {
        column.name: case(
            (copies.c.is_rare, _rare(column)),
            else_=column,
        )
        for column in table.columns
        if column.name == "text" and isinstance(column.type, Text | String)
    }


def _rare(column: ColumnElement[str]) -> ColumnElement[str]:
    return func.replace(func.replace(column, USUAL, RARE), USUAL.lower(), RARE.lower())


def _varied(table: Table, copies: Table, other: FromClause) -> Columns:
    """What else differs between copies, as far as this version of the table has it."""
    number = cast(copies.c.n, String)
    if table.name == "incidents":
        days = dict.fromkeys(("date", "occurred_on"), copies.c.day)
        instants = dict.fromkeys(("created_at", "saved_at", "published_at"), copies.c.at)
        named = {"slug": table.c.slug + "-" + number, "title": table.c.title + ", number " + number}
        varied: Columns = {**days, **instants, **named, "severity": copies.c.severity}
    elif table.name == "action_items":
        varied = {name: other.c[name] for name in ("owner", "owner_key", "status", "due", "closed_at")}
        varied["opened_at"] = copies.c.at
    elif table.name == "events":
        varied = {"subject": table.c.subject + "-" + number}
    else:
        varied = {}
    return {name: value for name, value in varied.items() if name in table.c}
