"""Tables of bulk edits: what somebody set, and line by line what became of each item."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base, Body, Fields, Instant, Json, Key, UtcDateTime

# Of an edit: shown and not begun; at work; done; being undone; undone.
PLANNED, RUNNING, DONE, UNDOING, UNDONE = "planned", "running", "done", "undoing", "undone"
# Of a line besides: still to be done; as it was to be already; not allowed; changed by others meanwhile.
WAITING, SAME, REFUSED, CONFLICT = "waiting", "same", "refused", "conflict"
# Of a line that an undo left as it is: changed since, or not allowed.
KEPT = "kept"
STATES = (PLANNED, RUNNING, DONE, UNDOING, UNDONE)
LINE_STATES = (WAITING, DONE, SAME, REFUSED, CONFLICT, UNDONE, KEPT)


class BulkEdit(Base):
    """An edit of many items. `values` has what was set, as JSON says it; `total` counts its lines.

    `by` with its `scopes` is who acts when the worker goes on with it: with the role of that day.
    """

    __tablename__ = "bulk_edits"
    __table_args__ = (Index(None, "state", "id"), Index(None, "by", "id"), Index(None, "at"))

    id: Mapped[Key]
    values: Mapped[Fields]
    message: Mapped[Body]
    state: Mapped[str] = mapped_column(String(10))
    total: Mapped[int]
    by: Mapped[str] = mapped_column(String(100))
    by_kind: Mapped[str] = mapped_column(String(10))
    scopes: Mapped[list[str] | None] = mapped_column(Json)
    at: Mapped[Instant]
    undone_by: Mapped[str] = mapped_column(String(100), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BulkLine(Base):
    """One item of an edit: what it said before, what is set of it, and what it said afterwards.

    `before` and `after` have every field that an edit may set, `changes` those that it does. `life` has when
    the item was opened and closed, so that an undo does not begin it anew.
    """

    __tablename__ = "bulk_lines"
    __table_args__ = (
        Index(None, "bulk_id", "state", "item_id"),
        Index(None, "bulk_id", "number"),
        Index(None, "item_id"),
    )

    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk_edits.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(
        ForeignKey("action_items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int]
    before: Mapped[Fields]
    changes: Mapped[Fields]
    after: Mapped[dict[str, Any] | None] = mapped_column(Json)
    life: Mapped[dict[str, Any] | None] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(20), default="")
    detail: Mapped[Body]
