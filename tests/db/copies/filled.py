"""A database with rows in every table, of values that are hard to carry from one to another."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, ForeignKeyConstraint, Table, insert, inspect, text
from sqlalchemy.exc import IntegrityError

from postmortems.db.copies import tables, values

# `state IN ('new', …)`, as each database writes it.
ONE_OF = re.compile(r"""["(\s](\w+)(?:" IN \(| IN \(|\)?::text = ANY \(+ARRAY\[)'(\w*)'""")
# What the index of search and the tallies are made of again has to be of their shape.
READ = {"incidents", "sections", "entries", "action_items", "guards", "services", "tallies", "findings"}
WORDS = "it said: \"\\N\" \\.\n\tand '😀' \u2028 ä \\x41, 100 %"
JSONS: tuple[Any, ...] = (
    {"b": [1, 1.5, 1e22, -0.0, None, True, {"ü\n": '"\\'}], "a": {}, "aa": "\u2028"},
    [],
    None,
    "text",
    17,
)
ODD: dict[str, tuple[Any, ...]] = {
    values.FLAG: (True, False, True),
    values.WHOLE: (1, 0, 2_000_000_000),
    values.TEXT: (WORDS, "", "NULL"),
    values.INSTANT: (
        datetime(2026, 3, 29, 1, 30, 0, 1, UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2199, 12, 31, 23, 59, 59, 999_999, UTC),
    ),
    values.DAY: (date(2026, 2, 28), date(1, 1, 1), date(9999, 12, 31)),
    values.BYTES: (bytes(range(256)), b"", b"\\x00"),
}


def fill(engine: Engine) -> set[str]:
    """Put three rows into each table that copies take and that is empty; those that are empty still."""
    with engine.begin() as connection:
        for table in tables.reflect(connection):
            if not _count(connection, table):
                _put(connection, table)
        if connection.dialect.name == "postgresql":
            numbers = "SELECT setval(format('%I.%I', schemaname, sequencename), 2007) FROM pg_sequences"
            connection.execute(text(numbers))
        return {table.name for table in tables.reflect(connection) if not _count(connection, table)}


def _put(connection: Connection, table: Table) -> None:
    allowed = {
        name: value
        for check in inspect(connection).get_check_constraints(table.name)
        for name, value in ONE_OF.findall(f" {check['sqltext']}")
    }
    for number in range(3):
        row = {column.name: _value(column, number) for column in table.columns}
        row |= {name: value for name, value in allowed.items() if name in row}
        for constraint in table.foreign_key_constraints:
            row |= _parent(connection, constraint, number)
        try:
            with connection.begin_nested():
                connection.execute(insert(table).values(row))
        except IntegrityError:
            # A rule about several columns, or a key that only one row can have.
            continue


def _value(column: Any, number: int) -> Any:
    kind = values.kind_of(column.type)
    if column.primary_key and kind == values.WHOLE:
        return number * 1000 + 7
    if column.nullable and number == 1:
        return None
    if kind == values.JSON:
        return [] if column.table.name in READ else JSONS[(number + len(column.name)) % len(JSONS)]
    value = ODD[kind][number]
    if kind == values.TEXT:
        # Unique where it has to be.
        value = value if not (column.primary_key or column.nullable is False) else f"{number}{value}"
        return value[: column.type.length] if column.type.length else value
    return value


def _parent(connection: Connection, constraint: ForeignKeyConstraint, number: int) -> dict[str, Any]:
    parent = constraint.referred_table
    names = [element.column.name for element in constraint.elements]
    wanted = ", ".join(f'"{name}"' for name in names)
    rows = connection.execute(text(f'SELECT {wanted} FROM "{parent.name}" ORDER BY {wanted}')).all()
    here = [column.name for column in constraint.columns]
    return dict(zip(here, rows[number % len(rows)], strict=True)) if rows else dict.fromkeys(here)


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(text(f'SELECT count(*) FROM "{table.name}"')) or 0
