"""The door to SQLite's writer: of several processes the one that waits is next, and nobody is locked out."""

from __future__ import annotations

import errno
import fcntl
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from postmortems.db import engines
from postmortems.db.writer_door import WriterDoor

STANDS_IN_IT = """
import sys
from postmortems.db.writer_door import WriterDoor
assert WriterDoor(sys.argv[1]).enter_at_once()
print("ready", flush=True)
input()
"""


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "test.db")


def opened(place: str) -> Engine:
    """What each process has: an engine with a line of its own."""
    return engines.make_engine(f"sqlite:///{place}")


def write(engine: Engine, name: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO wrote VALUES (:name)"), {"name": name})


def test_a_process_that_waits_writes_before_one_that_asks_again(place: str) -> None:
    greedy, patient = opened(place), opened(place)
    with greedy.begin() as first:
        first.execute(text("CREATE TABLE wrote (name TEXT)"))
    waiting = threading.Thread(target=write, args=(patient, "who waited"))
    with greedy.begin():
        waiting.start()
        somebody = WriterDoor(place)
        while somebody.enter_at_once():
            somebody.leave()
    write(greedy, "who asked again")
    waiting.join()

    with greedy.execution_options(reads_only=True).connect() as reading:
        wrote = reading.execute(text("SELECT name FROM wrote ORDER BY rowid")).scalars().all()
    assert wrote == ["who waited", "who asked again"]
    greedy.dispose()
    patient.dispose()


def test_one_at_a_time_stands_in_it(place: str) -> None:
    ours, theirs = WriterDoor(place), WriterDoor(place)
    assert ours.enter_at_once()
    assert not theirs.enter_at_once()
    ours.leave()
    assert theirs.enter(60.0) > 0
    assert not ours.enter_at_once()
    theirs.close()
    assert ours.enter_at_once()
    ours.close()


def test_who_dies_in_it_stands_in_nobodys_way(place: str) -> None:
    words = [sys.executable, "-c", STANDS_IN_IT, place]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        ours = WriterDoor(place)
        assert not ours.enter_at_once()
        process.kill()
        process.wait()
    assert ours.enter_at_once()
    ours.close()


def test_who_stands_still_in_it_is_passed_by_and_waited_for_once(place: str) -> None:
    still, ours = WriterDoor(place), WriterDoor(place)
    assert still.enter_at_once()

    assert [ours.enter(0.01), ours.enter(60.0)] == [0.0, 60.0]
    still.leave()
    assert ours.enter_at_once()
    ours.leave()
    assert still.enter_at_once()
    assert ours.enter(0.01) == 0.0
    still.close()
    ours.close()


def test_a_process_that_stands_still_in_it_keeps_nobody_from_writing(place: str) -> None:
    engine, still = opened(place), WriterDoor(place)
    event.listen(engine, "connect", lambda made, _: made.execute("PRAGMA busy_timeout=20"))
    with engine.begin() as first:
        first.execute(text("CREATE TABLE wrote (name TEXT)"))
    assert still.enter_at_once()

    for name in ("ada", "ben"):
        write(engine, name)

    with engine.connect() as reading:
        assert reading.execute(text("SELECT name FROM wrote")).scalars().all() == ["ada", "ben"]
    still.close()
    engine.dispose()


def test_who_passes_by_is_still_refused_while_another_writes(place: str) -> None:
    engine, other, still = opened(place), opened(place), WriterDoor(place)
    event.listen(engine, "connect", lambda made, _: made.execute("PRAGMA busy_timeout=20"))
    with other.begin() as writing:
        writing.execute(text("CREATE TABLE wrote (name TEXT)"))
        assert still.enter_at_once()
        for _ in range(2):
            with pytest.raises(OperationalError, match="database is locked"):
                write(engine, "ada")
    still.close()
    for one in (engine, other):
        one.dispose()


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)


OPEN: dict[str, tuple[str | None, Callable[[pytest.MonkeyPatch], None]]] = {
    "a database in memory": (":memory:", lambda _: None),
    "one without a name": (None, lambda _: None),
    "one by an address of SQLite's own": ("file:test?mode=memory", lambda _: None),
    "a folder in which no file can be made": ("/proc/none/test.db", lambda _: None),
    "a file system without locks": ("", without_locks),
}


@pytest.mark.parametrize("name, make", OPEN.values(), ids=list(OPEN))
def test_it_stands_open_where_it_cannot_be_kept(
    place: str,
    name: str | None,
    make: Callable[[pytest.MonkeyPatch], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make(monkeypatch)
    ours, theirs = (WriterDoor(place if name == "" else name) for _ in range(2))
    assert [ours.enter_at_once(), theirs.enter_at_once(), ours.enter_at_once()] == [True] * 3
    ours.leave()
    theirs.leave()
