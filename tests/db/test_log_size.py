"""SQLite's write-ahead log gives back the room that it took while somebody read for long."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from postmortems.db import engines

KEEPS_BYTES = 100_000


def write(engine: Engine, count: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO wrote VALUES (:words)"), [{"words": "x" * 10_000}] * count)


def test_the_log_gives_room_back_when_a_long_reader_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "SQLITE_LOG", KEEPS_BYTES)
    engine = engines.make_engine(f"sqlite:///{tmp_path / 'test.db'}")
    log = tmp_path / "test.db-wal"
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE wrote (words TEXT)"))
    with engines.SqliteReader(engine).begin() as reader:
        reader.execute(text("SELECT count(*) FROM wrote")).scalar_one()
        for _ in range(30):
            write(engine, 20)
        took = log.stat().st_size
    for _ in range(2):
        write(engine, 1)

    assert took > 1_000 * 4096
    assert log.stat().st_size <= KEEPS_BYTES
    engine.dispose()
