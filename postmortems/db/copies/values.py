"""Plain values: what a row holds, in the same form from both databases, and the checksum of many rows.

A plain row is a list that JSON can hold: an instant and a day are ISO text, bytes are base64, and what is
JSON in the database is compact JSON text, so that a JSON null is not taken for none.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import types

from postmortems.formats.json_text import dumped

FLAG, WHOLE, NUMBER, TEXT, INSTANT, DAY, BYTES, JSON = (
    *("flag", "whole", "number", "text", "instant", "day", "bytes", "json"),
)
# What comes first is asked first: a flag is a kind of number to some databases.
KINDS: tuple[tuple[type[types.TypeEngine[Any]], str], ...] = (
    (types.Boolean, FLAG),
    (types.JSON, JSON),
    (types.LargeBinary, BYTES),
    (types.DateTime, INSTANT),
    (types.Date, DAY),
    (types.Integer, WHOLE),
    (types.Numeric, NUMBER),
    (types.Float, NUMBER),
    (types.String, TEXT),
)
# From here on PostgreSQL gives a number of JSON without a point, though it was stored with one.
WHOLE_FROM = 1e16
# Most JSON of a database is short and the same: `[]`, `{}`, the columns of a report template.
SHORT = 200

Row = list[Any]


class Column(NamedTuple):
    """A column, and what kind of values it holds."""

    name: str
    kind: str


def kind_of(column_type: types.TypeEngine[Any]) -> str:
    """The kind of a column of this type, "" where copies know none."""
    return next((kind for base, kind in KINDS if isinstance(column_type, base)), "")


def plain(kind: str, value: Any) -> Any:
    """The plain form of what SQLAlchemy gives for a column of this kind, JSON as its text."""
    if value is None:
        return None
    if kind == INSTANT:
        aware: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat()
    if kind == DAY:
        return value.isoformat()
    if kind == BYTES:
        return base64.b64encode(value).decode()
    if kind == JSON:
        # SQLite keeps JSON that is a mere number as one.
        return dumped(json.loads(value) if isinstance(value, str) else value)
    return value


def stored(kind: str, value: Any, *, on_sqlite: bool) -> Any:
    """What a driver is given to store a plain value. Raises `ValueError` for one that is none of the kind."""
    if value is None:
        return None
    if kind == BYTES:
        return base64.b64decode(value, validate=True)
    if not on_sqlite:
        return value
    if kind == INSTANT:
        # As SQLAlchemy writes one: without the zone, which is UTC.
        return f"{datetime.fromisoformat(value).astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    if kind == DAY:
        return date.fromisoformat(value).isoformat()
    return value


def line(row: Sequence[Any]) -> bytes:
    """A row as it stands in a file: one line of JSON."""
    return dumped(row).encode() + b"\n"


def canonical(columns: Sequence[Column], row: Sequence[Any]) -> bytes:
    """The same line for the same content, whichever database it comes from: JSON by its keys."""
    if all(kind != JSON for _, kind in columns):
        return line(row)
    pairs = zip(columns, row, strict=True)
    return line(
        [_by_keys(value) if kind == JSON and value is not None else value for (_, kind), value in pairs]
    )


def _by_keys(text: str) -> str:
    return _sorted_short(text) if len(text) <= SHORT else _sorted(text)


@lru_cache(maxsize=4096)
def _sorted_short(text: str) -> str:
    return _sorted(text)


def _sorted(text: str) -> str:
    value = json.loads(text, parse_float=_number)
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _number(text: str) -> int | float:
    number = float(text)
    is_whole = number.is_integer() and (abs(number) >= WHOLE_FROM or number == 0)
    return int(number) if is_whole and number else number + 0.0


class Checksum:
    """Counts rows, and adds up the SHA-256 of their canonical lines, in the order of their keys."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.rows = 0
        self._columns = columns
        self._digest = hashlib.sha256()

    def following(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows, which are counted as they pass."""
        for row in rows:
            self._digest.update(canonical(self._columns, row))
            self.rows += 1
            yield row

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()
