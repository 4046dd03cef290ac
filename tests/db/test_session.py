"""Units of work: all or nothing, one at a time, and readers that never wait."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import DateTime, literal, select, text
from sqlalchemy import event as events
from sqlalchemy.exc import SQLAlchemyError

from postmortems.audit.models import Event
from postmortems.db import session as db
from tests.conftest import Clock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def event(verb: str = "test.happened", at: datetime = NOON) -> Event:
    return Event(
        at=at, verb=verb, subject_kind="test", subject="one", actor_kind="system", actor="test", data={}
    )


def verbs() -> list[str]:
    with db.reading() as session:
        return list(session.scalars(select(Event.verb).order_by(Event.id)))


def test_a_unit_that_ends_well_is_kept(any_database: str) -> None:
    with db.transaction() as session:
        session.add(event())

    assert verbs() == ["test.happened"]


def test_a_unit_that_raises_leaves_nothing(any_database: str) -> None:
    def fails_after_writing() -> None:
        with db.transaction() as session:
            session.add(event())
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails_after_writing()

    assert verbs() == []
    assert not db.is_open()


def test_a_second_unit_inside_the_first_is_refused(database: str) -> None:
    with db.transaction(), pytest.raises(RuntimeError, match="already open"):
        db.begin()


def test_there_is_no_session_outside_a_unit(database: str) -> None:
    with pytest.raises(RuntimeError, match="no unit of work"):
        db.session()


def test_an_instant_comes_back_in_utc_whatever_its_offset_was(any_database: str) -> None:
    with db.transaction() as session:
        session.add(event(at=datetime(2026, 3, 2, 17, 0, tzinfo=timezone(timedelta(hours=5)))))

    with db.reading() as session:
        assert session.scalar(select(Event.at)) == NOON


def test_an_instant_without_a_zone_is_refused(database: str) -> None:
    with pytest.raises(SQLAlchemyError, match="no zone"), db.transaction() as session:
        session.add(event(at=NOON.replace(tzinfo=None)))


def test_writers_at_the_same_time_wait_for_each_other_and_none_is_lost(any_database: str) -> None:
    def write(n: int) -> None:
        with db.transaction() as session:
            seen = len(list(session.scalars(select(Event))))
            session.add(event(f"writer.{n}"))
            assert seen >= 0

    writers = [threading.Thread(target=write, args=(n,)) for n in range(12)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert sorted(verbs()) == sorted(f"writer.{n}" for n in range(12))


def test_a_reader_sees_what_was_there_and_does_not_wait_for_the_writer(any_database: str) -> None:
    seen: list[list[str]] = []
    with db.transaction() as session:
        session.add(event())
        session.flush()
        reader = threading.Thread(target=lambda: seen.append(verbs()))
        reader.start()
        reader.join(timeout=60)

        assert seen == [[]]


def test_a_reading_unit_cannot_write(any_database: str) -> None:
    with pytest.raises(SQLAlchemyError), db.reading() as session:
        session.add(event())


def test_reading_and_writing_by_turns_leaves_what_sqlite_has_prepared(database: str) -> None:
    told: list[str] = []
    events.listen(db.engine(), "before_cursor_execute", lambda *happened: told.append(happened[2]))
    for _ in range(3):
        with db.reading():
            db.connection().execute(select(Event.id)).all()
        with db.transaction():
            db.connection().execute(select(Event.id)).all()
    assert [statement for statement in told if "query_only" in statement] == [
        "PRAGMA query_only=1",
        "PRAGMA query_only=0",
    ]


def test_connections_that_read_are_closed_with_the_others(database: str) -> None:
    with db.reading():
        db.connection().execute(select(Event.id)).all()
    assert sum(pool.checkedin() for pool in db.pools()) >= 1  # type: ignore[attr-defined]
    db.engine().dispose()
    assert sum(pool.checkedin() for pool in db.pools()) == 0  # type: ignore[attr-defined]
    with db.reading():
        db.connection().execute(select(Event.id)).all()


def test_who_connects_again_leaves_nothing_that_listens(database: str) -> None:
    def listening() -> int:
        dispatch = db.engine().dispatch
        return sum(len(getattr(dispatch, name)) for name in dispatch._event_names)

    before = listening()
    for _ in range(3):
        db.connect(database)

    assert listening() == before


def test_the_clock_stands_still_for_tests(clock: Clock) -> None:
    before = clock.now()
    clock.advance(hours=2)

    assert clock.now() - before == timedelta(hours=2)


def test_a_step_at_the_end_is_taken_once_with_all_that_was_put_in(any_database: str) -> None:
    taken: list[list[str]] = []

    def step(gathered: dict[str, None]) -> None:
        db.session().add(event("step.taken"))
        taken.append(list(gathered))

    with db.transaction():
        db.at_end(step)["one"] = None
        db.at_end(step)["two"] = None
        assert taken == []

    assert (taken, verbs()) == ([["one", "two"]], ["step.taken"])


def test_a_step_may_ask_for_another_or_for_itself_again(database: str) -> None:
    taken: list[int] = []

    def step(gathered: dict[int, None]) -> None:
        taken.extend(gathered)
        if max(taken) < 3:
            db.at_end(step)[max(taken) + 1] = None

    with db.transaction():
        db.at_end(step)[1] = None

    assert taken == [1, 2, 3]


def test_a_step_may_be_taken_early_and_is_not_taken_again(database: str) -> None:
    taken: list[int] = []

    with db.transaction():
        db.at_end(taken.extend)[1] = None
        db.catch_up()
        assert taken == [1]

    assert taken == [1]


def test_a_unit_that_is_taken_back_takes_no_step(any_database: str) -> None:
    taken: list[int] = []

    def fails() -> None:
        with db.transaction():
            db.at_end(taken.extend)[1] = None
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with db.transaction() as session:
        session.add(event())

    assert taken == []


def test_a_step_that_fails_takes_the_unit_back(any_database: str) -> None:
    def step(_gathered: dict[int, None]) -> None:
        raise ZeroDivisionError

    def ends_badly() -> None:
        with db.transaction() as session:
            session.add(event())
            db.at_end(step)

    with pytest.raises(ZeroDivisionError):
        ends_badly()

    assert verbs() == []
    assert not db.is_open()


def test_a_new_file_is_nobody_elses_to_read(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        db.connect(f"sqlite:///{tmp_path / 'new' / 'own.db'}")
        with db.transaction() as session:
            session.execute(text("CREATE TABLE things (id INTEGER)"))
            files = sorted((tmp_path / "new").iterdir())
            modes = {path.name: path.stat().st_mode & 0o777 for path in files}
    finally:
        os.umask(before)
        db.disconnect()

    assert modes["own.db"] == 0o600
    assert set(modes.values()) == {0o600}


def test_sqlite_prepares_a_statement_with_a_limit_once(database: str) -> None:
    with db.transaction() as session:
        session.add_all(event(f"test.{number}") for number in range(4))

    # SQLite 3.53 plans by the value of a limit that is a parameter alone, and so prepares it each time anew.
    # Its authorizer is asked as it prepares, and at no other time.
    asked: list[object] = []
    with db.reading() as session:
        driver: Any = session.connection().connection.driver_connection

        def admit(*what: object) -> int:
            asked.append(what)
            return 0

        driver.set_authorizer(admit)
        pages = []
        for limit, offset in [(1, 0), (2, 1), (9, 3), (0, 0)]:
            page = select(Event.verb).order_by(Event.id).limit(limit).offset(offset)
            pages.append(session.scalars(page).all())
            asked += ["ran"]
        driver.set_authorizer(None)

    assert pages == [["test.0"], ["test.1", "test.2"], ["test.3"], []]
    assert asked[0] != "ran"
    assert asked[-4:] == ["ran"] * 4


# Instants, and what SQLite stores of them: text that sorts by time, as SQLAlchemy has always written it.
INSTANTS = [
    (NOON, "2026-03-02 12:00:00.000000"),
    (NOON.replace(microsecond=7), "2026-03-02 12:00:00.000007"),
    (datetime(2026, 3, 2, 0, 30, tzinfo=timezone(timedelta(hours=14))), "2026-03-01 10:30:00.000000"),
    (
        datetime(2026, 3, 2, 0, 0, tzinfo=timezone(timedelta(hours=-1, seconds=-1))),
        "2026-03-02 01:00:01.000000",
    ),
    (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01 00:00:00.000000"),
    (datetime.max.replace(tzinfo=UTC), "9999-12-31 23:59:59.999999"),
    (None, None),
]


@pytest.mark.parametrize("instant, stored", INSTANTS)
def test_sqlite_stores_an_instant_as_sqlalchemy_does(
    database: str, instant: datetime | None, stored: str | None
) -> None:
    dialect = db.engine().dialect
    kind = db.UtcDateTime()
    written, read = kind.bind_processor(dialect), kind.result_processor(dialect, None)
    theirs: Any = DateTime().dialect_impl(dialect).bind_processor(dialect)

    assert written(instant) == stored
    assert stored == theirs(instant and instant.astimezone(UTC))
    assert read(stored) == instant
    with db.reading() as session:
        shown = session.scalar(select(literal(instant, db.UtcDateTime())))
    assert shown == instant
    assert shown is None or shown.tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["2026-03-02 12:00:00", "2026-03-02T12:00:00+00:00", "2026-03-02 14:00:00+02:00"]
)
def test_an_instant_that_something_else_has_stored_is_read(database: str, text: str) -> None:
    assert db.UtcDateTime().result_processor(db.engine().dialect, None)(text) == NOON


def test_a_statement_that_comes_late_is_prepared_once(database: str) -> None:
    prepared: list[int] = []
    late = ["SELECT 'late' AS word", "SELECT 'later' AS word"]
    with db.reading():
        connection = db.connection()
        driver: Any = connection.connection.driver_connection
        # More than a driver keeps by itself, each asked more than once: what dozens of pages do.
        for statement in [f"SELECT {number} AS number" for number in range(200)] * 2:
            connection.exec_driver_sql(statement)
        for statement in late:
            connection.exec_driver_sql(statement)
        # Asked while a statement is prepared, and only then; to set it, SQLite forgets all.
        driver.set_authorizer(lambda action, *_: prepared.append(action) or 0)
        for statement in late:
            connection.exec_driver_sql(statement)
        before = len(prepared)
        for statement in late * 3:
            connection.exec_driver_sql(statement)
        driver.set_authorizer(None)

    assert before > 0
    assert len(prepared) == before
