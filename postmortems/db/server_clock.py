"""The database's clock, by which leases are judged for all machines that may hold them, and its calendar.

SQLite has no clock of its own: whoever uses it is on one machine.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from postmortems import clock
from postmortems.db import session as db


def ahead() -> timedelta:
    """How far the database's clock is ahead of this machine's. In a unit of work."""
    if db.engine().dialect.name != "postgresql":
        return timedelta()
    theirs: datetime = db.connection().execute(text("SELECT clock_timestamp()")).scalar_one()
    return theirs - clock.now()


def now() -> datetime:
    """The present instant by the database's clock. In a unit of work."""
    return clock.now() + ahead()


def day(instant: ColumnElement[Any]) -> ColumnElement[Any]:
    """The day in UTC of a column's instant, to be compared with a column of days."""
    return _DayOf(instant)


class _DayOf(FunctionElement[Any]):
    type = Date()
    inherit_cache = True


@compiles(_DayOf, "sqlite")
def _day_on_sqlite(element: _DayOf, compiler: Any, **options: Any) -> str:
    # Instants are stored in UTC, as text.
    return f"date({compiler.process(element.clauses, **options)})"


@compiles(_DayOf, "postgresql")
def _day_on_postgresql(element: _DayOf, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AT TIME ZONE 'UTC' AS DATE)"
