"""Partitions: the tables that PostgreSQL keeps by month, which are made ahead and removed whole.

SQLite keeps them plain, and here nothing is to be made or removed then. Besides the months there is a part
for the rest, so that no row is refused: of a time for which no month is there. A month is one in UTC.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    FromClause,
    PrimaryKeyConstraint,
    SelectBase,
    Table,
    column,
    event,
    insert,
    select,
    table,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles

from postmortems.config import Settings
from postmortems.db import session as db

log = logging.getLogger(__name__)

# Tables by their column of time. What a table's rows are unique by has to have that in it, so that no others
# can be kept so: see docs/scaling.md.
TABLES = {"evaluations": "at", "events": "at"}
REST = "rest"
PARTED_BY = "parted_by"
PART = re.compile(rf"(?:{'|'.join(TABLES)})_(?:{REST}|earlier|\d{{4}}_\d\d)")
# What is kept for more days stands by year: whatever is asked without a time looks into every part, and holds
# a lock on each and its indexes, for which PostgreSQL has no endless room.
LONGEST_BY_MONTH = 1_100
# So many months beside the present one: nobody has to look at the worker for a quarter of a year.
AHEAD = 3
# Who wants a whole table waits no longer, for others wait behind it; the next run tries again.
LOCK_WITHIN_MS = 500
# Any number will do as long as every process takes the same one.
TURN = 7_260_312_908
# By what PostgreSQL calls it, what is tried again later.
REFUSALS = {
    "55P03": "others had the table for too long",
    "40P01": "others had the table, and waited for it",
    "42501": "the role that we sign in by does not own the table; make it the owner (ALTER TABLE)",
}
PARTS = text(
    "SELECT name, substring(bound FROM $$FROM \\('([^']+)'\\)$$)::timestamptz AS begins,"
    " substring(bound FROM $$TO \\('([^']+)'\\)$$)::timestamptz AS ends"
    " FROM (SELECT relname AS name, pg_get_expr(relpartbound, pg_class.oid) AS bound FROM pg_inherits"
    " JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = CAST(:name AS regclass)) AS parts"
    " WHERE bound <> 'DEFAULT' ORDER BY ends"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a table, from one instant up to another; `begins` is None for all that is older."""

    table: str
    name: str
    begins: datetime | None
    ends: datetime


def by_month(name: str) -> dict[str, Any]:
    """Among a table's arguments: PostgreSQL keeps it by month."""
    return {"info": {PARTED_BY: TABLES[name]}, "postgresql_partition_by": f"RANGE ({TABLES[name]})"}


def is_part(name: str | None, kind: str = "table") -> bool:
    """Whether a table of the database is a part of another, and so of no model."""
    return kind == "table" and PART.fullmatch(str(name)) is not None


@compiles(PrimaryKeyConstraint, "postgresql")
def _with_time(constraint: PrimaryKeyConstraint, compiler: Any, **options: Any) -> str:
    """The key of a table that is kept by month has its time, too: PostgreSQL looks within each part alone."""
    said: str = compiler.visit_primary_key_constraint(constraint, **options)
    time = constraint.table.info.get(PARTED_BY) if constraint.table is not None else None
    return f"{said[:-1]}, {time})" if time else said


@event.listens_for(Table, "after_create")
def _make_rest(made: Table, connection: Connection, **_: Any) -> None:
    if PARTED_BY in made.info and connection.dialect.name == "postgresql":
        connection.execute(text(f"CREATE TABLE {made.name}_{REST} PARTITION OF {made.name} DEFAULT"))


def month_of(at: datetime) -> datetime:
    """When the month of an instant begins."""
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def following(month: datetime) -> datetime:
    """When the month after this one begins."""
    return month_of(month + timedelta(days=31))


def ahead(now: datetime, count: int = AHEAD) -> list[datetime]:
    """The present month and those that are to be there before they begin."""
    months = [month_of(now)]
    for _ in range(count):
        months.append(following(months[-1]))
    return months


def parts(name: str) -> list[Part]:
    """The parts of a table but for the rest, the oldest first; none on SQLite. In a unit of work."""
    if db.engine().dialect.name != "postgresql":
        return []
    return [
        Part(name, row.name, row.begins and row.begins.astimezone(UTC), row.ends.astimezone(UTC))
        for row in db.rows(PARTS, {"name": name})
    ]


def kept_for(settings: Settings) -> dict[str, int]:
    """Of each table that is kept by month, for how many days; 0 for ever."""
    return {"evaluations": settings.keep_days, "events": settings.keep_events_days}


def missing(now: datetime, keep_days: Mapping[str, int], count: int = AHEAD) -> list[Part]:
    """The parts that are not there for the present month and so many ahead. In a unit of work.

    `keep_days` says of each table for how long it is kept, 0 for ever.
    """
    if db.engine().dialect.name != "postgresql":
        return []
    found: list[Part] = []
    for name, days in keep_days.items():
        found += lacking(name, parts(name), ahead(now, count), by_year=not 0 < days <= LONGEST_BY_MONTH)
    return found


def lacking(name: str, known: Sequence[Part], months: Sequence[datetime], *, by_year: bool) -> list[Part]:
    """The parts that a table lacks for these months: each a month, or what is left of its year."""
    found: list[Part] = []
    for month in months:
        if any(_has(part, month) for part in (*known, *found)):
            continue
        ends = month.replace(year=month.year + 1, month=1) if by_year else following(month)
        later = [part.begins for part in known if part.begins and part.begins > month]
        found.append(Part(name, f"{name}_{month:%Y_%m}", month, min([ends, *later])))
    return found


def _has(part: Part, month: datetime) -> bool:
    return (part.begins is None or part.begins <= month) and following(month) <= part.ends


def make_ahead(now: datetime, keep_days: Mapping[str, int]) -> int:
    """Make the parts that are to be there; returns how many. Opens its own units of work."""
    with db.reading():
        wanted = missing(now, keep_days)
    made = [part.table for part in wanted if _quickly(lambda part=part: _make(part))]  # type: ignore[misc]
    for name in sorted(set(made)):
        # PostgreSQL counts by itself what is in each part, and never what is in all of them.
        _quickly(lambda name=name: _run(f"ANALYZE {name}"))  # type: ignore[misc]
    return len(made)


def _make(wanted: Part) -> None:
    """Make a part, with what stands in the rest of its time."""
    db.take_turns(TURN)
    if wanted.begins is None or any(_has(known, wanted.begins) for known in parts(wanted.table)):
        return
    name, part = wanted.table, wanted.name
    rest, time = f"{name}_{REST}", TABLES[name]
    begins, ends = f"'{wanted.begins.isoformat()}'", f"'{wanted.ends.isoformat()}'"
    within = f"{time} >= {begins} AND {time} < {ends}"
    for statement in (
        f"CREATE TABLE {part} (LIKE {name} INCLUDING ALL)",
        # What comes into the rest of it from here on would stand in the way. Attaching needs this very lock:
        # had we a weaker one before, somebody who has read the rest and writes there would wait for us.
        f"LOCK TABLE ONLY {rest} IN ACCESS EXCLUSIVE MODE",
        f"WITH moved AS (DELETE FROM {rest} WHERE {within} RETURNING *)"
        f" INSERT INTO {part} SELECT * FROM moved",
        # Unlike PARTITION OF, this lets others write to the months beside it.
        f"ALTER TABLE {name} ATTACH PARTITION {part} FOR VALUES FROM ({begins}) TO ({ends})",
    ):
        _run(statement)


def _run(statement: str) -> None:
    db.connection().execute(text(statement))


def due(name: str, before: datetime) -> datetime:
    """Before which instant rows are removed one by one: a month is waited for until it can go whole."""
    for part in parts(name):
        if part.begins and part.begins <= before < part.ends <= following(part.begins):
            return part.begins
    return before


def whole(name: str, before: datetime) -> list[Part]:
    """The parts that are older than that as a whole, the oldest first. In a unit of work."""
    return [part for part in parts(name) if part.ends <= before]


def remove(part: Part, kept: Callable[[FromClause], SelectBase]) -> bool:
    """Take a part away, but for the rows whose ids `kept` finds in it: these stand in the rest from then on.

    Returns whether it could be had. Opens its own unit of work.
    """
    whole = db.Base.metadata.tables[part.table]
    loose = table(part.name, *(column(one.name, one.type) for one in whole.columns))

    def take() -> None:
        _run(f"ALTER TABLE {part.table} DETACH PARTITION {part.name}")
        # Now that nobody adds to it.
        rows = select(loose).where(loose.c.id.in_(kept(loose)))
        names = [one.name for one in whole.columns]
        db.connection().execute(insert(whole).from_select(names, rows, include_defaults=False))
        _run(f"DROP TABLE {part.name}")

    return _quickly(take)


def _quickly(step: Callable[[], None]) -> bool:
    """Whether a step that needs a whole table was done; not where others had it, or it is not ours."""
    try:
        with db.transaction():
            _run(f"SET LOCAL lock_timeout = {LOCK_WITHIN_MS}")
            step()
    except DBAPIError as refused:
        told = REFUSALS.get(getattr(refused.orig, "sqlstate", ""))
        if told is None:
            raise
        log.warning("a month could not be made or removed whole: %s", told)
        return False
    return True
