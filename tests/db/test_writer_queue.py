"""The queue of SQLite's writers: in the order in which they came, and none is told that it is locked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from postmortems.audit.models import Event
from postmortems.db import engines
from postmortems.db import session as db
from postmortems.db.writer_queue import LONGEST_S, WriterQueue, gives_up_at
from tests.db.test_session import event

# As many as a worker's threads for jobs and probes are, which may all be due at once.
WRITERS = 40


@pytest.fixture
def queue(database: str, monkeypatch: pytest.MonkeyPatch) -> WriterQueue:
    """The queue of the database that is connected, whose engine is no other test's."""
    made = WriterQueue()
    with monkeypatch.context() as patched:
        patched.setattr(engines, "WriterQueue", lambda: made)
        patched.setattr(db, "make_engine", engines.make_engine)
        db.connect(database)
    return made


def in_line(queue: WriterQueue, writers: list[Callable[[], None]]) -> list[threading.Thread]:
    """Threads that each stand in the queue, in this order."""
    threads = []
    for place, writer in enumerate(writers, 1):
        thread = threading.Thread(target=writer)
        thread.start()
        threads.append(thread)
        while queue.length < place:
            thread.join(0.001)
    return threads


def test_forty_writers_write_in_the_order_in_which_they_came(queue: WriterQueue) -> None:
    def writer(number: int) -> Callable[[], None]:
        def write() -> None:
            with db.transaction() as session:
                session.add(event(f"writer.{number}"))

        return write

    with db.transaction() as session:
        session.add(event("writer.first"))
        session.flush()
        threads = in_line(queue, [writer(number) for number in range(WRITERS)])
    for thread in threads:
        thread.join()

    with db.reading() as session:
        stored = list(session.scalars(select(Event.verb).order_by(Event.id)))
    assert stored == ["writer.first", *(f"writer.{number}" for number in range(WRITERS))]
    assert queue.take_at_once()


def test_who_reads_waits_for_nobody(queue: WriterQueue) -> None:
    assert queue.take_at_once()

    with db.reading() as session:
        assert list(session.scalars(select(Event))) == []


def be_impatient() -> None:
    """Let whoever writes from here on give up after ten milliseconds."""

    def prepare(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=10")

    sqlalchemy_event.listen(db.engine(), "connect", prepare)
    db.engine().dispose()


def hold(queue: WriterQueue) -> None:
    assert queue.take_at_once()


def test_a_line_in_which_nobody_gets_on_is_left_with_an_error_that_doors_know(queue: WriterQueue) -> None:
    be_impatient()
    hold(queue)

    with pytest.raises(OperationalError, match="database is locked"), db.transaction():
        db.session().add(event())

    assert queue.length == 0


ENDS: dict[str, Callable[[], object]] = {
    "kept": lambda: None,
    "taken back": lambda: 1 / 0,
    "refused by the database": lambda: db.session().execute(text("SELECT nothing")),
    "its connection lost": lambda: db.connection().invalidate(),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=list(ENDS))
def test_the_turn_is_given_back_however_the_unit_ends(queue: WriterQueue, end: Callable[[], object]) -> None:
    with suppress(ZeroDivisionError, SQLAlchemyError), db.transaction():
        db.connection()
        assert not queue.take_at_once()
        end()

    assert queue.take_at_once()


def test_a_turn_is_given_back_where_another_process_holds_the_database(queue: WriterQueue) -> None:
    elsewhere = engines._sqlite_module().connect(db.engine().url.database, isolation_level=None)
    elsewhere.execute("BEGIN IMMEDIATE")
    be_impatient()

    with pytest.raises(OperationalError, match="database is locked"), db.transaction():
        db.session().add(event())
    elsewhere.close()

    assert queue.take_at_once()


# When it came, when the line moved last, its patience; when it gives up.
WAITS = {
    "nobody gets on": (100.0, 90.0, 5.0, 105.0),
    "somebody got on meanwhile": (100.0, 104.0, 5.0, 109.0),
    "the line moves on and on": (100.0, 100.0 + LONGEST_S, 5.0, 100.0 + LONGEST_S),
    "a migration, which waits longer than any": (100.0, 100.0, 3600.0, 3700.0),
    "no patience": (100.0, 100.0, 0.0, 100.0),
}


@pytest.mark.parametrize("came, moved, patience, expected", WAITS.values(), ids=list(WAITS))
def test_who_waits_gives_up_when_the_line_stands_still(
    came: float, moved: float, patience: float, expected: float
) -> None:
    assert gives_up_at(came, moved, patience) == expected


def test_a_turn_that_could_not_write_does_not_move_the_line() -> None:
    queue = WriterQueue()
    hold(queue)
    before = queue.moved_at
    queue.give_back(has_written=False)
    assert queue.moved_at == before
    hold(queue)
    queue.give_back(has_written=True)
    assert queue.moved_at > before


def test_who_gave_up_is_handed_nothing() -> None:
    queue = WriterQueue()
    hold(queue)

    assert queue.take(0.0) is None
    queue.give_back(has_written=True)

    assert queue.take(0.0) == 0.0
