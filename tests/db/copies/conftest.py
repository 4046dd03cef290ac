"""Databases that migrations made, with rows in every table and without any, on both systems."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import Engine

from postmortems.db import migrations
from postmortems.db import session as db
from tests.db.copies import filled
from tests.postgres import TemporaryPostgres
from tests.tables import put_migrated, put_sqlite

SYSTEMS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


class Make(Protocol):
    """A new database of this system, which ends with the test."""

    def __call__(self, system: str = "sqlite") -> Engine: ...


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[Callable[[str], Engine]]:
    made: list[Engine] = []

    def make(url: str) -> Engine:
        made.append(db.make_engine(url))
        return made[-1]

    yield make
    for engine in made:
        engine.dispose()


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path, engines: Callable[[str], Engine]) -> Make:
    """With the tables of today and no row."""
    count = iter(range(9))

    def make(system: str = "sqlite") -> Engine:
        if system == "sqlite":
            return engines(put_migrated(tmp_path / f"empty-{next(count)}.db"))
        postgres: TemporaryPostgres = request.getfixturevalue("postgres")
        return engines(postgres.fresh_database(request.getfixturevalue("migrated_postgres")))

    return make


@pytest.fixture
def full(request: pytest.FixtureRequest, tmp_path: Path, engines: Callable[[str], Engine]) -> Make:
    """With rows in every table."""

    def make(system: str = "sqlite") -> Engine:
        if system == "sqlite":
            put_sqlite(tmp_path / "full.db", request.getfixturevalue("full_sqlite"))
            return engines(f"sqlite:///{tmp_path / 'full.db'}")
        postgres: TemporaryPostgres = request.getfixturevalue("postgres")
        return engines(postgres.fresh_database(request.getfixturevalue("full_postgres")))

    return make


@pytest.fixture(scope="session")
def full_sqlite(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("full") / "full.db"
    _fill(put_migrated(path))
    return path.read_bytes()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: TemporaryPostgres) -> str:
    url = postgres.fresh_database()
    engine = db.make_engine(url)
    migrations.upgrade(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def full_postgres(postgres: TemporaryPostgres, migrated_postgres: str) -> str:
    return _fill(postgres.fresh_database(migrated_postgres))


def _fill(url: str) -> str:
    engine = db.make_engine(url)
    # A few have rules about several columns.
    assert len(filled.fill(engine)) <= 6
    engine.dispose()
    return url
