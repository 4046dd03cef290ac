"""Reads: the statements that something was made of, and whether they find the same by now.

What is kept with its reads is never out of date: before it is used again they are asked again, in the unit of
work of who reads now, each by what it was given then. They go to the driver as they are, and no objects are
made of what they find: that is the least of what making it anew would cost. So are the rows of one query that
is asked all the time, such as whose a token is: what was made of them is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, event

from postmortems.db import driver, moments
from postmortems.db import session as db
from postmortems.db.prepared import Asked, PreparedQuery

Made = TypeVar("Made")

READS = re.compile(r"\s*\(?\s*(?:SELECT|WITH)\b", re.IGNORECASE)
# As SQLite is given an instant: what is asked by the time of day finds something else without any change.
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")
IMPLIED = "reads that follow from others"
# Of so many moments it is known that it held: each connection has its own.
MOST_MOMENTS = 20
# Bytes that a value takes beside what it says, roughly.
A_VALUE = 50
# Of rows that take more, their digest is kept.
LONGEST_KEPT = 10_000
# So often what was made of a query's rows is kept, and of so few and short ones: the letters of them all.
MOST_MADE, MOST_ROWS, MOST_LETTERS = 64, 8, 20_000


@dataclass(frozen=True, slots=True)
class Read:
    """A statement as the driver got it, what it was given, and the rows that it found, or their digest."""

    text: str
    given: Any
    found: Sequence[Any] | str

    @classmethod
    def of(cls, connection: Connection, text: str, given: Any) -> Read:
        found = driver.run(connection, text, given)
        return cls(text, given, _digest(found) if _size(found) > LONGEST_KEPT else found)

    def still_holds(self, connection: Connection) -> bool:
        found = driver.run(connection, self.text, self.given)
        return bool((_digest(found) if isinstance(self.found, str) else found) == self.found)

    @property
    def size(self) -> int:
        return A_VALUE + (0 if isinstance(self.found, str) else _size(self.found))


def _size(rows: Sequence[Any]) -> int:
    return sum(A_VALUE + (len(value) if isinstance(value, str) else 0) for row in rows for value in row)


def _digest(rows: Sequence[Any]) -> str:
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@dataclass(slots=True)
class Reads:
    """What was read, in its order. Not `is_whole` where that is not all that the outcome depends on.

    It `is_timed` where it asked by an instant: by time alone it may find something else. What it found is
    known once it was settled.
    """

    asked: list[tuple[str, Any]] = field(default_factory=list)
    found: tuple[Read, ...] = ()
    is_whole: bool = True
    is_timed: bool = False
    held_at: dict[Hashable, None] = field(default_factory=dict)

    def still_hold(self) -> bool:
        """Whether all of it finds the same now: as long as nothing was written, it need not be asked."""
        connection = db.connection()
        moment = moments.seen_by(connection)
        if moment in self.held_at:
            return True
        holds = all(read.still_holds(connection) for read in self.found)
        if holds and moment is not None:
            self._note_held(moment)
        return holds

    def _note_held(self, moment: Hashable) -> None:
        if len(self.held_at) >= MOST_MOMENTS:
            # Several threads may do so at once.
            self.held_at = {}
        self.held_at[moment] = None

    @property
    def size(self) -> int:
        """The bytes that it takes to keep it, roughly."""
        return sum(read.size for read in self.found)

    def _note(self, _connection: Any, _cursor: Any, text: str, given: Any, _context: Any, many: bool) -> None:
        if db.noted().get(IMPLIED):
            return
        self.asked.append((text, given))
        if many or not READS.match(text):
            self.is_whole = False
        self.is_timed = self.is_timed or any(map(_is_instant, _values(given)))

    def settle(self) -> None:
        """Find out what it found, in the same unit of work: for whoever keeps it."""
        connection = db.connection()
        # What is asked twice finds the same at one moment.
        once = {(text, repr(given)): (text, given) for text, given in self.asked}
        self.found = tuple(Read.of(connection, text, given) for text, given in once.values())
        if (moment := moments.seen_by(connection)) is not None:
            self._note_held(moment)


def _values(given: Any) -> Sequence[Any]:
    return list(given.values()) if isinstance(given, dict) else given or ()


def _is_instant(value: Any) -> bool:
    return isinstance(value, datetime) or (isinstance(value, str) and INSTANT.match(value) is not None)


@contextmanager
def implied() -> Iterator[None]:
    """Record nothing of what is read within: it follows from what was read before.

    So do the texts of a version from its number.
    """
    noted = db.noted()
    before = noted.get(IMPLIED, False)
    noted[IMPLIED] = True
    try:
        yield
    finally:
        noted[IMPLIED] = before


@contextmanager
def recorded() -> Iterator[Reads]:
    """Record what is read within.

    It is not whole where the unit of work sees more than one moment, where it has objects of before, which it
    would not ask for again, and where it is to do something more as it ends.
    """
    reads, connection = Reads(), db.connection()
    to_do = db.left_to_do()
    # What was read before by a version is not known by what is recorded here.
    db.noted().pop("versions", None)
    reads.is_whole = db.is_pristine() and db.sees_one_moment()
    event.listen(connection, "before_cursor_execute", reads._note)
    try:
        yield reads
    finally:
        event.remove(connection, "before_cursor_execute", reads._note)
    if to_do != db.left_to_do():
        reads.is_whole = False


class KeptRows(Generic[Made]):
    """A query, and what `make` makes of its rows: nobody changes that. Their first column is a key."""

    def __init__(self, statement: Asked, make: Callable[[Sequence[Any]], Made]) -> None:
        self._query, self._make = PreparedQuery(statement, keeps_plan=True), make
        self._kept: dict[Any, tuple[Sequence[Any] | str, Made]] = {}

    def found(self, values: Mapping[str, Any]) -> Made:
        """What is made of the rows that are found with these values."""
        rows = self._query.found(values)
        if not rows:
            return self._make(())
        # Of JSON PostgreSQL's driver makes values of which 1 and true are equal.
        said = rows if db.connection().dialect.name == "sqlite" else repr(rows)
        before = self._kept.get(rows[0][0])
        if before is not None and before[0] == said:
            return before[1]
        made = self._make(self._query.read(rows))
        if len(rows) <= MOST_ROWS and len(repr(rows)) <= MOST_LETTERS:
            if len(self._kept) >= MOST_MADE:
                # Another thread may be about to do so, too.
                self._kept = {}
            self._kept[rows[0][0]] = said, made
        return made
