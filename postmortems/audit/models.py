"""Table of audit events: what happened, who did it, to what. Append-only."""

from __future__ import annotations

from sqlalchemy import Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base, Fields, Instant, Key

UNTOLD = text("NOT is_told")


class Event(Base):
    """One thing that happened. `subject` is the public name of what it happened to: `AI-2`, a slug."""

    __tablename__ = "events"
    __table_args__ = (
        Index(None, "subject_kind", "subject", "id"),
        Index(None, "verb", "id"),
        # Few at any time, among ever more that were told.
        Index("ix_events_untold", "id", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
    )

    id: Mapped[Key]
    at: Mapped[Instant]
    verb: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(200))
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor: Mapped[str] = mapped_column(String(100))
    data: Mapped[Fields]
    # About a restricted incident that was deleted: nobody is left who may see it.
    is_sealed: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Whether those who want to know of it have it in the outbox.
    is_told: Mapped[bool] = mapped_column(default=False)
