"""What a unit writes through its connection and through its session is one transaction."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db import units, versions
from postmortems.guards.models import Service

EVENT = {
    "at": datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
    "subject_kind": "test",
    "subject": "one",
    "actor_kind": "system",
    "actor": "test",
    "data": {},
}


def verbs() -> set[str]:
    with db.reading():
        return {row.verb for row in db.rows(select(Event.verb))}


def by_connection() -> None:
    db.connection().execute(insert(Event.__table__), EVENT | {"verb": "by.connection"})  # type: ignore[arg-type]


def by_session() -> None:
    db.insert(Event(**EVENT, verb="by.session"))


WAYS = [(by_connection, by_session), (by_session, by_connection)]


@pytest.mark.parametrize("ways", WAYS, ids=["connection first", "session first"])
def test_both_are_kept(any_database: str, ways: tuple[object, ...]) -> None:
    with db.transaction():
        pass
    db.begin()
    for write in ways:
        write()  # type: ignore[operator]
    db.finish(keep=True)
    assert verbs() == {"by.connection", "by.session"}


@pytest.mark.parametrize("keep, kept", [(True, {"by.connection"}), (False, set())])
def test_a_session_that_is_asked_for_nothing_changes_nothing(
    any_database: str, keep: bool, kept: set[str]
) -> None:
    db.begin()
    by_connection()
    db.session().flush()
    db.finish(keep=keep)
    assert verbs() == kept


@pytest.mark.parametrize("ways", WAYS, ids=["connection first", "session first"])
def test_both_are_taken_back(any_database: str, ways: tuple[object, ...]) -> None:
    db.begin()
    for write in ways:
        write()  # type: ignore[operator]
    db.finish(keep=False)
    assert verbs() == set()


def test_a_unit_about_columns_makes_no_session(any_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(units, "Session", None)
        db.begin()
        by_connection()
        db.finish(keep=True)
    assert verbs() == {"by.connection"}


def test_a_unit_without_a_statement_takes_no_connection(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.engine().pool, "connect", None)
    db.begin()
    db.finish(keep=True)


def test_a_statement_through_the_connection_alone_moves_its_version(any_database: str) -> None:
    def number() -> int | None:
        with db.reading():
            return versions.present(versions.GATE)

    before = number()
    db.begin()
    db.connection().execute(
        insert(Service.__table__),  # type: ignore[arg-type]
        {"name": "data8", "title": "", "is_demo": False},
    )
    db.finish(keep=True)
    assert number() != before


def test_a_savepoint_holds_what_went_before_it(any_database: str) -> None:
    db.begin()
    by_connection()
    nested = db.session().begin_nested()
    by_session()
    nested.rollback()
    db.finish(keep=True)
    assert verbs() == {"by.connection"}
