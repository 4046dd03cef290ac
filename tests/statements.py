"""Counts what a block asks the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from postmortems.db import session as db


@contextmanager
def counted() -> Iterator[list[str]]:
    """The SQL of the block, statement by statement."""
    statements: list[str] = []

    def note(*happened: Any) -> None:
        # How SQLite's connection was used last decides whether it is told that it writes.
        if not happened[2].startswith("PRAGMA query_only"):
            statements.append(happened[2])

    engine = db.engine()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@contextmanager
def rows_written() -> Iterator[Counter[str]]:
    """How many rows the block inserts, updates and deletes, by `UPDATE entries` and their like."""
    written: Counter[str] = Counter()

    def note(_: Any, cursor: Any, statement: str, parameters: Any, _context: Any, executemany: bool) -> None:
        verb, *words = statement.replace('"', " ").split()
        if verb in ("INSERT", "UPDATE", "DELETE"):
            table = words[0] if verb == "UPDATE" else words[1]
            written[f"{verb} {table}"] += cursor.rowcount if cursor.rowcount >= 0 else 1

    engine = db.engine()
    event.listen(engine, "after_cursor_execute", note)
    try:
        yield written
    finally:
        event.remove(engine, "after_cursor_execute", note)
