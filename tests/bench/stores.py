"""Where worlds are kept from one run of the bench to the next: files of SQLite, or a server of PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.postgres import TemporaryPostgres


class Store(Protocol):
    """Databases by name."""

    title: str

    def fresh(self, name: str) -> str:
        """The URL of an empty database of this name; one that was there is gone."""

    def copy(self, name: str) -> AbstractContextManager[str]:
        """The URL of a copy that goes with the block. Nobody may be connected to the database."""

    def pids(self) -> list[int]:
        """The processes that work for it beside those that ask."""


class SqliteFiles:
    """Files in a folder."""

    title = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def fresh(self, name: str) -> str:
        for file in self.folder.glob(f"{name}.db*"):
            file.unlink()
        return self._url(name)

    @contextmanager
    def copy(self, name: str) -> Iterator[str]:
        copied = f"copy-{uuid4().hex}"
        shutil.copyfile(self.folder / f"{name}.db", self.folder / f"{copied}.db")
        try:
            yield self._url(copied)
        finally:
            self.fresh(copied)

    def pids(self) -> list[int]:
        return []

    def _url(self, name: str) -> str:
        return f"sqlite:///{self.folder / name}.db"


class PostgresServer:
    """Databases of a server whose data lie in a folder; it runs as long as the `with` block."""

    title = "PostgreSQL"

    def __init__(self, folder: Path) -> None:
        self.folder, self.server = folder, TemporaryPostgres(folder)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.server.__exit__(kind, error, at)

    def fresh(self, name: str) -> str:
        self._drop(name)
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return self._url(name)

    @contextmanager
    def copy(self, name: str) -> Iterator[str]:
        copied = f"copy-{uuid4().hex}"
        # By files, not through the log: much quicker for what is large.
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(copied), sql.Identifier(name)
            )
        )
        try:
            yield self._url(copied)
        finally:
            self._drop(copied)

    def pids(self) -> list[int]:
        # Somebody else's server works where we do not see it.
        lock = self.folder / "postmaster.pid"
        return [int(lock.read_text().split()[0])] if lock.exists() else []

    def _drop(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _url(self, name: str) -> str:
        return self.server.maintenance.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: sql.Composed) -> None:
        address = self.server.maintenance.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)
