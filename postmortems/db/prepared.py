"""Prepared statements: their text and how values are converted is worked out once, not each time.

For what is asked and written on every question of a pipeline. The driver gets the same text and the same
values as it would otherwise; they are only not put together again.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, Dialect, Select, Table, Update, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import CompoundSelect

from postmortems.db import session as db
from postmortems.db.session import Base
from postmortems.db.versions import MOVES

Convert = Callable[[Any], Any]
Asked = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]] | Update


@dataclass(frozen=True, slots=True)
class _Made:
    """By one driver: the text, each column with what converts its values, and whether these go by place."""

    text: str
    columns: tuple[tuple[str, Convert | None], ...]
    is_by_place: bool

    def values(self, count: int, of: Mapping[str, Sequence[Any] | Same]) -> list[Any]:
        """What the driver is given."""
        columns = [_converted(convert, of[name], count) for name, convert in self.columns]
        by_place = list(zip(*columns, strict=True))
        if self.is_by_place:
            return by_place
        names = [name for name, _ in self.columns]
        return [dict(zip(names, row, strict=True)) for row in by_place]


@dataclass(frozen=True, slots=True)
class Same:
    """A value that all rows of a statement have."""

    value: Any


def _converted(convert: Convert | None, values: Sequence[Any] | Same, count: int) -> Iterable[Any]:
    if isinstance(values, Same):
        return repeat(convert(values.value) if convert else values.value, count)
    if convert is None:
        return values
    if count == 1:
        return (convert(values[0]),)
    # Rows repeat an instant. By identity: what is equal may still be written in another way, as 1 and True.
    known = {id(value): value for value in values}
    converted = {key: convert(value) for key, value in known.items()}
    return [converted[id(value)] for value in values]


class PreparedInsert:
    """Inserts rows of these columns into a table that moves no version."""

    def __init__(self, kind: type[Base], *columns: str) -> None:
        table = kind.__table__
        if not isinstance(table, Table) or MOVES in table.info:
            raise TypeError(f"whether {table} has changed is noted by ordinary statements alone")
        self._statement = insert(table)
        self._columns = columns
        self._made: dict[str, _Made] = {}

    def run(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert the rows, each a value of every column, by one statement. Raises `IntegrityError`."""
        self.run_columns(len(rows), {name: [row[name] for row in rows] for name in self._columns})

    def run_columns(self, count: int, columns: Mapping[str, Sequence[Any] | Same]) -> None:
        """Insert so many rows, each column's values for itself, by one statement. Raises `IntegrityError`."""
        if not count:
            return
        connection = db.connection()
        made = self._made.get(connection.dialect.name) or self._make(connection.dialect)
        given = made.values(count, columns)
        is_one = count == 1
        run(connection, made.text, given[0] if is_one else given, has_many=not is_one)

    def _make(self, dialect: Dialect) -> _Made:
        compiled = self._statement.compile(dialect=dialect, column_keys=list(self._columns))
        names = compiled.positiontup
        columns = tuple(
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in (names or self._columns)
        )
        made = self._made[dialect.name] = _Made(str(compiled), columns, names is not None)
        return made


@dataclass(frozen=True, slots=True)
class _Query:
    """By one driver: the text, each parameter with what converts it, what it is where it is always the same,
    and each place of a row whose value is converted."""

    text: str
    parameters: tuple[tuple[str, Convert | None], ...]
    fixed: Mapping[str, Any]
    is_by_place: bool
    results: tuple[tuple[int, Convert], ...]

    def given(self, values: Mapping[str, Any]) -> Any:
        known = {**self.fixed, **values}
        given = [convert(known[name]) if convert else known[name] for name, convert in self.parameters]
        if self.is_by_place:
            return tuple(given)
        return dict(zip((name for name, _ in self.parameters), given, strict=True))

    def read(self, row: Sequence[Any]) -> Iterable[Any]:
        read = list(row)
        for place, convert in self.results:
            read[place] = convert(read[place])
        return read


class PreparedQuery:
    """A SELECT about columns, or an UPDATE of a table that moves no version, with RETURNING.

    Its rows have the columns as attributes. It takes no lists as parameters, and nothing that is called for
    its value.
    """

    def __init__(self, statement: Asked) -> None:
        table = statement.table if isinstance(statement, Update) else None
        if isinstance(table, Table) and MOVES in table.info:
            raise TypeError(f"whether {table} has changed is noted by ordinary statements alone")
        self._statement = statement
        self._columns = list(statement.exported_columns)
        row: Any = namedtuple("Row", [str(column.key) for column in self._columns])  # type: ignore[misc]
        self._row: Callable[[Iterable[Any]], Any] = row._make
        self._made: dict[str, _Query] = {}

    def rows(self, values: Mapping[str, Any]) -> list[Any]:
        """What it finds with these values. Like `db.rows`, it finds what is restricted, too."""
        connection = db.connection()
        made = self._made.get(connection.dialect.name) or self._make(connection.dialect)
        found = run(connection, made.text, made.given(values))
        return [self._row(made.read(row)) for row in found]

    def _make(self, dialect: Dialect) -> _Query:
        compiled = self._statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        binds = compiled.binds
        if any(bind.expanding for bind in binds.values()):
            raise TypeError("a list would be put into the text anew each time")
        if called := [name for name, bind in binds.items() if bind.callable is not None]:
            raise TypeError(f"{', '.join(called)} would keep the value of the first time: give it with each")
        results = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in self._columns
        ]
        names = compiled.positiontup
        made = self._made[dialect.name] = _Query(
            str(compiled),
            tuple(
                (name, binds[name].type.dialect_impl(dialect).bind_processor(dialect))
                for name in (names or binds)
            ),
            {name: bind.effective_value for name, bind in binds.items() if not bind.required},
            names is not None,
            tuple((place, convert) for place, convert in enumerate(results) if convert is not None),
        )
        return made


def run(connection: Connection, text: str, given: Any, *, has_many: bool = False) -> Sequence[Any]:
    """What the driver answers to its own text; fails as any statement of this connection does.

    A result as SQLAlchemy makes it is described anew each time, which takes longer than the statement.
    """
    driver = connection.dialect.loaded_dbapi
    cursor = connection.connection.cursor()
    try:
        for told in connection.dispatch.before_cursor_execute:
            told(connection, cursor, text, given, None, has_many)
        (cursor.executemany if has_many else cursor.execute)(text, given)
        for told in connection.dispatch.after_cursor_execute:
            told(connection, cursor, text, given, None, has_many)
        return cursor.fetchall() if cursor.description else ()
    except driver.Error as broken:
        is_lost = connection.dialect.is_disconnect(broken, connection.connection, cursor)
        if is_lost:
            connection.invalidate(broken)
        raise DBAPIError.instance(
            text,
            given,
            broken,
            driver.Error,
            hide_parameters=connection.engine.hide_parameters,
            connection_invalidated=is_lost,
            dialect=connection.dialect,
            ismulti=has_many,
        ) from broken
    except BaseException as broken:
        # Whoever is stopped here cannot tell how far the driver has come.
        connection.invalidate(broken)
        raise
    finally:
        cursor.close()
