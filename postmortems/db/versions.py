"""Versions: numbers by which a process sees whether what it keeps of some tables is still true.

A table names the version that it moves in its `info`. Whatever way rows are written, through objects or by a
statement, that version gets another number in the same transaction. Numbers are drawn and not counted up: a
database that was put back never says the number of another content again. What cascades in the database is
not seen: the table that it begins from has to name the version too.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, String, Table, event, select
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db import driver
from postmortems.db import session as db
from postmortems.db.session import Base
from postmortems.db.units import at_commit

MOVES = "moves"
# What the gate knows of a target before it is asked: its guards, why they are there, what passes them over.
GATE = "gate"
# What due dates are counted by.
DUE_DATES = "due dates"
# Whom restricted incidents are shown to: a replica that has another number would show what is hidden by now.
SHOWN = "shown"
# The sums that reports are made of.
SUMS = "sums"


class Version(Base):
    """The present number of each version that was ever moved."""

    __tablename__ = "versions"

    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


# As the driver is given them: prepared statements note what is written here, and each save has some of these.
NUMBER = "SELECT number FROM versions WHERE name = ?"
MOVE = (
    "INSERT INTO versions (name, number) VALUES (?, ?) "
    "ON CONFLICT (name) DO UPDATE SET number = excluded.number"
)


def moved_by(name: str) -> dict[str, dict[str, str]]:
    """Among a table's arguments: what is written to it moves this version."""
    return {"info": {MOVES: name}}


def number_of(name: str) -> Any:
    """The present number as part of another query: what that finds is handed to `found`."""
    return select(Version.number).where(Version.name == name).scalar_subquery()


def found(name: str, number: int | None) -> None:
    """Another query of this unit of work has read the number already."""
    db.noted().setdefault("versions", {})[name] = number


def present(name: str) -> int | None:
    """The number by which something may be kept, and be used as long as it is the same.

    None where nothing may be: this unit of work has changed what it is about, or nobody ever has.
    """
    noted = db.noted()
    if name in noted.get(MOVES, ()):
        return None
    known: dict[str, int | None] = noted.setdefault("versions", {})
    if name not in known:
        connection = db.connection()
        rows = driver.run(connection, _text(connection, NUMBER), (name,))
        known[name] = rows[0][0] if rows else None
    return known[name]


def move(name: str) -> None:
    """Move a version in this unit of work, where what is written does not name its table as ours."""
    db.noted().setdefault(MOVES, set()).add(name)


@event.listens_for(Engine, "after_execute")
def _note(connection: Connection, statement: Any, *_: Any) -> None:
    # Migrations name tables without saying more; whoever serves begins anew after them.
    table = statement.table if statement.is_dml else None
    name = table.info.get(MOVES) if isinstance(table, Table) else None
    if name is None:
        return
    if db.is_open():
        move(name)
    else:
        _move(connection, name)


def _move_all() -> None:
    # Last of all: whoever else changes such tables waits for this row until the commit.
    if names := sorted(db.noted().pop(MOVES, ())):
        _move(db.connection(), *names)


at_commit.append(_move_all)


def _move(connection: Connection, *names: str) -> None:
    numbered = [(name, secrets.randbits(62)) for name in names]
    driver.run(connection, _text(connection, MOVE), numbered, has_many=True)


def _text(connection: Connection, statement: str) -> str:
    return statement if connection.dialect.name == "sqlite" else statement.replace("?", "%s")
