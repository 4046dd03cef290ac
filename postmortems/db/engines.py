"""Engines: SQLite and PostgreSQL, each set up as this project needs it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, PoolProxiedConnection, create_engine, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.engine.base import OptionEngine
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.compiler import InsertmanyvaluesSentinelOpts

from postmortems.db import driver
from postmortems.db.writer_door import WriterDoor
from postmortems.db.writer_queue import WriterQueue
from postmortems.formats.json_text import dumped, loaded
from postmortems.limits import SQLITE_LOG, STATEMENT_WITHIN_S

# The first SQLite without the WAL-reset corruption bug (3.7.0 to 3.51.2).
SAFE_WAL = (3, 51, 3)
PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")

# So many statements a connection keeps prepared, some 6 kB each. Once it has more, pysqlite3 (0.6) gives up
# those that came last first, however often they are asked: its own 128 are used up by a few dozen pages, and
# from then on all that is new is prepared each time.
PREPARED = 512

# What a connection's record in the pool keeps as long as it is its turn to write.
TURN = "turn"

# The tokens of SQLite's index of full text (`full_text`): each connection sees them by a table of its own.
TERMS = "search_terms"
FIND_TERMS = f"CREATE VIRTUAL TABLE temp.{TERMS} USING fts5vocab(main, search_index, instance)"

POSTGRESQL_LIMITS_MS = {
    "statement_timeout": STATEMENT_WITHIN_S * 1000,
    "lock_timeout": 5_000,
    "idle_in_transaction_session_timeout": 60_000,
}


class _Compiler(SQLiteCompiler):
    """SQL as SQLite is given it."""

    def limit_clause(self, select: Any, **options: Any) -> str:
        # Where a limit is a parameter and nothing else, SQLite (3.53) plans by its value, and so prepares the
        # statement anew each time that it is run. A sum's value it does not look at.
        said: str = super().limit_clause(select, **options)  # type: ignore[no-untyped-call]
        limit, offset, skipped = said.rpartition(" OFFSET ")
        return f"{limit} + 0{offset}{skipped}"


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
        connect_args={"timeout": 5, "cached_statements": PREPARED},
        pool_size=5,
        # Who stands in line to write has one, and must not keep who reads from having one.
        max_overflow=60,
        # What was read lately is still in the memory of the connection that was used last.
        pool_use_lifo=True,
        json_serializer=dumped,
        json_deserializer=loaded,
    )
    engine.dialect.statement_compiler = _Compiler
    # SQLite numbers the rows of one INSERT in their order, so that many can go in by one as on PostgreSQL.
    engine.dialect.insertmanyvalues_implicit_sentinel = InsertmanyvaluesSentinelOpts.ANY_AUTOINCREMENT
    journal = "WAL" if module.sqlite_version_info >= SAFE_WAL else "DELETE"

    @event.listens_for(engine, "do_connect")
    def _make(_dialect: Any, _record: Any, words: Any, _options: Any) -> None:
        # SQLite would let everybody read a new file whom the umask lets; what it makes beside it is as it is.
        with suppress(OSError):
            os.close(os.open(words[0], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # The driver's own BEGIN would come too late and deferred.
        for pragma in (f"journal_mode={journal}", f"journal_size_limit={SQLITE_LOG}", *PRAGMAS):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(FIND_TERMS)

    _stand_in_line(engine)
    return engine


class SqliteReader(OptionEngine):
    """The engine's side for who only reads, with connections of its own; its listeners hear of both.

    Whether a connection may write is a pragma, and each that is set makes SQLite forget what it has prepared.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, {"reads_only": True})
        self.own = engine.pool.recreate()
        event.listen(engine, "engine_disposed", self._begin_anew)

    def raw_connection(self) -> PoolProxiedConnection:
        return self.own.connect()

    def close(self) -> None:
        """Close its connections, and hear of its engine no more."""
        event.remove(self._proxied, "engine_disposed", self._begin_anew)
        self.own.dispose()

    def _begin_anew(self, _engine: Engine) -> None:
        self.own.dispose()
        self.own = self.own.recreate()


def _stand_in_line(engine: Engine) -> None:
    """Let whoever writes have the turn from the beginning of the transaction until the connection is back."""
    queue, door = WriterQueue(), WriterDoor(engine.url.database)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer that began deferred is refused at once when its snapshot is stale, despite busy_timeout.
        reads_only = bool(connection.get_execution_options().get("reads_only"))
        if connection.info.get("reads_only") is not reads_only:
            driver.run(connection, f"PRAGMA query_only={int(reads_only)}")
            connection.info["reads_only"] = reads_only
        if reads_only:
            driver.run(connection, "BEGIN")
        elif TURN in _record_of(connection):
            _begin_at_the_door(connection, door, None)
        else:
            _begin_in_turn(connection, queue, door)

    @event.listens_for(engine, "checkin")
    def _end(_connection: Any, record: Any) -> None:
        if record.record_info.pop(TURN, False):
            queue.give_back(has_written=True)

    @event.listens_for(engine, "engine_disposed")
    def _close(_engine: Engine) -> None:
        door.close()


def _begin_in_turn(connection: Connection, queue: WriterQueue, door: WriterDoor) -> None:
    """Begin to write once it is this connection's turn, which ends as it goes back to the pool.

    In line, at the door and then for SQLite, it waits as long as its `busy_timeout` says.
    """
    left_s = None
    if not queue.take_at_once():
        left_s = queue.take(_patience_s(connection))
        if left_s is None:
            raise _locked()
    try:
        _begin_at_the_door(connection, door, left_s)
    except BaseException:
        queue.give_back(has_written=False)
        raise
    _record_of(connection)[TURN] = True


def _begin_at_the_door(connection: Connection, door: WriterDoor, left_s: float | None) -> None:
    """Begin to write before any other process that asks from now on; None is the usual patience."""
    if not door.enter_at_once():
        left_s = door.enter(_patience_s(connection) if left_s is None else left_s)
    try:
        if left_s is None:
            driver.run(connection, "BEGIN IMMEDIATE")
        else:
            _begin_within(connection, left_s)
    finally:
        door.leave()


def _begin_within(connection: Connection, left_s: float) -> None:
    usual_ms, left_ms = round(_patience_s(connection) * 1000), round(left_s * 1000)
    if left_ms != usual_ms:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={left_ms}")
    try:
        driver.run(connection, "BEGIN IMMEDIATE")
    finally:
        if left_ms != usual_ms:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={usual_ms}")


def _patience_s(connection: Connection) -> float:
    usual_ms: int = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    return usual_ms / 1000


def _locked() -> OperationalError:
    """As SQLite says it."""
    locked = _sqlite_module().OperationalError("database is locked")
    return OperationalError("BEGIN IMMEDIATE", {}, locked, hide_parameters=True)


def _record_of(connection: Connection) -> dict[Any, Any]:
    """What the pool keeps of a connection, even of one that is lost meanwhile."""
    record = connection.connection.record_info
    assert record is not None
    return record


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
