"""The fixtures everything shares: a database, a clock that stands still, the app, and a small world."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from postmortems import clock as the_clock
from postmortems.db import session as db
from postmortems.db.session import Base
from tests import kept_rows, process_state, system_packages, warm_connections
from tests import postgres as postgresql
from tests.apps import app_on
from tests.authority import Authority, found
from tests.statements import counted
from tests.tables import connect_to_tables, create_all
from tests.world import World, build

# How hard laws are tried. The suite tries the same cases each time, so that it fails for what was changed and
# not by chance; `HYPOTHESIS_PROFILE=thorough` looks for new ones. No law asserts a time: none has a deadline.
TOO_SLOW_TO_MAKE = [HealthCheck.too_slow, HealthCheck.data_too_large]
PROFILES = {"quick": (60, True), "thorough": (2_000, False)}
for name, (examples, is_the_same) in PROFILES.items():
    settings.register_profile(
        name,
        max_examples=examples,
        derandomize=is_the_same,
        deadline=None,
        suppress_health_check=TOO_SLOW_TO_MAKE,
        database=None,
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


# Where the folders of tests are made: none of their files needs to outlast the machine. To note each file of
# a repository on the disk, and to wait for that, was a fifth of what tests of syncs and backups did.
if (in_memory := postgresql.place_in_memory()) == postgresql.MEMORY:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(in_memory))


# A file is run by one worker: those that take longest begin first, so that none is waited for at the end.
FIRST = (
    *("browser/test_accessible.py", "browser/test_drafts.py", "browser/test_together.py", "test_worker.py"),
    *("document/test_fuzz.py", "web/authorisation/test_authorisation.py", "web/test_readers.py"),
    *("browser/test_quick_form.py", "web/test_doors.py", "db/copies/test_load.py", "test_migrations.py"),
    *("exchange/git_sync/test_sync.py", "bench/test_measuring.py", "cli/data/test_backup.py"),
    *("web/watching/test_traces.py", "cli/test_start.py", "browser/test_journeys.py"),
    *("deploy/test_upgrade.py", "deploy/test_topology.py", "browser/test_forms.py", "web/test_restricted.py"),
    *("web/watching/test_metrics.py", "web/watching/test_log_of_processes.py", "browser/test_unsent.py"),
    *("web/pdf/test_pdf.py", "web/test_hostile.py", "web/watching/test_rate_limits.py"),
)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays: to look it through for garbage, again and again, took a sixth of the suite."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order is the same wherever it is made: workers compare theirs."""
    places = {Path(__file__).parent / name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture(scope="module", autouse=True)
def process_as_it_was() -> Iterator[None]:
    """What a file changes of its process is put back after it: the files before one differ with each run."""
    with process_state.restored():
        yield


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the SQLite database of the present test lies."""
    return tmp_path_factory.mktemp("sqlite") / "test.db"


@pytest.fixture
def database(sqlite_file: Path) -> Iterator[str]:
    """A fresh SQLite database with every table; the value is its URL."""
    url = connect_to_tables(sqlite_file)
    kept_rows.begin()
    yield url
    db.disconnect()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Makes certificates for servers on loopback; who trusts its `certificate` trusts them."""
    return found(tmp_path_factory.mktemp("authority"))


# What a server has written lately it keeps twice, usually up to a gigabyte of it; in memory that is dear.
SMALL_LOG = {"max_wal_size": "256MB"}


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgresql.TemporaryPostgres]:
    """A PostgreSQL server; `fresh_database()` gives the URL of an empty database in it."""
    system_packages.require(postgresql.why_missing())
    with postgresql.TemporaryPostgres(settings=SMALL_LOG, is_in_memory=True) as server:
        yield server
        warm_connections.close_all()


@pytest.fixture(scope="session")
def postgres_tables(postgres: postgresql.TemporaryPostgres) -> str:
    """A database with every table, for tests to copy: that is quicker than making them again."""
    url = postgres.fresh_database()
    engine = db.make_engine(url)
    create_all(engine)
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_database(request: pytest.FixtureRequest, sqlite_file: Path) -> Iterator[str]:
    """The test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        url = connect_to_tables(sqlite_file)
    else:
        url = request.getfixturevalue("postgres_database")
        db.connect(url)
    kept_rows.begin()
    yield url
    db.disconnect()


@pytest.fixture
def postgres_database(postgres: postgresql.TemporaryPostgres, postgres_tables: str) -> Iterator[str]:
    """A database with every table and no row: the one of the test before, emptied, or another copy."""
    url = _idle.pop() if _idle else postgres.fresh_database(postgres_tables)
    warm_connections.share(url)
    yield url
    db.disconnect()
    if postgres.emptied(url, Base.metadata.tables, but=warm_connections.numbers(url)):
        _idle.append(url)
    else:
        warm_connections.close(url)
        postgres.drop(url)


# Databases with every table that no test uses now.
_idle: list[str] = []


@pytest.fixture
def count_queries() -> Callable[[], AbstractContextManager[list[str]]]:
    """`with count_queries() as statements:` collects the SQL of the block."""
    return counted


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


@pytest.fixture
def app_settings() -> dict[str, Any]:
    """What the application is told besides its database; a file that needs more says so in its own."""
    return {}


@pytest.fixture
def app(request: pytest.FixtureRequest, app_settings: dict[str, Any]) -> Flask:
    """The application on the test's database: both in turn where the test asks for `any_database`."""
    name = "any_database" if "any_database" in request.fixturenames else "database"
    return app_on(request.getfixturevalue(name), **app_settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


@pytest.fixture
def world(app: Flask) -> World:
    """Ada (author), Ben (admin) and Cy (viewer), their tokens, and the service data8."""
    return build(app)
