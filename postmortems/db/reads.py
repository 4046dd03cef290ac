"""Reads: the statements that something was made of, and whether they find the same by now.

What is kept with its reads is never out of date: before it is used again they are asked again, in the unit of
work of who reads now, each by what it was given then. They go to the driver as they are, and no objects are
made of what they find: that is the least of what making it anew would cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, event

from postmortems.db import driver
from postmortems.db import session as db

READS = re.compile(r"\s*\(?\s*(?:SELECT|WITH)\b", re.IGNORECASE)
# As SQLite is given an instant: what is asked by the time of day finds something else without any change.
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")
IMPLIED = "reads that follow from others"
# Bytes that a value takes beside what it says, roughly.
A_VALUE = 50


@dataclass(frozen=True, slots=True)
class Read:
    """A statement as the driver got it, what it was given, and the rows that it found."""

    text: str
    given: Any
    found: Sequence[Any]

    def still_holds(self, connection: Connection) -> bool:
        return bool(driver.run(connection, self.text, self.given) == self.found)


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

    def still_hold(self) -> bool:
        """Whether all of it finds the same now."""
        connection = db.connection()
        return all(read.still_holds(connection) for read in self.found)

    @property
    def size(self) -> int:
        """The bytes that it takes to keep it, roughly."""
        rows = (row for read in self.found for row in read.found)
        return sum(A_VALUE + (len(value) if isinstance(value, str) else 0) for row in rows for value in row)

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
        self.found = tuple(
            Read(text, given, driver.run(connection, text, given)) for text, given in once.values()
        )


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
