"""Somebody who reads SQLite for long keeps no writer out, and its log is used anew when they have ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from postmortems.db import session as db
from tests.faults.conftest import Figures
from tests.faults.ledger import Ledger
from tests.faults.serving import Group

pytestmark = pytest.mark.faults

WRITES = 300
# How many pages the log has, and how many of them the database has, too.
Pages = Callable[[], tuple[int, int]]


@pytest.mark.parametrize("processes", ["sqlite"], indirect=True)
def test_who_reads_for_long_keeps_no_writer_out_and_the_log_is_used_anew(
    processes: Group, figures: Figures
) -> None:
    server, numbers, refused = processes.serve(), count(), list[int]()

    def decided(*_: int) -> str | None:
        answer = processes.ask(server, key=f"asked {next(numbers)}")
        if answer.status == 200:
            return str(answer["id"])
        refused.append(answer.status)
        return None

    with connected() as (reader, pages):
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM incidents").fetchone()
        with Ledger(decided).writing(enough=WRITES):
            pass
        in_the_log, copied = pages()
        size = Path(f"{db.engine().url.database}-wal").stat().st_size
        reader.execute("COMMIT")
        all_of_it = pages()
        decided()
        begun_anew, _ = pages()

    assert refused == []
    assert copied < in_the_log
    assert all_of_it == (in_the_log, in_the_log)
    assert begun_anew < in_the_log
    figures(
        f"log of SQLite after {WRITES} decisions beside one who reads all the time",
        "≤ 64 MB",
        f"{size / 2**20:.1f} MB",
    )


@contextmanager
def connected() -> Iterator[tuple[Any, Pages]]:
    """A connection to read by, and another that copies what it may of the log."""
    driver: Any = db.engine().dialect.loaded_dbapi
    reader, other = (driver.connect(db.engine().url.database, isolation_level=None) for _ in range(2))

    def pages() -> tuple[int, int]:
        _, in_the_log, copied = other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return in_the_log, copied

    try:
        yield reader, pages
    finally:
        reader.close()
        other.close()
