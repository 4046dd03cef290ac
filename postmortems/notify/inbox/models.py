"""Table of notifications: what was told to whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.accounts.models import User
from postmortems.db.session import Base, Fields, Instant, Key, UtcDateTime
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import restrictions

UNREAD = text("read_at IS NULL")


class Notification(Base):
    """One thing, told to one person. `key` names it for good, so that nobody is told twice.

    `item` is the n of `AI-<n>`. `data` has what was so when it was told, such as who did it; the rest is read
    when it is shown. One that is not shown (`is_shown`) only goes by mail.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index(None, "user_id", "id"),
        Index("ix_notifications_unread", "user_id", sqlite_where=UNREAD, postgresql_where=UNREAD),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey(Incident.id, ondelete="CASCADE"), index=True)
    item: Mapped[int | None]
    data: Mapped[Fields]
    is_shown: Mapped[bool] = mapped_column(default=True)
    at: Mapped[Instant] = mapped_column(UtcDateTime, index=True)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    incident: Mapped[Incident | None] = relationship()


restrictions.hide(Notification, lambda ids: Notification.incident_id.in_(ids))
