"""Prepared inserts: their text and how values are converted is worked out once a database, not once a row.

For what is written on every question of a pipeline. The driver gets the same text and the same values as it
would otherwise; it is only not put together again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, Table, insert

from postmortems.db.session import Base, session
from postmortems.db.versions import MOVES

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Made:
    """By one driver: the text, each column with what converts its values, and whether these go by place."""

    text: str
    columns: tuple[tuple[str, Convert | None], ...]
    is_by_place: bool

    def values(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """What the driver is given. Rows of one statement repeat an instant: it is converted once."""
        columns = [_converted(convert, [row[name] for row in rows]) for name, convert in self.columns]
        by_place = list(zip(*columns, strict=True))
        if self.is_by_place:
            return by_place
        names = [name for name, _ in self.columns]
        return [dict(zip(names, row, strict=True)) for row in by_place]


def _converted(convert: Convert | None, values: list[Any]) -> list[Any]:
    if convert is None:
        return values
    # By identity: what is equal may still be written in another way, such as 1 and True.
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
        if not rows:
            return
        connection = session().connection()
        made = self._made.get(connection.dialect.name) or self._make(connection.dialect)
        given = made.values(rows)
        connection.exec_driver_sql(made.text, given if len(given) > 1 else given[0])

    def _make(self, dialect: Dialect) -> _Made:
        compiled = self._statement.compile(dialect=dialect, column_keys=list(self._columns))
        names = compiled.positiontup
        columns = tuple(
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in (names or self._columns)
        )
        made = self._made[dialect.name] = _Made(str(compiled), columns, names is not None)
        return made
