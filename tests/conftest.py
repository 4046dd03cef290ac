"""The fixtures everything shares: a database, a clock that stands still, the app, and a small world."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from postmortems import clock as the_clock
from postmortems import db
from tests.tables import create_all


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """A fresh SQLite database with every table; the value is its URL."""
    url = f"sqlite:///{tmp_path / 'test.db'}"
    create_all(db.connect(url))
    yield url
    db.disconnect()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'test.db'}"
    else:
        url = request.getfixturevalue("postgres").fresh_database()
    create_all(db.connect(url))
    yield url
    db.disconnect()


class Clock:
    """A clock that moves only when told to."""

    def __init__(self, start: datetime) -> None:
        self.stack = ExitStack()
        self.set(start)

    def now(self) -> datetime:
        return the_clock.now()

    def set(self, instant: datetime) -> None:
        self.stack.close()
        self.stack.enter_context(the_clock.frozen_at(instant))

    def advance(self, **span: float) -> None:
        self.set(self.now() + timedelta(**span))


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    yield clock
    clock.stack.close()
