"""Counts what a block asks the database."""

from __future__ import annotations

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
