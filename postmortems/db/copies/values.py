"""Plain values: what a row holds, in the same form from both databases, and the checksum of many rows.

A plain row is a list that JSON can hold: an instant and a day are ISO text, bytes are base64, and what is
JSON in the database is compact JSON text, so that a JSON null is not taken for none.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
# What one value that is there becomes.
Change = Callable[[Any], Any]


class Column(NamedTuple):
    """A column, and what kind of values it holds."""

    name: str
    kind: str


def kind_of(column_type: types.TypeEngine[Any]) -> str:
    """The kind of a column of this type, "" where copies know none."""
    return next((kind for base, kind in KINDS if isinstance(column_type, base)), "")


def plain_rows(kinds: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[Row]:
    """The plain form of rows as SQLAlchemy gives them, JSON as its text."""
    return _changed([PLAIN.get(kind) for kind in kinds], rows)


def stored_rows(kinds: Sequence[str], rows: Iterable[Row], *, on_sqlite: bool) -> Iterator[Row]:
    """What a driver is given to store plain rows. Raises `ValueError` for a value of another kind."""
    stored = STORED_ON_SQLITE if on_sqlite else STORED
    return _changed([stored.get(kind) for kind in kinds], rows)


def _changed(changes: Sequence[Change | None], rows: Iterable[Sequence[Any]]) -> Iterator[Row]:
    # There are hundreds of thousands of rows, and most of their values stay as they are.
    made = [(place, change) for place, change in enumerate(changes) if change]
    for given in rows:
        row = list(given)
        for place, change in made:
            if row[place] is not None:
                row[place] = change(row[place])
        yield row


def _plain_instant(value: datetime) -> str:
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat()


def _plain_json(value: Any) -> str:
    # SQLite keeps JSON that is a mere number as one.
    return _compact(value) if isinstance(value, str) else dumped(value)


def _compact(text: str) -> str:
    return _compact_short(text) if len(text) <= SHORT else dumped(json.loads(text))


@lru_cache(maxsize=4096)
def _compact_short(text: str) -> str:
    return dumped(json.loads(text))


def _stored_bytes(value: str) -> bytes:
    return base64.b64decode(value, validate=True)


def _stored_instant(value: str) -> str:
    # As SQLAlchemy writes one: without the zone, which is UTC.
    return datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _stored_day(value: str) -> str:
    return date.fromisoformat(value).isoformat()


PLAIN: Mapping[str, Change] = {
    INSTANT: _plain_instant,
    DAY: date.isoformat,
    BYTES: lambda value: base64.b64encode(value).decode(),
    JSON: _plain_json,
}
STORED: Mapping[str, Change] = {BYTES: _stored_bytes}
STORED_ON_SQLITE: Mapping[str, Change] = {**STORED, INSTANT: _stored_instant, DAY: _stored_day}


def line(row: Sequence[Any]) -> bytes:
    """A row as it stands in a file: one line of JSON."""
    return dumped(row).encode() + b"\n"


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
        self._json = [place for place, (_, kind) in enumerate(columns) if kind == JSON]
        self._digest = hashlib.sha256()

    @property
    def is_of_lines(self) -> bool:
        """Whether a canonical line is the line itself: there is no JSON to be put in order."""
        return not self._json

    def following(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows, which are counted as they pass."""
        for row in rows:
            self._digest.update(line(self._canonical(row) if self._json else row))
            self.rows += 1
            yield row

    def add(self, rows: Iterable[Row]) -> None:
        """Count rows that nobody else needs."""
        for _ in self.following(rows):
            pass

    def add_lines(self, text: bytes) -> None:
        """Count lines, or a piece of them, where they are canonical as they are."""
        self._digest.update(text)
        self.rows += text.count(b"\n")

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def _canonical(self, row: Row) -> Row:
        """The same for the same content, whichever database it comes from: JSON by its keys."""
        ordered = row.copy()
        for place in self._json:
            if ordered[place] is not None:
                ordered[place] = _by_keys(ordered[place])
        return ordered
