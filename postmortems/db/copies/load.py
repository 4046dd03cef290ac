"""Load: the rows of a backup or of another database put into an empty one, in one transaction.

They are read back and compared before it ends: what is there afterwards is what was copied, or nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, Table, delete, func, select, text, update
from sqlalchemy.engine import Connection

from postmortems.db import migrations
from postmortems.db.copies import attached, tables, values
from postmortems.db.copies.manifest import TableSum
from postmortems.db.copies.snapshot import Source
from postmortems.db.copies.tables import Shape
from postmortems.db.copies.values import Checksum, Row
from postmortems.db.versions import Version
from postmortems.errors import Conflict, Invalid, Unavailable
from postmortems.limits import FileRules

DAMAGED = "rows were damaged on their way into the database; nothing was kept, so try again"

Files = Iterable[tuple[str, bytes]]
Step = Callable[[Connection], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was put in, and the tables of the source that are none of ours."""

    sums: tuple[TableSum, ...]
    left_out: tuple[str, ...]


def load(engine: Engine, source: Source, files: Files, rules: FileRules, finish: Step) -> Loaded:
    """Put all rows into the tables of their revision, and bring those to the newest.

    `finish` is called last in the transaction. Raises `Conflict` where the database has rows, `Invalid` where
    it cannot take these.
    """
    refuse_newer(source)
    done: list[Loaded] = []

    def step(config: Config) -> None:
        connection = migrations.connection_of(config)
        _refuse_rows(connection)
        _make_tables(config, source.revision)
        done.append(_filled(connection, source))
        _put_files(connection, files, rules)
        _end_leases(connection)
        command.upgrade(config, "head")
        _draw_versions(connection)
        finish(connection)

    migrations.in_transaction(engine, step)
    return done[0]


def refuse_newer(source: Source) -> None:
    """Raise `Invalid` for a copy of tables that this version does not know."""
    if not migrations.knows(source.revision):
        raise Invalid(
            f"it is of revision {source.revision}, which this version does not know: it was made by a newer "
            "version; install that one and restore with it"
        )


def refuse_rows(engine: Engine, named_by: str) -> None:
    """Raise `Conflict` where a database has rows already, before any work is done for it.

    `named_by` is what another one would be named by.
    """
    with engine.execution_options(reads_only=True).connect() as connection:
        _refuse_rows(connection, named_by)


def _refuse_rows(connection: Connection, named_by: str = "") -> None:
    empty = f"name an empty one by {named_by}, or make one" if named_by else "take an empty one"
    for table in tables.reflect(connection):
        if table.name != tables.VERSIONS and connection.execute(select(text("1")).select_from(table)).first():
            raise Conflict(
                f"the database to fill has rows already, such as in {table.name}, and nothing of it is "
                f"overwritten: {empty}"
            )


def _make_tables(config: Config, revision: str) -> None:
    at = MigrationContext.configure(migrations.connection_of(config)).get_current_revision()
    if at == revision:
        return
    if at is not None:
        command.downgrade(config, "base")
    command.upgrade(config, revision)


def _filled(connection: Connection, source: Source) -> Loaded:
    given = {shape.name: shape for shape in source.shapes}
    found = tables.reflect(connection)
    for table in found:
        _refuse_other(tables.shape_of(table), given.get(table.name), source.revision)
        # Migrations draw some.
        if table.name == tables.VERSIONS:
            connection.execute(delete(table))
    sums = tuple(_copied(connection, table, source) for table in found)
    _refuse_orphans(connection)
    for table, expected in zip(found, sums, strict=True):
        if _sum_of(connection, table) != expected:
            raise Invalid(f"{table.name}: {DAMAGED}")
        _go_on_numbering(connection, table)
    _plan_for(connection, found)
    return Loaded(sums, tuple(sorted(set(given) - {table.name for table in found})))


def _refuse_other(ours: Shape, given: Shape | None, revision: str) -> None:
    if given is None:
        raise Invalid(
            f"the table {ours.name} of revision {revision} is not in it: it is no copy of a database of ours"
        )
    if given != ours:
        column = min(set(given.columns) ^ set(ours.columns)).name
        raise Invalid(
            f"the column {ours.name}.{column} is not as revision {revision} has it: somebody changed "
            "the tables by hand; put them right where it came from"
        )


def _copied(connection: Connection, table: Table, source: Source) -> TableSum:
    shape, rows = tables.shape_of(table), source.rows(table.name)
    known, checksum = source.sums.get(table.name), Checksum(shape.columns)
    put = _insert if connection.dialect.name == "sqlite" else _copy
    driver: Any = connection.dialect.loaded_dbapi
    try:
        put(connection, shape, rows if known else checksum.following(rows))
    except driver.Error as error:
        raise Unavailable(f"{_where(error, table)}: {_reason(error)}; nothing was kept") from None
    except (ValueError, TypeError, OverflowError):
        raise Invalid(
            f"{table.name} has a value that is none of its column's kind; nothing was kept"
        ) from None
    return known or TableSum(table.name, checksum.rows, checksum.sha256)


def _where(error: Exception, table: Table) -> str:
    # `COPY incidents, line 7, column title: "…"`, of which the row's own words stay here.
    context = getattr(getattr(error, "diag", None), "context", None) or table.name
    return str(context).partition(":")[0]


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _insert(connection: Connection, shape: Shape, rows: Iterable[Row]) -> None:
    kinds = [kind for _, kind in shape.columns]
    into = f"INSERT INTO {_quoted(connection, shape.name)} ({_names(connection, shape)}) "
    cursor: Any = connection.connection.cursor()
    # It takes a row at a time, so that few are in memory.
    cursor.executemany(
        f"{into} VALUES ({', '.join('?' * len(kinds))})", values.stored_rows(kinds, rows, on_sqlite=True)
    )
    cursor.close()


def _copy(connection: Connection, shape: Shape, rows: Iterable[Row]) -> None:
    kinds = [kind for _, kind in shape.columns]
    cursor: Any = connection.connection.cursor()
    copied = f"COPY {_quoted(connection, shape.name)} ({_names(connection, shape)}) FROM STDIN"
    with cursor.copy(copied) as copy:
        for row in values.stored_rows(kinds, rows, on_sqlite=False):
            copy.write_row(row)
    cursor.close()


def _sum_of(connection: Connection, table: Table) -> TableSum:
    checksum = Checksum(tables.shape_of(table).columns)
    checksum.add(tables.rows(connection, table))
    return TableSum(table.name, checksum.rows, checksum.sha256)


def _refuse_orphans(connection: Connection) -> None:
    # PostgreSQL has checked each row by now.
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).first()
        if broken:
            raise Invalid(
                f"a row of {broken[0]} belongs to one of {broken[2]} that is not there; nothing was kept"
            )


def _go_on_numbering(connection: Connection, table: Table) -> None:
    """Let the next row have the number after the highest: PostgreSQL does not see what was copied."""
    # Of a table that is kept by month the time stands behind it.
    key = list(table.primary_key)
    if connection.dialect.name == "sqlite" or not key or values.kind_of(key[0].type) != values.WHOLE:
        return
    sequence = connection.scalar(
        text("SELECT pg_get_serial_sequence(:name, :column)"),
        {"name": _quoted(connection, table.name), "column": key[0].name},
    )
    last = connection.scalar(select(func.max(key[0]))) if sequence else None
    if last is not None:
        connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})


def _plan_for(connection: Connection, filled: Iterable[Table]) -> None:
    """Let PostgreSQL know how many rows there are now: it plans what follows for empty tables else."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(_quoted(connection, table.name) for table in filled)
        connection.execute(text(f"ANALYZE {names}"))


def _put_files(connection: Connection, files: Files, rules: FileRules) -> None:
    """Keep attached files where this installation has them: in its folder, or in the database."""
    for digest, content in files:
        place = rules.place(digest)
        if place is None:
            row = text(f"UPDATE {attached.TABLE} SET content = :content WHERE sha256 = :sha256")
            connection.execute(row, {"content": content, "sha256": digest})
            continue
        try:
            attached.put(place, content)
        except OSError as error:
            raise Unavailable(
                f"POSTMORTEMS_FILES_DIR cannot be written ({(error.strerror or 'unknown').lower()}); nothing "
                "was restored, so make room or let us write there"
            ) from None


def _end_leases(connection: Connection) -> None:
    """Whoever held something when the copy was made holds nothing of it here."""
    for table in tables.reflect(connection):
        if "leased_until" in table.c:
            free = {"leased_until": None} | ({"holder": ""} if "holder" in table.c else {})
            connection.execute(update(table).values(free))


def _draw_versions(connection: Connection) -> None:
    for name in connection.scalars(select(Version.name)).all():
        anew = update(Version).where(Version.name == name).values(number=secrets.randbits(62))
        connection.execute(anew)


def _names(connection: Connection, shape: Shape) -> str:
    return ", ".join(_quoted(connection, name) for name, _ in shape.columns)


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
