"""A PostgreSQL that stands still is noticed, and one that is slow is waited for."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from postmortems.db import postgres_watchdog
from postmortems.db import session as db
from tests.postgres import TemporaryPostgres

pytestmark = pytest.mark.postgres


@pytest.fixture
def connected(postgres: TemporaryPostgres, monkeypatch: pytest.MonkeyPatch) -> TemporaryPostgres:
    monkeypatch.setattr(postgres_watchdog, "SILENT_S", 0.02)
    db.connect(postgres.fresh_database())
    return postgres


def test_a_slow_statement_is_waited_for(connected: TemporaryPostgres) -> None:
    with db.reading() as session:
        assert session.scalar(text("SELECT 'done' FROM pg_sleep(0.4)")) == "done"
    db.disconnect()


def test_a_server_that_stands_still_is_an_error_and_the_next_unit_begins_anew(
    connected: TemporaryPostgres,
) -> None:
    if connected.folder is None:
        pytest.skip("the server that POSTMORTEMS_TEST_DATABASE_URL names is not ours to stop")
    with db.transaction() as session:
        session.execute(text("SELECT 1"))
        with connected.frozen(), pytest.raises(OperationalError, match="does not answer"):
            session.execute(text("SELECT 2"))
        session.rollback()
    with db.reading() as session:
        assert session.scalar(text("SELECT 3")) == 3
    db.disconnect()
