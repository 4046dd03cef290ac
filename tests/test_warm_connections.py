"""A connection that a test takes over has nothing of the test before, and one that was ended is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import text

from postmortems.db import session as db
from postmortems.db.session import session
from tests import warm_connections
from tests.postgres import TemporaryPostgres

pytestmark = pytest.mark.postgres
ASKED = text(
    "SELECT pg_backend_pid(), current_setting('work_mem'), current_setting('statement_timeout'),"
    " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),"
    " (SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM pg_cursors),"
    " to_regclass('pg_temp.left_behind')"
)


@pytest.fixture
def url(postgres: TemporaryPostgres) -> Iterator[str]:
    url = postgres.fresh_database()
    warm_connections.share(url)
    yield url
    db.disconnect()
    warm_connections.close(url)
    postgres.drop(url)


def asked(url: str) -> list[object]:
    db.connect(url)
    with db.reading():
        found = list(session().execute(ASKED).one())
    db.disconnect()
    return found


def test_nothing_is_left_of_the_session_before(url: str) -> None:
    first = asked(url)
    db.connect(url)
    with db.transaction():
        session().execute(text("SET SESSION work_mem = '7MB'"))
        session().execute(text("SELECT pg_advisory_lock(7)"))
        session().execute(text("CREATE TEMPORARY TABLE left_behind (id integer)"))
        for _ in range(10):
            session().execute(text("SELECT 1"))
        assert session().execute(ASKED).one()[1:] == ("7MB", first[2], 1, 1, 0, "left_behind")
    db.disconnect()
    kept = warm_connections.numbers(url)

    with ExitStack() as opened:
        engine = db.connect(url)
        connections = [opened.enter_context(engine.connect()) for _ in kept]
        found = [list(one.execute(ASKED).one()) for one in connections]

    assert first[0] in kept
    assert sorted(found) == sorted([number, *first[1:]] for number in kept)


def test_one_that_the_server_has_ended_is_replaced(url: str, postgres: TemporaryPostgres) -> None:
    first = asked(url)
    assert warm_connections.numbers(url) == [first[0]]
    assert not postgres.emptied(url, ["a table that is not there"])

    second = asked(url)

    assert second[0] != first[0]
    assert second[1:] == first[1:]


def test_one_in_the_middle_of_something_is_not_kept(url: str) -> None:
    connection = db.connect(url).raw_connection()
    connection.cursor().execute("SELECT 1")
    connection.detach()
    warm = connection.dbapi_connection
    assert warm is not None
    db.engine().dialect.do_close(warm)

    assert warm_connections.numbers(url) == []


def test_a_database_that_is_not_shared_keeps_none(url: str) -> None:
    warm_connections.close(url)

    asked(url)

    assert warm_connections.numbers(url) == []
