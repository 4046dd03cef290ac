"""Table of when digests are due: of one person, or of one team."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.accounts.models import User
from postmortems.accounts.teams.models import Team
from postmortems.db.session import Base, Key, UtcDateTime


class DigestSchedule(Base):
    """When a digest comes next (`due_at`, None for never), and by which rule (`schedule.next_after`)."""

    __tablename__ = "digest_schedules"
    __table_args__ = (CheckConstraint("(user_id IS NULL) != (team_id IS NULL)", name="one"),)

    id: Mapped[Key]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), unique=True)
    every: Mapped[str] = mapped_column(String(10), default="week")
    weekday: Mapped[int] = mapped_column(default=0)
    hour: Mapped[int] = mapped_column(default=9)
    zone: Mapped[str] = mapped_column(String(100), default="UTC")
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    user: Mapped[User | None] = relationship()
    team: Mapped[Team | None] = relationship()
