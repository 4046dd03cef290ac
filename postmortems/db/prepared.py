"""Prepared statements: their text and how values are converted is worked out once, not each time.

For what is asked and written on every question of a pipeline, and on every save. The driver gets the same
text and the same values as it would otherwise; they are only not put together again.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Connection, Delete, Dialect, Select, Table, Update, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.sql.selectable import CompoundSelect
from sqlalchemy.types import TypeEngine

from postmortems.db import driver, json_rows, versions
from postmortems.db import session as db
from postmortems.db.json_rows import JsonRows
from postmortems.db.session import Base
from postmortems.formats.json_text import dumped

Convert = Callable[[Any], Any]
Asked = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]] | Update | Delete
# A statement of several rows takes so many: SQLite has some 30,000 parameters for one.
ROWS_AT_ONCE = 500
# Texts for lists of these lengths are kept; longer ones are put together each time.
LONGEST_KEPT, MOST_KEPT = 64, 64


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
    known, converted = dict[int, Any](), []
    for value in values:
        key = id(value)
        if key not in known:
            known[key] = convert(value)
        converted.append(known[key])
    return converted


@dataclass(frozen=True, slots=True)
class _Made:
    """By one driver: the text of one row and of what comes before and after, each column with what converts
    its values, and whether these go by place."""

    head: str
    row: str
    tail: str
    columns: tuple[tuple[str, Convert | None], ...]
    # What a column has that no row says anything of.
    defaults: Mapping[str, Same]
    is_by_place: bool

    def values(self, count: int, of: Mapping[str, Sequence[Any] | Same]) -> list[Any]:
        """What the driver is given."""
        by_place = self.by_place(count, of)
        if self.is_by_place:
            return by_place
        names = [name for name, _ in self.columns]
        return [dict(zip(names, row, strict=True)) for row in by_place]

    @property
    def text(self) -> str:
        """The statement for one row."""
        return f"{self.head}{self.row}{self.tail}"

    def one(self, row: Mapping[str, Any]) -> Any:
        """What the driver is given for one row."""
        told = {**{name: same.value for name, same in self.defaults.items()}, **row} if self.defaults else row
        if self.is_by_place:
            return tuple([convert(told[name]) if convert else told[name] for name, convert in self.columns])
        return {name: convert(told[name]) if convert else told[name] for name, convert in self.columns}

    def by_place(self, count: int, of: Mapping[str, Sequence[Any] | Same]) -> list[tuple[Any, ...]]:
        told = {**self.defaults, **of}
        columns = [_converted(convert, told[name], count) for name, convert in self.columns]
        return list(zip(*columns, strict=True))

    def of_all(self, rows: Sequence[tuple[Any, ...]]) -> tuple[str, Any]:
        """One statement for these rows, and what the driver is given for it."""
        if self.is_by_place:
            text = ", ".join(repeat(self.row, len(rows)))
            return f"{self.head}{text}{self.tail}", tuple(chain.from_iterable(rows))
        names = [name for name, _ in self.columns]
        texts, given = list[str](), dict[str, Any]()
        for place, row in enumerate(rows):
            numbered = {name: f"{name}__{place}" for name in names}
            texts.append(self.row % {name: f"%({new})s" for name, new in numbered.items()})
            given.update(zip(numbered.values(), row, strict=True))
        return f"{self.head}{', '.join(texts)}{self.tail}", given


class PreparedInsert:
    """Inserts rows of these columns into a table; `returning` are columns, or what else can be asked about a
    row, that `returned` gives of many and `told` of one.

    `adds_up` names a column that is added to a row's own where one with its primary key is there already.
    `by_json`: many rows go to PostgreSQL as one text (`json_rows`).
    """

    def __init__(
        self,
        kind: type[Base],
        *columns: str,
        returning: Sequence[str | ColumnElement[Any]] = (),
        adds_up: str = "",
        by_json: bool = False,
    ) -> None:
        self._table = _table(kind)
        self._by_json = by_json
        self._json_rows: JsonRows | None = None
        self._columns = columns
        self._returning = returning
        self._adds_up = adds_up
        self._made: dict[str, _Made] = {}

    def run(self, rows: Sequence[Mapping[str, Any]], on: Connection | None = None) -> None:
        """Insert the rows, each a value of every column, by one statement. Raises `IntegrityError`.

        `on` is a connection outside any unit of work.
        """
        if len(rows) != 1:
            self.run_columns(len(rows), _by_column(self._columns, rows), on)
            return
        connection = on or db.connection()
        made = self._made.get(connection.dialect.name) or self._make(connection.dialect)
        _note(self._table)
        driver.run(connection, made.text, made.one(rows[0]))

    def told(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Insert the row and give what `returning` names of it, as the driver has it."""
        connection = db.connection()
        made = self._made.get(connection.dialect.name) or self._make(connection.dialect)
        _note(self._table)
        [told] = driver.run(connection, made.text, made.one(row))
        return tuple(told)

    def run_columns(
        self, count: int, columns: Mapping[str, Sequence[Any] | Same], on: Connection | None = None
    ) -> None:
        """Insert so many rows, each column's values for itself, by one statement. Raises `IntegrityError`."""
        if not count:
            return
        connection = on or db.connection()
        made = self._made.get(connection.dialect.name) or self._make(connection.dialect)
        _note(self._table)
        if self._by_json and count > 1 and not made.is_by_place:
            self._run_as_json(connection, count, {**made.defaults, **columns})
            return
        given = made.values(count, columns)
        is_one = count == 1
        driver.run(connection, made.text, given[0] if is_one else given, has_many=not is_one)

    def _run_as_json(
        self, connection: Connection, count: int, columns: Mapping[str, Sequence[Any] | Same]
    ) -> None:
        if self._json_rows is None:
            self._json_rows = json_rows.into(self._table, columns, connection.dialect)
        converted = [_converted(make, columns[name], count) for name, make in self._json_rows.columns]
        told = dumped(list(zip(*converted, strict=True)))
        driver.run(connection, self._json_rows.text, {"rows": told})

    def returned(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """Insert the rows and give what `returning` names of each, in an order of the database's own."""
        connection, found = db.connection(), list[tuple[Any, ...]]()
        made = self._made.get(connection.dialect.name) or self._make(connection.dialect)
        given = made.by_place(len(rows), _by_column(self._columns, rows))
        for start in range(0, len(given), ROWS_AT_ONCE):
            _note(self._table)
            found += driver.run(connection, *made.of_all(given[start : start + ROWS_AT_ONCE]))
        return found

    def _make(self, dialect: Dialect) -> _Made:
        compiled = self._statement(dialect).compile(dialect=dialect, column_keys=list(self._columns))
        assert isinstance(compiled, SQLCompiler)
        names = compiled.positiontup
        defaults = {column.key: Same(_default(column)) for column in compiled.insert_prefetch}
        columns = tuple(
            (name, _convert(compiled.binds[name].type, dialect))
            for name in (names or (*self._columns, *defaults))
        )
        head, values, rest = str(compiled).partition(" VALUES ")
        row, after, tail = rest.partition(" ON CONFLICT") if self._adds_up else rest.partition(" RETURNING")
        made = _Made(head + values, row, after + tail, columns, defaults, names is not None)
        self._made[dialect.name] = made
        return made

    def _statement(self, dialect: Dialect) -> Any:
        if not self._adds_up:
            told = (self._table.c[one] if isinstance(one, str) else one for one in self._returning)
            return insert(self._table).returning(*told)
        added = (postgresql.insert if dialect.name == "postgresql" else sqlite.insert)(self._table)
        name = self._adds_up
        return added.on_conflict_do_update(
            index_elements=list(self._table.primary_key),
            set_={name: self._table.c[name] + added.excluded[name]},
        )


def _by_column(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[Any]]:
    return {name: [row[name] for row in rows] for name in columns}


def _default(column: Column[Any]) -> Any:
    if not isinstance(column.default, ScalarElementColumnDefault):
        raise TypeError(f"{column} has no value that is always the same: give it with each row")
    return column.default.arg


@dataclass(frozen=True, slots=True)
class _Text:
    """A statement for lists of some lengths: each parameter's name, its place in its list, and what converts
    it."""

    text: str
    parameters: tuple[tuple[str, int | None, Convert | None], ...]
    # As the driver knows them; None where they go by place.
    names: tuple[str, ...] | None

    def given(self, known: Mapping[str, Any]) -> Any:
        values = []
        for name, place, convert in self.parameters:
            value = known[name] if place is None else known[name][place]
            values.append(convert(value) if convert else value)
        return tuple(values) if self.names is None else dict(zip(self.names, values, strict=True))


@dataclass(frozen=True, slots=True)
class _Query:
    """By one driver: the statement, which of its parameters are lists, what is always the same, and each
    place of a row whose value is converted."""

    compiled: SQLCompiler
    converts: Mapping[str, Convert | None]
    lists: tuple[str, ...]
    fixed: Mapping[str, Any]
    results: tuple[tuple[int, Convert], ...]
    # In an analysed database SQLite (with STAT4) looks at the value that a column is compared with, and so
    # prepares the statement anew each time. At an expression it does not look, nor for a partial index by it.
    keeps_plan: bool
    texts: dict[tuple[int, ...], _Text] = field(default_factory=dict)

    def known(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """All values, each list as long as a text is kept for: twice the same in it says nothing new."""
        known = {**self.fixed, **values}
        for name in self.lists:
            listed = list(known[name])
            wanted = 1 << (len(listed) - 1).bit_length() if listed else 0
            known[name] = listed + listed[-1:] * (min(wanted, max(LONGEST_KEPT, len(listed))) - len(listed))
        return known

    def text(self, known: Mapping[str, Any]) -> _Text:
        lengths = tuple(len(known[name]) for name in self.lists)
        found = self.texts.get(lengths)
        if found is None:
            found = self._expanded(known)
            if max(lengths, default=0) <= LONGEST_KEPT and len(self.texts) < MOST_KEPT:
                self.texts[lengths] = found
        return found

    def _expanded(self, known: Mapping[str, Any]) -> _Text:
        state = self.compiled.construct_expanded_state(dict(known))
        told = {name: (name, None, convert) for name, convert in self.converts.items()}
        for name, expanded in state.parameter_expansion.items():
            for place, one in enumerate(expanded):
                told[one] = (name, place, self.converts[name])  # type: ignore[assignment]
        is_by_place = state.positiontup is not None
        names, text = tuple(state.positiontup or state.parameters), state.statement
        if self.keeps_plan and is_by_place and text.count("?") == len(names):
            text = text.replace("?", "+?")
        return _Text(text, tuple(told[name] for name in names), None if is_by_place else names)

    def read(self, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        if not self.results:
            return rows
        read = [list(row) for row in rows]
        for row in read:
            for place, convert in self.results:
                row[place] = convert(row[place])
        return read


class PreparedQuery:
    """A SELECT about columns, or an UPDATE or DELETE with what it returns.

    Its rows have the columns as attributes. Lists are parameters that expand; nothing is called for its
    value.
    """

    def __init__(self, statement: Asked, *, keeps_plan: bool = False) -> None:
        self._statement, self._keeps_plan = statement, keeps_plan
        self._columns = list(statement.exported_columns)
        self._row: Callable[[Iterable[Any]], Any] | None = None
        self._made: dict[str, _Query] = {}

    def rows(self, values: Mapping[str, Any], on: Connection | None = None) -> list[Any]:
        """What it finds with these values. Like `db.rows`, it finds what is restricted, too.

        `on` is a connection outside any unit of work.
        """
        found = self.found(values, on)
        return self.read(found, on) if found else []

    def found(self, values: Mapping[str, Any], on: Connection | None = None) -> Sequence[Any]:
        """The same as the driver gives it: `read` makes rows of it."""
        connection = on or db.connection()
        made = self._made.get(connection.dialect.name) or self._make(connection.dialect)
        known = made.known(values)
        text = made.text(known)
        self._note()
        return driver.run(connection, text.text, text.given(known))

    def read(self, found: Sequence[Any], on: Connection | None = None) -> list[Any]:
        """The rows, with the columns as attributes."""
        row = self._row or self._named()
        return [row(one) for one in self._made[(on or db.connection()).dialect.name].read(found)]

    def each(self, many: Sequence[Mapping[str, Any]]) -> None:
        """Change rows by each of these values, which are no lists, by one statement."""
        if not many:
            return
        connection = db.connection()
        made = self._made.get(connection.dialect.name) or self._make(connection.dialect)
        known = [{**made.fixed, **values} for values in many]
        text = made.text(known[0])
        self._note()
        given = [text.given(one) for one in known]
        is_one = len(given) == 1
        driver.run(connection, text.text, given[0] if is_one else given, has_many=not is_one)

    def _note(self) -> None:
        if isinstance(self._statement, Update | Delete):
            _note(self._statement.table)

    def _named(self) -> Callable[[Iterable[Any]], Any]:
        keys = [str(column.key) for column in self._columns]
        row: Any = namedtuple("Row", keys, rename=True)  # type: ignore[misc]
        self._row = row._make
        return row._make

    def _make(self, dialect: Dialect) -> _Query:
        compiled = self._statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        binds = compiled.binds
        if called := [name for name, bind in binds.items() if bind.callable is not None]:
            raise TypeError(f"{', '.join(called)} would keep the value of the first time: give it with each")
        results = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in self._columns
        ]
        made = self._made[dialect.name] = _Query(
            compiled,
            {name: _convert(bind.type, dialect) for name, bind in binds.items()},
            tuple(name for name, bind in binds.items() if bind.expanding),
            {name: bind.effective_value for name, bind in binds.items() if not bind.required},
            tuple((place, convert) for place, convert in enumerate(results) if convert is not None),
            self._keeps_plan,
        )
        return made


def _convert(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """What makes the driver's value of ours."""
    made = kind.dialect_impl(dialect)
    if isinstance(made, JSON) and dialect.name == "sqlite":
        # Text, where no value stands for NULL instead of JSON's null.
        return dumped
    return made.bind_processor(dialect)


def _table(kind: type[Base]) -> Table:
    table = kind.__table__
    assert isinstance(table, Table)
    return table


def _note(table: Any) -> None:
    """Note that the table is written to, as ordinary statements do by themselves."""
    if (name := table.info.get(versions.MOVES) if isinstance(table, Table) else None) is not None:
        versions.move(name)
