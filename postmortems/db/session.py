"""Database sessions: one engine, one session per unit of work, and the project's only `commit`.

Doors begin and end units; operations and queries take `session()` and at most flush. SQLite and
PostgreSQL differ in this folder alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from sqlalchemy import (
    JSON,
    CursorResult,
    DateTime,
    Engine,
    Executable,
    MetaData,
    Pool,
    Row,
    Select,
    Table,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from postmortems.db.engines import SqliteReader
from postmortems.db.engines import make_engine as make_engine
from postmortems.db.replica import ONE_MOMENT, READS_ONLY, Replica, at_one_moment
from postmortems.db.units import Unit
from postmortems.errors import NotFound
from postmortems.limits import FileRules

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


Found = TypeVar("Found")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


LENGTH_WITHOUT_ZONE = len("2026-03-02 12:00:00.000000")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC: SQLite would silently drop the offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no zone; instants are stored aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Any:
        return self._written if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return self._read if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def _written(self, value: datetime | None) -> str | None:
        """As SQLAlchemy has SQLite store it, in a third of the steps: a decision stores a dozen."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no zone; instants are stored aware")
        return value.astimezone(UTC).isoformat(" ", "microseconds")[:LENGTH_WITHOUT_ZONE]

    def _read(self, text: str | None) -> datetime | None:
        if text is None:
            return None
        value = datetime.fromisoformat(text)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON().with_variant(JSONB(), "postgresql")

Key = Annotated[int, mapped_column(primary_key=True)]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]
Body = Annotated[str, mapped_column(Text, default="")]
Fields = Annotated[dict[str, Any], mapped_column(Json, default=dict)]

_engine: Engine | None = None
_reader: Engine | None = None
# Likewise, and all statements of a unit of work see the same state, as on SQLite they do anyway.
_at_one_moment: Engine | None = None
_replica: Replica | None = None
_files = FileRules()
_kept: dict[Any, Any] = {}
_open: ContextVar[Unit | None] = ContextVar("unit", default=None)


def connect(url: str, files: FileRules | None = None, read_url: str = "") -> Engine:
    """Use this database from here on, and `files` for what is attached. Tests call it again for another.

    `read_url` is that of a replica, which reports and exports are read from.
    """
    global _engine, _reader, _at_one_moment, _files, _replica
    disconnect()
    _files = files or FileRules()
    _engine = make_engine(url)
    if _engine.dialect.name == "sqlite":
        _reader = _at_one_moment = SqliteReader(_engine)
    else:
        _reader, _at_one_moment = _engine.execution_options(**READS_ONLY), at_one_moment(_engine)
    _replica = Replica(make_engine(read_url), _engine) if read_url else None
    return _engine


def disconnect() -> None:
    global _engine, _reader, _at_one_moment, _replica
    if _replica is not None:
        _replica.engine.dispose()
    if isinstance(_reader, SqliteReader):
        _reader.close()
    if _engine is not None:
        _engine.dispose()
    _engine = _reader = _at_one_moment = _replica = None
    _kept.clear()


def replica() -> Replica | None:
    """The replica that reports and exports are read from, where there is one."""
    return _replica


def engine() -> Engine:
    if _engine is None:
        raise RuntimeError("no database: call db.connect(url) first")
    return _engine


def pools() -> list[Pool]:
    """What keeps the connections of this process: on SQLite those who only read have their own."""
    return [engine().pool, *([_reader.own] if isinstance(_reader, SqliteReader) else [])]


def files() -> FileRules:
    """Where attached files are kept beside this database, and how much of them."""
    return _files


def kept() -> dict[Any, Any]:
    """What this process keeps of this database: whoever puts something in knows when it is out of date."""
    return _kept


def _current() -> Unit:
    current = _open.get()
    if current is None:
        raise RuntimeError("no unit of work: open one with db.transaction() or db.reading()")
    return current


def session() -> Session:
    """The session of the unit of work that a door has begun."""
    return _current().session()


def connection() -> Connection:
    """The connection of the unit of work, for statements about columns: most need no session."""
    return _current().connection()


def noted() -> dict[Any, Any]:
    """What this unit of work has found out, and forgets as it ends."""
    return _current().noted


def rows(statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
    """What a statement about columns finds, without the mapping of objects: for what has to be quick.

    It finds what is restricted, too: for what is judged and not shown.
    """
    return connection().execute(statement, values).all()


def existing(query: Select[Found], missing: str, values: Mapping[str, Any] | None = None) -> Found:
    """The one object that the query finds. Raises `NotFound`, with `missing` to say what is not there."""
    found = session().scalars(query, values).one_or_none()
    if found is None:
        raise NotFound(missing)
    return found


def insert(row: Base) -> None:
    """Add the row now: it has its key from then on, and what the database refuses is refused here."""
    session().add(row)
    session().flush()


def change(row: Base, **values: object) -> None:
    """Set what differs: whatever is set counts as changed, and is looked at when rows are written."""
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def by_key(kind: type[Found], key: object, missing: str) -> Found:
    """The object of that kind with that primary key. Raises `NotFound`, as `existing` does."""
    found = session().get(kind, key)
    if found is None:
        raise NotFound(missing)
    return found


def is_changed(change: Executable) -> bool:
    """Whether the change found its row: of several that make a conditional one at once, one is told so."""
    result = session().execute(change)
    return isinstance(result, CursorResult) and result.rowcount == 1


def add_up(table: Table, column: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add each row's `column` to the stored row with its primary key, or store it where there is none."""
    taken = connection()
    insert = postgresql.insert if taken.dialect.name == "postgresql" else sqlite.insert
    added = insert(table)
    sums = {column: table.c[column] + added.excluded[column]}
    taken.execute(added.on_conflict_do_update(index_elements=list(table.primary_key), set_=sums), rows)


def take_turns(about: int) -> None:
    """Wait while another unit of work is past here about the same. SQLite has one writer anyway."""
    if engine().dialect.name == "postgresql":
        connection().execute(text("SELECT pg_advisory_xact_lock(:about)"), {"about": about})


def is_open() -> bool:
    """Whether a unit of work is under way: a network call must never find it so."""
    return _open.get() is not None


def at_end(step: Callable[[dict[Any, Any]], None], *, takes_turns: bool = False) -> dict[Any, Any]:
    """What `step` is called with once, before this unit of work commits, in its transaction: put it in here.

    One that `takes_turns` is called after all others: who waits for their turn holds what they need by then,
    and two units of work never wait for each other. A unit that is taken back forgets it.
    """
    steps = "last steps" if takes_turns else "steps"
    return noted().setdefault(steps, {}).setdefault(step, {})  # type: ignore[no-any-return]


def afterwards(step: Callable[[dict[Any, Any]], None]) -> dict[Any, Any]:
    """What `step` is called with once this unit of work is kept and closed: it opens one of its own."""
    return noted().setdefault("afterwards", {}).setdefault(step, {})  # type: ignore[no-any-return]


def is_pristine() -> bool:
    """Whether this unit of work has read no objects yet, which it would not ask for again."""
    return _current().is_pristine


def sees_one_moment() -> bool:
    """Whether all statements of this unit of work see the same state, but for what it writes itself."""
    taken = connection()
    is_postgresql = taken.dialect.name == "postgresql"
    return not is_postgresql or taken.get_execution_options().get("isolation_level") == ONE_MOMENT


def left_to_do() -> dict[Any, frozenset[Any]]:
    """What is noted to be done as this unit of work ends, or behind it: by step, about what."""
    noted = _current().noted
    steps = {**noted.get("steps", {}), **noted.get("afterwards", {})}
    return {step: frozenset(gathered) for step, gathered in steps.items()}


def catch_up() -> None:
    """Take the steps at the end now, where what they change is about to be read or shown."""
    current = _open.get()
    if current is None:
        return
    while steps := current.noted.get("steps") or current.noted.get("last steps"):
        step, gathered = steps.popitem()
        step(gathered)
        # What it wrote may need another step.
        session().flush()


def begin(*, reads_only: bool = False, sees_one_moment: bool = False, may_lag: bool = False) -> None:
    """Open a unit of work; `finish` ends it. Doors that can use `with` take `transaction` or `reading`.

    One that only reads can say that it `sees_one_moment`: all its statements see the same state, as on SQLite
    they do anyway. And it `may_lag`: it may see what was stored some seconds ago, on a replica, but for what
    is hidden by now.
    """
    if is_open():
        raise RuntimeError("a unit of work is already open; doors begin and end them, nothing else does")
    writer, replica = engine(), _replica
    if may_lag and replica is not None and replica.is_near() and replica.hides_the_same():
        _open.set(Unit(replica.reader))
        return
    reader = _at_one_moment if sees_one_moment else _reader
    _open.set(Unit((reader or writer) if reads_only else writer))


def finish(*, keep: bool) -> None:
    """End the unit of work: commit what it did, or take it back."""
    current = _current()
    try:
        if keep:
            # What is not written yet may need a step at the end.
            current.flush()
            catch_up()
            current.commit()
        else:
            current.rollback()
    finally:
        _open.set(None)
        current.close()
    if keep:
        for step, gathered in current.noted.get("afterwards", {}).items():
            step(gathered)


@contextmanager
def transaction() -> Iterator[Session]:
    """A unit of work that writes: all of it or nothing."""
    begin()
    with _ending():
        yield session()


@contextmanager
def on(connection: Connection) -> Iterator[Session]:
    """A unit of work inside the transaction of a connection that somebody else has begun and ends."""
    before, current = _open.get(), Unit(connection)
    _open.set(current)
    try:
        yield current.session()
        current.flush()
        catch_up()
    finally:
        _open.set(before)
        current.close()


@contextmanager
def taking_over() -> Iterator[None]:
    """A unit of work that writes and ends here: the one that the door has opened, else one of its own."""
    if not is_open():
        begin()
    with _ending():
        yield


@contextmanager
def reading(*, at_one_moment: bool = False, may_lag: bool = False) -> Iterator[Session]:
    """A unit of work that only reads, and never waits for a writer; `may_lag` as `begin` has it.

    `at_one_moment`: it sees one alone, as `begin` has it.
    """
    begin(reads_only=True, sees_one_moment=at_one_moment, may_lag=may_lag)
    with _ending():
        yield session()


@contextmanager
def glancing(*, may_lag: bool = False) -> Iterator[None]:
    """As `reading` at one moment, with a session once one is asked for: what it read can be kept."""
    begin(reads_only=True, sees_one_moment=True, may_lag=may_lag)
    with _ending():
        yield


@contextmanager
def _ending() -> Iterator[None]:
    try:
        yield
    except BaseException:
        finish(keep=False)
        raise
    finish(keep=True)
