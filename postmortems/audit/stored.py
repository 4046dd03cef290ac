"""Stored events and seals in their order, page by page: in a unit of work that reads at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from postmortems.audit import seals
from postmortems.audit.models import Event, EventSeal
from postmortems.audit.sealer import COLUMNS
from postmortems.db import session as db

PAGE, SEALS_PAGE = 1_000, 50
# SQLite keeps whatever somebody puts into a column.
KINDS: dict[type, tuple[str, ...]] = {
    int: ("number", "first_id", "last_id", "count"),
    str: ("previous", "digest", "addresses", "hash", "salt"),
    bytes: ("listed",),
}


def sealed() -> Iterator[EventSeal]:
    """The seals that can be read, in their order."""
    columns = [getattr(EventSeal, name) for name in (*seals.HEADER, "hash", "listed", "salt")]
    for _, row in rows(columns, size=SEALS_PAGE):
        if row is not None and all(_has(row, names, kind) for kind, names in KINDS.items()):
            yield EventSeal(**row._mapping)


def _has(row: Row[Any], names: Sequence[str], kind: type) -> bool:
    return all(isinstance(getattr(row, name), kind) for name in names)


def events(after: int | None, until: int | None = None) -> Iterator[tuple[int, Row[Any] | None]]:
    """The events behind one number up to another, and None for each that cannot be read."""
    yield from rows(COLUMNS, *([] if until is None else [Event.id <= until]), after=after)


def rows(
    columns: Sequence[Any], *wanted: ColumnElement[bool], after: int | None = None, size: int = PAGE
) -> Iterator[tuple[int, Row[Any] | None]]:
    """Rows by their number, the first column; None for one that cannot be read, as SQLite takes anything."""
    key = columns[0]
    while True:
        page = select(*columns).where(*wanted).order_by(key).limit(size)
        page = page if after is None else page.where(key > after)
        try:
            found: list[tuple[int, Row[Any] | None]] = [(row[0], row) for row in db.rows(page)]
        except (TypeError, ValueError):
            numbers = [row[0] for row in db.rows(page.with_only_columns(key))]
            found = [(number, _readable(columns, number)) for number in numbers]
        if not found:
            return
        yield from found
        after = found[-1][0]


def _readable(columns: Sequence[Any], number: int) -> Row[Any] | None:
    try:
        return db.rows(select(*columns).where(columns[0] == number))[0]
    except (TypeError, ValueError):
        return None
