"""Tables of what ties action items to one another: merges, and which one waits for which."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base, Body, Fields, Instant, UtcDateTime
from postmortems.incidents.models import ActionItem
from postmortems.incidents.restricted import restrictions

ITEMS = ActionItem.__table__


class ItemMerge(Base):
    """That an item was merged into another: it will not be done by itself.

    `carried` has the `guards`, as written, and the `tickets` that the other one got by it. Its `status`,
    `reason`, `opened_at` and `reopened_at` are those from before: an undo gives them back. It was closed
    `at` that moment: once it was opened again, it is merged no longer, whatever closes it then.
    """

    __tablename__ = "item_merges"

    item_id: Mapped[int] = mapped_column(
        ForeignKey("action_items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    into_id: Mapped[int] = mapped_column(ForeignKey("action_items.id", ondelete="CASCADE"), index=True)
    carried: Mapped[Fields]
    status: Mapped[str] = mapped_column(String(20))
    reason: Mapped[Body]
    opened_at: Mapped[Instant]
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[Instant]


class ItemBlocker(Base):
    """That an item waits for another one, its blocker, of its own incident or of any.

    Of an end that the viewer may not know of, `blockers` says that it is there, and no more.
    """

    __tablename__ = "item_blockers"

    item_id: Mapped[int] = mapped_column(
        ForeignKey("action_items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    blocker_id: Mapped[int] = mapped_column(
        ForeignKey("action_items.id", ondelete="CASCADE"), primary_key=True, index=True, autoincrement=False
    )
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[Instant]


class AwaitedBlocker(Base):
    """That a file says that an item waits for another one, `AI-<number>`, which has not come in yet."""

    __tablename__ = "awaited_blockers"

    item_id: Mapped[int] = mapped_column(
        ForeignKey("action_items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, index=True, autoincrement=False)


def _hidden(ids: restrictions.Ids | list[int]) -> ColumnElement[bool]:
    its = select(ITEMS.c.id).where(ITEMS.c.incident_id.in_(ids))
    return or_(ItemMerge.item_id.in_(its), ItemMerge.into_id.in_(its))


restrictions.hide(ItemMerge, _hidden)
