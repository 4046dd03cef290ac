"""Table of what each person hears of, where and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.accounts.models import User
from postmortems.db.session import Base, Body, Json, UtcDateTime


class NotificationSettings(Base):
    """One person's: who has no row hears of everything in the inbox, at any hour.

    Mail goes to an address that is confirmed and has no `trouble`, the reason why it was switched off. Quiet
    hours are minutes of the day in `zone`; none where both are the same. `off` has what is switched off,
    `reminder:mail`.
    """

    __tablename__ = "notification_settings"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254), default="")
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[Body]
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    zone: Mapped[str] = mapped_column(String(100), default="UTC")
    quiet_from: Mapped[int] = mapped_column(default=0)
    quiet_until: Mapped[int] = mapped_column(default=0)
    off: Mapped[list[str]] = mapped_column(Json, default=list)
    user: Mapped[User] = relationship()

    @property
    def mail_to(self) -> str:
        """Where mail goes; "" where none does."""
        return self.address if self.confirmed_at is not None and not self.trouble else ""
