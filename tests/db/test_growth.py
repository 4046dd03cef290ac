"""PostgreSQL knows how large tables are while a migration fills them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, create_engine, insert, text

from postmortems.db.migrations import Growth
from tests.postgres import TemporaryPostgres

FILLED = Table("Filled so far", MetaData(), Column("id", Integer, primary_key=True))


@pytest.fixture
def engine(postgres: TemporaryPostgres) -> Iterator[Engine]:
    made = create_engine(postgres.fresh_database())
    yield made
    made.dispose()


def fill(connection: Connection, count: int) -> None:
    known = connection.scalar(text('SELECT count(*) FROM "Filled so far"')) or 0
    connection.execute(insert(FILLED), [{"id": known + one} for one in range(count)])


def planned_for(connection: Connection) -> int:
    size = connection.scalar(text("SELECT reltuples FROM pg_class WHERE relname = 'Filled so far'"))
    return int(size or 0)


@pytest.mark.postgres
def test_it_learns_a_table_s_size_whenever_that_has_grown_fourfold(engine: Engine) -> None:
    with engine.begin() as connection:
        FILLED.create(connection)
        growth, sizes = Growth(connection, [FILLED], first=50), []
        for done in (49, 50, 51, 199, 200, 400):
            fill(connection, done - (sizes[-1][0] if sizes else 0))
            growth.told(done)
            sizes.append((done, planned_for(connection)))

    assert sizes == [(49, -1), (50, 50), (51, 50), (199, 50), (200, 200), (400, 200)]


@pytest.mark.postgres
def test_who_holds_the_table_stops_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        FILLED.create(connection)
    with engine.begin() as other, engine.begin() as connection:
        other.execute(text('LOCK TABLE "Filled so far" IN SHARE UPDATE EXCLUSIVE MODE'))
        connection.execute(text("SET LOCAL lock_timeout = 1"))
        fill(connection, 50)
        Growth(connection, [FILLED], first=50).told(50)
        fill(connection, 1)

    with engine.begin() as connection:
        assert connection.scalar(text('SELECT count(*) FROM "Filled so far"')) == 51


def test_sqlite_is_told_nothing() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        # The table is not even there.
        Growth(connection, [FILLED], first=0).told(1)
