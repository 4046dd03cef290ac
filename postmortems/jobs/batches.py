"""Batches: long work on many rows cut into short transactions."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Delete, delete, select

from postmortems.db import rest
from postmortems.db import session as db
from postmortems.db.session import Base, session

# How much is removed in one unit of work, so that nobody else waits long, and in one turn of the worker.
BATCH = 500
BATCHES = 400
# Removes some of what is older than the instant, behind a key; returns the next key, None at the end, and
# how many.
Batch = Callable[[datetime, object], tuple[object, int]]


def some(row: type[Base], key: Any, *is_old: ColumnElement[bool]) -> tuple[object, int]:
    """A batch of rows by their key: who is no longer old by the time it is removed stays."""
    old = list(session().scalars(select(key).where(*is_old).limit(BATCH)))
    result = session().execute(delete(row).where(key.in_(old), *is_old)) if old else None
    return (old[-1] if len(old) == BATCH else None), getattr(result, "rowcount", 0)


def walk(batch: Batch, before: datetime) -> int:
    """Batch by batch along the key, for the oldest come first, until one finds nothing old."""
    after: object = None
    count = 0
    for _ in range(BATCHES):
        began = time.monotonic()
        with db.transaction():
            after, removed = batch(before, after)
        count += removed
        if after is None:
            break
        rest.after(began)
    return count


def with_parts(
    whole: Delete, part: type[Base], key: Any, is_part: ColumnElement[bool], now: datetime
) -> None:
    """Remove the parts of something, batch by batch, and then itself.

    What one turn does not get to the next one does: it stays as long as it has parts.
    """
    walk(lambda _before, _after: some(part, key, is_part), now)
    with db.transaction():
        if session().scalar(select(key).where(is_part).limit(1)) is None:
            session().execute(whole.execution_options(synchronize_session=False))
