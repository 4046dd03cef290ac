"""Versions move with every write to what they are about, however it is written, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import delete, insert, select, update

from postmortems.db import session as db
from postmortems.db import versions
from postmortems.db.session import session
from postmortems.db.versions import GATE
from postmortems.guards.models import Service
from postmortems.incidents.models import Counter


def present() -> int | None:
    with db.reading():
        return versions.present(GATE)


def added() -> None:
    session().add(Service(name="data8", title="Data 8"))


def inserted() -> None:
    session().connection().execute(
        insert(Service), [{"name": name, "title": name} for name in ("one", "two")]
    )


def told_at_the_end() -> None:
    db.at_end(lambda _gathered: added())["one"] = True


WRITES: list[tuple[str, Callable[[], object]]] = [
    ("an object", added),
    ("many rows", inserted),
    ("a step at the end", told_at_the_end),
    ("a change", lambda: session().execute(update(Service).values(title="Other"))),
    (
        "a change by the connection",
        lambda: session().connection().execute(update(Service).values(title="Other")),
    ),
    ("a deletion", lambda: session().execute(delete(Service))),
]


@pytest.mark.parametrize("write", [row[1] for row in WRITES], ids=[row[0] for row in WRITES])
def test_however_rows_are_written_the_version_moves(any_database: str, write: Callable[[], object]) -> None:
    before = present()
    with db.transaction():
        write()
    assert present() != before


def test_what_is_written_by_no_unit_of_work_moves_it_too(any_database: str) -> None:
    before = present()
    with db.engine().begin() as connection:
        connection.execute(insert(Service), {"name": "data8", "title": "Data 8"})
    assert present() != before


def test_savepoints_move_it_once_and_at_the_end(
    any_database: str, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with count_queries() as statements, db.transaction():
        for name in ("one", "two"):
            with session().begin_nested():
                session().add(Service(name=name, title=name))
    moves = [place for place, text in enumerate(statements) if "INTO versions" in text]
    written = [place for place, text in enumerate(statements) if "INTO services" in text]
    assert len(moves) == 1
    assert moves[0] > max(written)


def test_reading_and_writing_of_other_tables_leave_it_alone(any_database: str) -> None:
    with db.transaction():
        added()
    before = present()
    with db.transaction():
        session().add(Counter(name="one"))
        session().scalars(select(Service)).all()
    assert present() == before


def test_what_is_taken_back_leaves_it_alone(any_database: str) -> None:
    with db.transaction():
        added()
    before = present()
    db.begin()
    session().execute(delete(Service))
    assert versions.present(GATE) is None
    db.finish(keep=False)
    assert present() == before
