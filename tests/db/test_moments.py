"""A moment's mark is the same as long as nothing was written, by whomever, and no longer."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress

import pytest
from sqlalchemy import text, update

from postmortems.db import engines, moments
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.guards.models import Service


@pytest.fixture(autouse=True)
def stored(any_database: str) -> None:
    with db.transaction():
        session().add(Service(name="one", title="ONE"))
    # As long as several are open, each has another connection: leave one to be taken again and again.
    db.engine().dispose()


def mark() -> Hashable | None:
    with db.reading(at_one_moment=True):
        return moments.seen_by(db.connection())


def by_this_connection() -> None:
    with db.transaction():
        session().execute(update(Service).values(title="another"))


def by_another_connection() -> None:
    held = db.engine().raw_connection()
    with db.engine().begin() as other:
        other.execute(text("UPDATE services SET title = 'another'"))
    held.close()


def by_another_process() -> None:
    # `db.make_engine` gives tests of one database the same engine.
    other = engines.make_engine(db.engine().url.render_as_string(hide_password=False))
    with other.begin() as connection:
        connection.execute(text("UPDATE services SET title = 'another'"))
    other.dispose()


WRITES: list[Callable[[], None]] = [by_this_connection, by_another_connection, by_another_process]


def test_it_is_the_same_as_long_as_nothing_was_written() -> None:
    assert mark() is not None
    assert len({mark() for _ in range(3)}) == 1


@pytest.mark.parametrize("write", WRITES)
def test_it_is_another_once_something_was_written(write: Callable[[], None]) -> None:
    before = mark()

    write()

    assert mark() != before


def test_it_stays_while_another_writes_beside_a_unit_that_sees_one_moment() -> None:
    with db.reading(at_one_moment=True):
        before = moments.seen_by(db.connection())
        by_another_process()
        assert moments.seen_by(db.connection()) == before

    assert mark() != before


def test_what_was_taken_back_makes_nothing_look_unwritten() -> None:
    before = mark()
    with suppress(ZeroDivisionError), db.transaction():
        session().execute(update(Service).values(title="another"))
        raise ZeroDivisionError
    between = mark()

    by_this_connection()

    assert mark() not in {before, between}


def test_another_connection_has_another_mark() -> None:
    before = mark()

    db.engine().dispose()

    assert mark() != before


def test_a_unit_that_may_write_has_none() -> None:
    with db.transaction():
        assert moments.seen_by(db.connection()) is None
        session().execute(update(Service).values(title="another"))
        assert moments.seen_by(db.connection()) is None


def test_a_unit_that_sees_many_moments_has_none() -> None:
    with db.reading():
        is_sqlite = db.engine().dialect.name == "sqlite"
        assert (moments.seen_by(db.connection()) is not None) is is_sqlite
