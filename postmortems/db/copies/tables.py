"""Tables as a database has them at its revision: which are copied, in which order, and the rows of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData, Select, Table, Text, cast, inspect, select, type_coerce
from sqlalchemy.engine import Connection

from postmortems.db import full_text, partitions
from postmortems.db.copies import values
from postmortems.db.copies.values import Column, Row
from postmortems.db.migrations import NOBODYS
from postmortems.errors import Misconfigured

# It follows from other rows, and is put anew wherever it is empty.
DERIVED = "search_entries"
# Drawn by lot for processes that keep something, and drawn anew in a copy.
VERSIONS = "versions"
# Rows that are fetched at once: few where one may hold a file.
FETCHED, FETCHED_WITH_BYTES = 500, 4


@dataclass(frozen=True, slots=True)
class Shape:
    """A table and its columns by name: batch migrations of SQLite leave them in another order."""

    name: str
    columns: tuple[Column, ...]


def is_copied(name: str) -> bool:
    """Whether the rows of a table are of ours, and follow from no others."""
    is_ours = name not in NOBODYS and not partitions.is_part(name)
    return is_ours and name != DERIVED and not full_text.is_index(name, "table")


def reflect(connection: Connection) -> list[Table]:
    """The tables that are copied, those first that others refer to."""
    found = MetaData()
    names = [name for name in inspect(connection).get_table_names() if is_copied(name)]
    found.reflect(connection, only=names)
    return list(found.sorted_tables)


def shape_of(table: Table) -> Shape:
    """Raises `Misconfigured` for a column of a type that copies do not know."""
    columns = [Column(column.name, values.kind_of(column.type)) for column in table.columns]
    for column in columns:
        if not column.kind:
            raise Misconfigured(
                f"the column {table.name}.{column.name} is of a type that copies do not know, and none of "
                "ours; take it out of the database"
            )
    return Shape(table.name, tuple(sorted(columns)))


def rows(connection: Connection, table: Table) -> Iterator[Row]:
    """All rows of a table in the order of its key, plain, a few at a time."""
    columns = shape_of(table).columns
    kinds = [kind for _, kind in columns]
    fetched = FETCHED_WITH_BYTES if values.BYTES in kinds else FETCHED
    query = _query(table, columns, on_sqlite=connection.dialect.name == "sqlite")
    return values.plain_rows(kinds, connection.execute(query.execution_options(yield_per=fetched)))


def _query(table: Table, columns: Sequence[Column], *, on_sqlite: bool) -> Select[*tuple[Any, ...]]:
    def wanted(name: str, kind: str) -> Any:
        column = table.c[name]
        if kind != values.JSON:
            return column
        # SQLite has it as text; what is cast there would be read as JSON once more.
        return type_coerce(column, Text) if on_sqlite else cast(column, Text)

    def ordered(column: Any) -> Any:
        # Letters have another order in each locale; both databases have that of bytes.
        is_text = values.kind_of(column.type) == values.TEXT
        return column.collate("C") if is_text and not on_sqlite else column

    query = select(*(wanted(name, kind) for name, kind in columns))
    return query.order_by(*(ordered(column) for column in table.primary_key))
