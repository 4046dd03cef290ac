"""Tables of due-date policies, the calendars that they count in, and what they gave each item."""

from __future__ import annotations

from datetime import date as Day
from datetime import datetime

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
