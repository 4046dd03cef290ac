"""An upgrade of PostgreSQL's tables while others work on them: they go first, and nobody is ended for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import Engine, text

from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.errors import Misconfigured
from tests.deploy.releases import REVISION
from tests.postgres import TemporaryPostgres

pytestmark = pytest.mark.postgres

WAITS = text("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = CAST(:table AS regclass)")


@pytest.fixture
def engine(postgres: TemporaryPostgres) -> Iterator[Engine]:
    """A database of the release before."""
    engine = db.connect(postgres.fresh_database())
    migrations.upgrade(engine, REVISION)
    yield engine
    db.disconnect()


def take(table: str) -> None:
    """Have a table as whoever writes to it."""
    db.connection().execute(text(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE"))


# In each pair the upgrade has changed the second by the time it wants the first.
@pytest.mark.parametrize(
    "has, wants",
    [
        ("guards", "events"),
        ("evaluations", "events"),
        ("tallies", "users"),
        ("incidents", "browser_sessions"),
    ],
)
def test_who_has_one_table_and_wants_one_that_is_changed_already_is_given_way(
    engine: Engine, has: str, wants: str, caplog: pytest.LogCaptureFixture
) -> None:
    upgrading = threading.Thread(target=migrations.upgrade, args=(engine,))
    with db.transaction():
        take(has)
        upgrading.start()
        with engine.connect() as watching:
            while upgrading.is_alive() and watching.execute(WAITS, {"table": has}).first() is None:
                watching.rollback()
        take(wants)
    upgrading.join()

    assert migrations.is_current(engine)
    assert "others work on a table that has to change" in caplog.text


def test_who_never_lets_a_table_go_is_told_of_and_nothing_is_changed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "PATIENT_FOR_S", 0.0)

    with db.transaction():
        take("incidents")
        with pytest.raises(Misconfigured, match="pg_stat_activity shows as the oldest"):
            migrations.upgrade(engine)

    assert migrations.current(engine) == REVISION


def test_what_is_no_matter_of_others_is_not_tried_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def breaks(config: object, to: str) -> None:
        tried.append(to)
        migrations.connection_of(config).execute(text("SELECT 1 / 0"))  # type: ignore[arg-type]

    monkeypatch.setattr(command, "upgrade", breaks)

    with pytest.raises(Exception, match="division by zero"):
        migrations.upgrade(engine)
    assert tried == ["head"]
