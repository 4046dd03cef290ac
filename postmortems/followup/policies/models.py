"""Tables of due-date policies, the calendars that they count in, and what they gave each item."""

from __future__ import annotations

from datetime import date as Day
from datetime import datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.accounts.teams.models import Team
from postmortems.db.session import Base, Body, Instant, Json, Key, UtcDateTime
from postmortems.db.versions import DUE_DATES, moved_by


class HolidayCalendar(Base):
    """Days on which nobody works: a weekend, the holidays of a country or part of it, and days of one's own.

    `weekend` are weekdays, Monday being 0. A country's days are known to the end of `known_until`.
    """

    __tablename__ = "holiday_calendars"
    __table_args__ = moved_by(DUE_DATES)

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    country: Mapped[str] = mapped_column(String(2), default="")
    subdivision: Mapped[str] = mapped_column(String(30), default="")
    weekend: Mapped[list[int]] = mapped_column(Json)
    known_until: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)


class Holiday(Base):
    """One day of a calendar: of its country, or of one's own. Days are kept, for names change."""

    __tablename__ = "holidays"
    __table_args__ = moved_by(DUE_DATES)

    calendar_id: Mapped[int] = mapped_column(
        ForeignKey("holiday_calendars.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[Day] = mapped_column(Date, primary_key=True)
    is_own: Mapped[bool] = mapped_column(primary_key=True)


class StoredPolicy(Base):
    """A due-date policy as it is stored. `key` has its conditions, so that no two have the same."""

    __tablename__ = "due_policies"
    __table_args__ = moved_by(DUE_DATES)

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(200), unique=True)
    severity: Mapped[str] = mapped_column(String(20), default="")
    priority: Mapped[str] = mapped_column(String(2), default="")
    kind: Mapped[str] = mapped_column(String(20), default="")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    assign_days: Mapped[int | None]
    complete_days: Mapped[int | None]
    counting: Mapped[str] = mapped_column(String(10))
    begins: Mapped[str] = mapped_column(String(10))
    zone: Mapped[str] = mapped_column(String(100))
    calendar_id: Mapped[int | None] = mapped_column(ForeignKey("holiday_calendars.id"), index=True)
    warn_before: Mapped[list[int]] = mapped_column(Json)
    warns_at: Mapped[bool]
    warn_after: Mapped[list[int]] = mapped_column(Json)
    lead_after: Mapped[int | None]
    admin_after: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    saved_by: Mapped[str] = mapped_column(String(100))
    saved_at: Mapped[Instant]
    team: Mapped[Team | None] = relationship()
    calendar: Mapped[HolidayCalendar | None] = relationship()


class ItemDeadline(Base):
    """What a policy gave an item, beside the item's own due date, and what was granted apart from it.

    `committed_at` is the instant that dates count from. An item whose due date is not `due` was dated by
    somebody, and keeps that date. While an exception lasts, to the end of `exception_until`, no policy dates
    the item.
    """

    __tablename__ = "item_deadlines"
    __table_args__ = (Index(None, "assign_by", "item_id"),)

    item_id: Mapped[int] = mapped_column(
        ForeignKey("action_items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    policy_id: Mapped[int | None] = mapped_column(
        ForeignKey("due_policies.id", ondelete="SET NULL"), index=True
    )
    committed_at: Mapped[Instant]
    assign_by: Mapped[Day | None] = mapped_column(Date)
    due: Mapped[Day | None] = mapped_column(Date)
    exception_until: Mapped[Day | None] = mapped_column(Date)
    exception_reason: Mapped[Body]
    exception_by: Mapped[str] = mapped_column(String(100), default="")
    exception_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Redate(Base):
    """One time that a changed policy dated items anew, so that it can be undone.

    `before` and `after` are what the policy said; `before` is None where it was made then. `state` is
    running, done, undoing or undone. It is decided about the items up to the key `decided_to`, of those up to
    `decides_to`; None where it is about all of them.
    """

    __tablename__ = "redates"
    __table_args__ = (Index(None, "policy_id", "id"), Index(None, "state", "id"))

    id: Mapped[Key]
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("due_policies.id", ondelete="SET NULL"))
    title: Mapped[str] = mapped_column(String(200))
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    after: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10), default="running")
    by: Mapped[str] = mapped_column(String(100))
    by_kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[Instant]
    undone_by: Mapped[str] = mapped_column(String(100), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    with_undated: Mapped[bool] = mapped_column(default=False)
    decided_to: Mapped[int | None]
    decides_to: Mapped[int] = mapped_column(default=0)

    @property
    def percent(self) -> int:
        """How much of the items was looked at, by the hundred; 100 once that were all."""
        return 100 if self.decided_to is None else min(99, 100 * self.decided_to // max(self.decides_to, 1))


class RedateLine(Base):
    """What happens to one item: its due date, and what stands beside it (`ItemDeadline`), before and after.

    `state` is empty until it was done; then done, kept (somebody else changed the date meanwhile) or undone.
    """

    __tablename__ = "redate_lines"
    __table_args__ = (Index(None, "redate_id", "state", "item_id"), Index(None, "item_id"))

    redate_id: Mapped[int] = mapped_column(ForeignKey("redates.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(
        ForeignKey("action_items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int]
    old_due: Mapped[Day | None] = mapped_column(Date)
    new_due: Mapped[Day | None] = mapped_column(Date)
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    after: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10), default="")
