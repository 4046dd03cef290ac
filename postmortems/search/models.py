"""Table of what search finds: an entry for each incident, action item and guard."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Connection, Date, ForeignKey, String, Table, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db import full_text
from postmortems.db.session import Base, Body

KINDS = ("incident", "item", "guard")
# An entry's id is its day, its kind and its row: in the order of the ids, entries stand by date.
DAY_BITS, ROW_BITS = 40, 37
KIND_MASK = (1 << DAY_BITS - ROW_BITS) - 1


class SearchEntry(Base):
    """What the index knows of an incident, an item or a guard. It is never changed, but put anew.

    `title` and `shown` are what a list shows of it, in plain words; `words` and `overflow` are `full_text`'s.
    `due` is the earliest day by which something open in it is due.
    """

    __tablename__ = "search_entries"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10))
    # Of the incident, item or guard.
    row_id: Mapped[int]
    # Whose text it is: it goes with the incident, and is shown to those who may see that.
    incident_id: Mapped[int | None] = mapped_column(
        ForeignKey("incidents.id", ondelete="CASCADE"), index=True
    )
    guard_id: Mapped[int | None] = mapped_column(ForeignKey("guards.id", ondelete="CASCADE"), index=True)
    # As it is spoken of: a slug, or `AI-<n>`.
    ref: Mapped[str] = mapped_column(String(200))
    due: Mapped[date | None] = mapped_column(Date)
    digest: Mapped[str] = mapped_column(String(40))
    title: Mapped[Body]
    shown: Mapped[Body]
    overflow: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[str] = mapped_column(full_text.Words)


def entry_id(day: date, kind: str, row_id: int) -> int:
    """The id of an entry."""
    return day.toordinal() << DAY_BITS | KINDS.index(kind) << ROW_BITS | row_id


def first_id(day: date) -> int:
    """No entry of this day or a later one has a smaller id."""
    return day.toordinal() << DAY_BITS


@event.listens_for(SearchEntry.__table__, "after_create")
def _make_index(_table: Table, connection: Connection, **_: Any) -> None:
    for statement in full_text.statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


@event.listens_for(SearchEntry.__table__, "before_drop")
def _drop_index(_table: Table, connection: Connection, **_: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TABLE {full_text.TABLE}")
