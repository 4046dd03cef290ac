"""Database sessions: one engine, one session per unit of work, and the project's only `commit`.

Doors begin and end units; operations and queries take `session()` and at most flush. SQLite and
PostgreSQL differ in this module alone, and in `postgres_watchdog`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

from sqlalchemy import (
    JSON,
    CursorResult,
    DateTime,
    Engine,
    Executable,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Dialect, make_url
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.sql.compiler import InsertmanyvaluesSentinelOpts

from postmortems.db.units import Unit
from postmortems.errors import NotFound
from postmortems.formats.json_text import dumped
from postmortems.limits import STATEMENT_WITHIN_S, FileRules

# The first SQLite without the WAL-reset corruption bug (3.7.0 to 3.51.2).
SAFE_WAL = (3, 51, 3)

POSTGRESQL_LIMITS_MS = {
    "statement_timeout": STATEMENT_WITHIN_S * 1000,
    "lock_timeout": 5_000,
    "idle_in_transaction_session_timeout": 60_000,
}

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


Json = JSON().with_variant(JSONB(), "postgresql")

Key = Annotated[int, mapped_column(primary_key=True)]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]
Body = Annotated[str, mapped_column(Text, default="")]
Fields = Annotated[dict[str, Any], mapped_column(Json, default=dict)]

_engine: Engine | None = None
_reader: Engine | None = None
_files = FileRules()
_kept: dict[Any, Any] = {}
_open: ContextVar[Unit | None] = ContextVar("unit", default=None)


def _sqlite_module() -> Any:
    """The bundled current SQLite where it is installed, else the standard library's."""
    try:
        import pysqlite3.dbapi2 as module
    except ImportError:
        import sqlite3 as module
    return module


def _sqlite_engine(url: str) -> Engine:
    module = _sqlite_module()
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        # What is raised is logged, and values are incidents and secrets.
        hide_parameters=True,
        module=module,
        connect_args={"timeout": 5},
        pool_size=5,
        max_overflow=20,
        json_serializer=dumped,
    )
    # SQLite numbers the rows of one INSERT in their order, so that many can go in by one as on PostgreSQL.
    engine.dialect.insertmanyvalues_implicit_sentinel = InsertmanyvaluesSentinelOpts.ANY_AUTOINCREMENT
    journal = "WAL" if module.sqlite_version_info >= SAFE_WAL else "DELETE"

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # The driver's own BEGIN would come too late and deferred.
        for pragma in (f"journal_mode={journal}", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer that began deferred is refused at once when its snapshot is stale, despite busy_timeout.
        reads_only = bool(connection.get_execution_options().get("reads_only"))
        if connection.info.get("reads_only") is not reads_only:
            connection.exec_driver_sql(f"PRAGMA query_only={int(reads_only)}")
            connection.info["reads_only"] = reads_only
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine


def _postgresql_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        # What is raised is logged, and values are incidents and secrets.
        hide_parameters=True,
        connect_args={
            "connect_timeout": 3,
            "options": " ".join(f"-c {name}={ms}" for name, ms in POSTGRESQL_LIMITS_MS.items()),
        },
        pool_size=8,
        max_overflow=8,
        pool_timeout=5,
        pool_pre_ping=True,
        json_serializer=dumped,
    )

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, words: Any, options: Any) -> Any:
        from postmortems.db.postgres_watchdog import Connection  # Loads what SQLite does without.

        return Connection.connect(*words, **options)

    return engine


def make_engine(url: str) -> Engine:
    """An engine for `sqlite:///…` or `postgresql+psycopg://…`, set up as this project needs it."""
    return _sqlite_engine(url) if url.startswith("sqlite") else _postgresql_engine(url)


def connect(url: str, files: FileRules | None = None) -> Engine:
    """Use this database from here on, and `files` for what is attached. Tests call it again for another."""
    global _engine, _reader, _files
    disconnect()
    _files = files or FileRules()
    _engine = make_engine(url)
    _reader = _engine.execution_options(reads_only=True, postgresql_readonly=True)
    return _engine


def disconnect() -> None:
    global _engine, _reader
    if _engine is not None:
        _engine.dispose()
    _engine = _reader = None
    _kept.clear()


def engine() -> Engine:
    if _engine is None:
        raise RuntimeError("no database: call db.connect(url) first")
    return _engine


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


def at_end(step: Callable[[dict[Any, Any]], None]) -> dict[Any, Any]:
    """What `step` is called with once, before this unit of work commits, in its transaction: put it in here.

    A unit that is taken back forgets it.
    """
    return noted().setdefault("steps", {}).setdefault(step, {})  # type: ignore[no-any-return]


def catch_up() -> None:
    """Take the steps at the end now, where what they change is about to be read or shown."""
    current = _open.get()
    steps = current.noted.get("steps", {}) if current else {}
    while steps:
        step, gathered = steps.popitem()
        step(gathered)
        # What it wrote may need another step.
        session().flush()


def begin(*, reads_only: bool = False) -> None:
    """Open a unit of work; `finish` ends it. Doors that can use `with` take `transaction` or `reading`."""
    if is_open():
        raise RuntimeError("a unit of work is already open; doors begin and end them, nothing else does")
    writer = engine()
    _open.set(Unit((_reader or writer) if reads_only else writer))


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
def reading(*, at_one_moment: bool = False) -> Iterator[Session]:
    """A unit of work that only reads, and never waits for a writer.

    `at_one_moment`: all its statements see the same state, as on SQLite they do anyway.
    """
    begin(reads_only=True)
    if at_one_moment and engine().dialect.name == "postgresql":
        connection().execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    with _ending():
        yield session()


@contextmanager
def _ending() -> Iterator[None]:
    try:
        yield
    except BaseException:
        finish(keep=False)
        raise
    finish(keep=True)
