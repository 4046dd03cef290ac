"""What goes wrong with the database of a command is one sentence that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg import errors
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from postmortems.cli import database
from postmortems.errors import Misconfigured

FULL = "there is no room for the database: .*; nothing was stored, so make room and try again"


def grow(engine: Engine) -> None:
    with engine.begin() as connection:
        # As many pages as it has: SQLite then says what it says of a full disk.
        connection.execute(text("PRAGMA max_page_count = 1"))
        connection.execute(text("CREATE TABLE songs (title TEXT)"))


def test_a_file_that_may_not_grow_any_more_says_to_make_room(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'one.db'}"
    with pytest.raises(Misconfigured, match=FULL), database.tables(url) as engine:
        grow(engine)


@pytest.mark.parametrize(
    "broken, told",
    [
        (errors.DiskFull("could not extend file: No space left on device"), FULL),
        (errors.OperationalError("connection refused"), "the database does not answer: connection refused"),
    ],
)
def test_what_postgresql_says_is_told_with_what_to_do(tmp_path: Path, broken: Exception, told: str) -> None:
    with pytest.raises(Misconfigured, match=told), database.tables(f"sqlite:///{tmp_path / 'one.db'}"):
        raise OperationalError("COMMIT", {}, broken)
