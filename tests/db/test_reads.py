"""What is kept with its reads is used as long as these find the same, and no longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.exc import NoResultFound

from postmortems import clock
from postmortems.db import reads
from postmortems.db import session as db
from postmortems.db.prepared import PreparedQuery
from postmortems.db.reads import Reads
from postmortems.db.session import session
from postmortems.guards.models import Service
from tests.statements import counted

NAMED = select(Service).where(Service.name == bindparam("name"))
TITLES = PreparedQuery(select(Service.title).where(Service.name == bindparam("name")))


@pytest.fixture(autouse=True)
def stored(any_database: str) -> None:
    with db.transaction():
        session().add_all([Service(name=name, title=name.upper()) for name in ("one", "two")])


def by_object() -> object:
    return session().scalars(NAMED, {"name": "one"}).one().title


def by_columns() -> object:
    return db.rows(select(Service.title).where(Service.name.in_(["one", "none"])))


def by_prepared() -> object:
    return TITLES.rows({"name": "one"})


def by_count() -> object:
    return session().scalar(select(func.count()).select_from(Service).where(Service.title == "ONE"))


@contextmanager
def unit(*, sees_one_moment: bool = True) -> Iterator[None]:
    """As a door opens it: nothing is read as objects yet."""
    db.begin(reads_only=True, sees_one_moment=sees_one_moment)
    try:
        yield
    finally:
        db.finish(keep=True)


def recorded(*read: Callable[[], object]) -> Reads:
    with unit():
        with reads.recorded() as found:
            for each in read:
                each()
        found.settle()
        return found


def still_hold(found: Reads) -> bool:
    with unit():
        return found.still_hold()


def write(name: str) -> None:
    with db.transaction():
        session().execute(update(Service).where(Service.name == name).values(title="another"))


WAYS = [by_object, by_columns, by_prepared, by_count]


@pytest.mark.parametrize("read", WAYS)
def test_it_holds_until_what_was_read_is_written(read: Callable[[], object]) -> None:
    found = recorded(read)
    assert found.is_whole
    assert still_hold(found)

    write("two")
    assert still_hold(found)

    write("one")
    assert not still_hold(found)


def test_it_holds_again_when_it_is_as_it_was() -> None:
    found = recorded(*WAYS)
    write("one")
    assert not still_hold(found)

    with db.transaction():
        session().execute(update(Service).where(Service.name == "one").values(title="ONE"))

    assert still_hold(found)


def test_all_that_was_read_counts() -> None:
    found = recorded(by_columns, lambda: db.rows(select(Service.title).where(Service.name == "two")))

    write("two")

    assert not still_hold(found)


def test_what_is_asked_twice_is_kept_once() -> None:
    assert len(recorded(by_columns, by_columns, by_columns).found) == 1


def before_objects() -> object:
    by_object()
    with reads.recorded() as found:
        session().get(Service, 1)
    return found


def left_to_do() -> object:
    with reads.recorded() as found:
        db.afterwards(lambda _noted: None)["something"] = 1
    return found


def by_the_hour() -> Reads:
    with reads.recorded() as found:
        db.rows(select(Service.id).where(text(":now = :now")), {"now": clock.now()})
    return found


def by_many_moments() -> Reads:
    with reads.recorded() as found:
        by_columns()
    return found


@pytest.mark.parametrize("read", [before_objects, left_to_do])
def test_what_may_depend_on_more_is_not_whole(read: Callable[[], Any]) -> None:
    with unit():
        assert not read().is_whole


def test_what_asks_by_an_instant_is_timed() -> None:
    with unit():
        assert by_the_hour().is_timed
        assert not by_many_moments().is_timed


def test_what_writes_is_not_whole() -> None:
    with db.transaction(), reads.recorded() as found:
        session().execute(update(Service).where(Service.name == "one").values(title="another"))

    assert not found.is_whole


def test_what_sees_several_moments_is_not_whole() -> None:
    with unit(sees_one_moment=False):
        is_postgresql = db.engine().dialect.name == "postgresql"
        assert by_many_moments().is_whole is not is_postgresql


def test_a_unit_of_one_moment_sees_no_other() -> None:
    with unit():
        before = by_columns()
        with db.engine().connect() as other:
            # Another process; SQLite lets it write while one reads.
            other.execute(text("UPDATE services SET title = 'another' WHERE name = 'one'"))
            other.commit()
        assert by_columns() == before

    with unit():
        assert by_columns() != before


def test_what_follows_from_others_is_not_asked() -> None:
    def implied() -> None:
        with reads.implied():
            by_count()

    found = recorded(by_columns, implied)

    assert found.is_whole
    assert len(found.found) == 1


def test_what_fails_is_not_recorded_any_longer() -> None:
    with unit():
        with pytest.raises(NoResultFound), reads.recorded() as found:
            session().scalars(NAMED, {"name": "none"}).one()
        by_count()

    assert not [asked for asked, _ in found.asked if "count(" in asked]
    assert found.found == ()


def test_as_long_as_nothing_is_written_nothing_is_asked() -> None:
    found = recorded(*WAYS)
    with counted() as asked:
        assert still_hold(found)
    told = [one for one in asked if "services" in one]
    write("two")

    with counted() as asked_again:
        assert still_hold(found)
    with counted() as asked_later:
        assert still_hold(found)

    assert told == []
    assert len([one for one in asked_again if "services" in one]) == len(WAYS)
    assert [one for one in asked_later if "services" in one] == []
