"""Rows that many tests begin with: stored once by the product's own operations, then put back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, event

from postmortems import clock
from postmortems.db import session as db
from postmortems.db.session import Base
from tests.tables import put_sqlite

# The database that was begun, and what has been stored there since; None where that was not kept rows alone.
_begun: URL | None = None
_stored: tuple[Any, ...] | None = None
Value = TypeVar("Value")

_kept: dict[tuple[Any, ...], tuple[Any, Any]] = {}


def begin() -> None:
    """The database that is connected has every table and no row."""
    global _begun, _stored
    _begun, _stored = db.engine().url, ()


@event.listens_for(Engine, "commit")
def _changed(connection: Connection) -> None:
    global _stored
    if not connection.get_execution_options().get("reads_only"):
        _stored = None


def kept(name: object, build: Callable[[], Value]) -> Value:
    """What `build` gives, which stores rows in units of work of its own; `name` has all it depends on.

    Where the database holds nothing but what was kept before, its rows are put back the next time, at the
    same reading of the clock where that stands still, and the value is a copy.
    """
    global _stored
    if _stored is None or db.engine().url != _begun:
        return build()
    content = _Sqlite if db.engine().dialect.name == "sqlite" else _Postgresql
    before = (content, *_stored)
    known = (*before, name, clock._frozen)
    if known not in _kept:
        value = build()
        _kept[known] = value, content.read()
    else:
        _kept[known][1].put_back(_kept[before][1] if before in _kept else None)
    _stored = known[1:]
    return deepcopy(_kept[known][0])  # type: ignore[no-any-return]


class _Sqlite(NamedTuple):
    """The file as it is."""

    file: bytes

    @classmethod
    def read(cls) -> Self:
        return cls(_idle_file().read_bytes())

    def put_back(self, present: Self | None) -> None:
        put_sqlite(_idle_file(), self.file)


def _idle_file() -> Path:
    engine = db.engine()
    engine.dispose()
    return Path(str(engine.url.database))


class _Postgresql(NamedTuple):
    """By table its rows, as COPY gives them; by sequence its last number."""

    rows: dict[str, bytes]
    numbers: dict[str, int]

    @classmethod
    def read(cls) -> Self:
        with _cursor() as cursor:
            return cls(*_content(cursor))

    def put_back(self, present: Self | None) -> None:
        with _cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(";".join(f'DELETE FROM "{table}"' for table in (present.rows if present else ())))
            for table, rows in self.rows.items():
                with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT BINARY)') as copy:
                    copy.write(rows)
            cursor.execute(
                "SELECT setval(name, number) FROM unnest(%s::text[], %s::bigint[]) AS last (name, number)",
                (list(self.numbers), list(self.numbers.values())),
            )


@contextmanager
def _cursor() -> Iterator[Any]:
    with closing(db.engine().raw_connection()) as connection:
        with closing(connection.cursor()) as cursor:
            yield cursor
        connection.commit()


def _content(cursor: Any) -> tuple[dict[str, bytes], dict[str, int]]:
    rows = {}
    for table in Base.metadata.tables:
        if cursor.execute(f'SELECT FROM "{table}" LIMIT 1').fetchone() is not None:
            with cursor.copy(f'COPY (SELECT * FROM "{table}") TO STDOUT (FORMAT BINARY)') as copy:
                rows[table] = b"".join(bytes(part) for part in copy)
    cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL")
    return rows, dict(cursor.fetchall())
