"""Snapshot: what a database holds at one moment, read while others write.

On PostgreSQL it is one transaction that sees one state; migrations wait until it ends. On SQLite it is one
reader, and the log of writes beside the file grows until it ends; without that log a reader would keep
writers out, so a copy of the file is read instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, Table, text
from sqlalchemy.engine import Connection

from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.db.copies import tables
from postmortems.db.copies.manifest import TableSum
from postmortems.db.copies.tables import Shape
from postmortems.db.copies.values import Row
from postmortems.errors import Conflict, Misconfigured


class Source(Protocol):
    """Where rows come from: a database, or a file."""

    @property
    def revision(self) -> str: ...

    @property
    def shapes(self) -> Sequence[Shape]: ...

    @property
    def sums(self) -> Mapping[str, TableSum]:
        """What is known of tables before their rows are read."""

    def rows(self, name: str) -> Iterator[Row]: ...


class Snapshot:
    """A `Source`: the tables of a connection, as they were when its transaction began."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.revision = MigrationContext.configure(connection).get_current_revision() or ""
        if not self.revision:
            raise Misconfigured("the database has no tables of ours, so there is nothing to copy")
        self.sums: Mapping[str, TableSum] = {}
        self._tables: dict[str, Table] = {table.name: table for table in tables.reflect(connection)}

    @property
    def shapes(self) -> Sequence[Shape]:
        return [tables.shape_of(table) for table in self._tables.values()]

    def rows(self, name: str) -> Iterator[Row]:
        return tables.rows(self._connection, self._tables[name])


@contextmanager
def of(engine: Engine) -> Iterator[Snapshot]:
    """The present state of a database. Raises `Conflict` while its tables are being migrated."""
    reader = engine.execution_options(reads_only=True, postgresql_readonly=True)
    if engine.dialect.name == "sqlite":
        with _quick_to_read(reader) as quick, quick.connect() as connection, connection.begin():
            yield Snapshot(connection)
        return
    # On a connection of its own: the state is taken after no migration can come between.
    with reader.connect() as guard, guard.begin():
        _wait_for_us(guard)
        if not guard.scalar(
            text("SELECT pg_try_advisory_xact_lock_shared(:lock)"), {"lock": migrations.LOCK}
        ):
            raise Conflict("the tables are being brought to another revision; try again when that is done")
        with reader.connect() as connection, connection.begin():
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            _wait_for_us(connection)
            yield Snapshot(connection)


@contextmanager
def _quick_to_read(engine: Engine) -> Iterator[Engine]:
    """This database, or a copy of its file beside it for as long as it is read."""
    with engine.connect() as connection:
        if connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal":
            yield engine
            return
        place = Path(str(engine.url.database)).absolute().parent
        with TemporaryDirectory(prefix="copy-", dir=place) as folder:
            copy = db.make_engine(f"sqlite:///{Path(folder, 'copy.db')}")
            with copy.connect() as other:
                source: Any = connection.connection.driver_connection
                # All at once: writers wait for as long as it takes to copy the bytes.
                source.backup(other.connection.driver_connection)
            try:
                yield copy.execution_options(reads_only=True)
            finally:
                copy.dispose()


def _wait_for_us(connection: Connection) -> None:
    # A large table takes its time, and so does whoever takes in the rows.
    for name in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"):
        connection.execute(text(f"SET LOCAL {name} = 0"))
