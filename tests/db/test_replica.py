"""Reports are read from a real streaming replica while it is near, and from the database itself otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import make_url, select, text

from postmortems import clock
from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts import sign_in
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.cli import cli
from postmortems.db import migrations, reads, replica
from postmortems.db import session as db
from postmortems.db.reads import Reads
from postmortems.db.replica import Replica, State
from postmortems.document.model import Document
from postmortems.errors import Misconfigured
from postmortems.guards.models import Service
from postmortems.incidents.models import Incident
from postmortems.web.watching import checks
from tests import postgres as postgresql
from tests import standby as standbys
from tests import system_packages
from tests.apps import app_on
from tests.faults.serving import until
from tests.incidents import documents
from tests.postgres import TemporaryPostgres
from tests.standby import Standby
from tests.world import Browser, build

pytestmark = pytest.mark.postgres

IS_REPLICA = text("SELECT pg_is_in_recovery()")


@pytest.fixture(scope="module")
def primary() -> Iterator[TemporaryPostgres]:
    system_packages.require(postgresql.why_missing())
    with TemporaryPostgres() as server:
        if server.folder is None:
            pytest.skip("the server that POSTMORTEMS_TEST_DATABASE_URL names is not ours to follow")
        yield server


@pytest.fixture(scope="module")
def url(primary: TemporaryPostgres) -> str:
    made = primary.fresh_database()
    migrations.upgrade(db.connect(made))
    build()
    db.disconnect()
    return made


@pytest.fixture(scope="module")
def standby(primary: TemporaryPostgres, url: str) -> Iterator[Standby]:
    with standbys.following(primary) as made:
        yield made


@pytest.fixture
def read_url(url: str, standby: Standby) -> Iterator[str]:
    """The replica's URL, with this process connected to both."""
    db.connect(url, read_url=standby.url_of(url))
    yield standby.url_of(url)
    db.disconnect()


def is_read_there() -> bool:
    with db.reading(may_lag=True) as session:
        return bool(session.scalar(IS_REPLICA))


def told(of: str) -> None:
    """A person more, with this name."""
    with db.transaction():
        accounts.add_user(of, "viewer", actor=Actor.system("test"))


def names(*, may_lag: bool) -> set[str]:
    with db.reading(may_lag=may_lag) as session:
        return set(session.scalars(select(User.name)))


def test_only_what_may_lag_is_read_from_the_replica(read_url: str) -> None:
    until(is_read_there)
    with db.reading() as session:
        assert session.scalar(IS_REPLICA) is False
    with db.transaction() as session:
        assert session.scalar(IS_REPLICA) is False
    with db.reading(at_one_moment=True, may_lag=True) as session:
        assert session.scalar(text("SHOW transaction_isolation")) == "repeatable read"


def test_what_is_stored_is_seen_at_once_by_what_may_not_lag_and_there_soon(read_url: str) -> None:
    told("dee")
    assert "dee" in names(may_lag=False)
    until(lambda: is_read_there() and "dee" in names(may_lag=True))


def open_transaction(url: str, name: str) -> psycopg.Connection[object]:
    """One that adds a service of this name, and has not ended."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(address)
    connection.execute("INSERT INTO services (name, title, is_demo) VALUES (%s, '', false)", [name])
    return connection


def services() -> set[str]:
    return {name for (name,) in db.rows(select(Service.name))}


def kept_from_the_replica() -> tuple[Reads, set[str]]:
    with db.glancing(may_lag=True):
        with reads.recorded() as found:
            seen = services()
        found.settle()
    return found, seen


def test_what_was_kept_of_it_gives_way_to_a_commit_beside_an_older_open_transaction(
    url: str, read_url: str
) -> None:
    with open_transaction(url, "older") as older, open_transaction(url, "newer") as newer:
        told("fay")
        until(lambda: is_read_there() and "fay" in names(may_lag=True))
        found, seen = kept_from_the_replica()
        newer.commit()
        until(lambda: is_read_there() and "newer" in kept_from_the_replica()[1])

        with db.glancing(may_lag=True):
            assert "newer" not in seen
            assert not found.still_hold()
        older.rollback()


def test_one_that_is_too_far_behind_is_not_read(read_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    until(is_read_there)
    monkeypatch.setattr(replica, "MOST_LAG_S", 1.5)
    with standing_still(read_url):
        told("eve")
        until(lambda: (state().lag_s or 0) > replica.MOST_LAG_S)
        assert not is_read_there()
        assert "eve" in names(may_lag=True)
        assert "reports and exports read the database itself" in str(state())
    until(is_read_there)


def titles() -> set[str]:
    """What somebody sees whom no restriction names."""
    with db.reading(may_lag=True) as session:
        return set(session.scalars(select(Incident.title)))


def test_what_was_restricted_a_moment_ago_is_shown_from_none(read_url: str) -> None:
    slug = documents.save(Document("Zanzibar payroll leaked")).slug
    until(lambda: is_read_there() and "Zanzibar payroll leaked" in titles())
    with standing_still(read_url):
        documents.save(Document("Zanzibar payroll leaked", restricted=("ada",)), slug)

        assert state().is_near
        assert titles() == set()
    until(is_read_there)
    assert titles() == set()


@contextmanager
def standing_still(read_url: str) -> Iterator[None]:
    """The replica takes in nothing new."""
    address = make_url(read_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            connection.execute("SELECT pg_wal_replay_resume()")


def state() -> State:
    found = db.replica()
    assert found is not None
    return found.state()


def test_reports_and_exports_come_from_there_and_who_asks_is_known_from_here(url: str, read_url: str) -> None:
    until(is_read_there)
    app = app_on(url, read_database_url=read_url)
    with db.transaction():
        secret = sign_in.open_session(accounts_queries.account("ada"), clock.now())
    browser = Browser(app)
    browser.set_cookie("postmortems", secret)
    seen: list[bool] = []
    with app.app_context():
        app.after_request(lambda answer: seen.append(_is_there_now()) or answer)
    for path in ("/reports/process-fixes", "/coverage", "/incidents"):
        until(is_read_there)
        assert browser.get(path).status_code == 200
    assert browser.get("/readyz").json["replica"].startswith("it shows what was stored")
    assert seen[:3] == [True, True, False]


def _is_there_now() -> bool:
    return db.is_open() and bool(db.session().scalar(IS_REPLICA))


def test_without_it_reports_are_read_all_the_same_and_it_is_said(
    url: str, read_url: str, standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    until(is_read_there)
    for name, value in {"DATABASE_URL": url, "READ_DATABASE_URL": read_url, "SECRET_KEY": "x" * 32}.items():
        monkeypatch.setenv(f"POSTMORTEMS_{name}", value)
    assert "ok    replica: it shows what was stored" in CliRunner().invoke(cli, ["doctor"]).output
    db.connect(url, read_url=read_url)
    standby.stop()
    try:
        until(lambda: not state().is_near)
        assert not is_read_there()
        client = app_on(url, read_database_url=read_url).test_client()
        ready = client.get("/readyz")
        assert (ready.status_code, "does not answer" in ready.json["replica"]) == (200, True)
        said = CliRunner().invoke(cli, ["doctor"]).output
        assert "WRONG replica: it does not answer" in said
        assert "let it follow, or correct POSTMORTEMS_READ_DATABASE_URL" in said
    finally:
        standby.start()
    db.connect(url, read_url=read_url)
    until(is_read_there)


def test_another_server_that_follows_none_is_no_replica(url: str, read_url: str) -> None:
    alone = Replica(db.make_engine(url), db.engine())
    assert "it follows no other server" in str(alone.state())
    alone.engine.dispose()
    settings = replace(checks.Settings(), database_url=url, read_database_url=url)
    with pytest.raises(Misconfigured, match="is no replica"):
        checks.replica(settings, db.engine())
