"""Tables of webhooks: receivers and the outbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base, Body, Fields, Instant, Json, Key, UtcDateTime


class Message(Base):
    """Something to be sent once. `receiver` is the queue it waits in: who does not answer holds up no other.

    `channel` knows how it is sent and what its `payload` holds; `about` names it for good, so that the same
    thing is not put in twice. A worker holds it while it is sent, until `leased_until`. One in the state
    held waited in a database that was restored, and an operator says what becomes of it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sent', 'dead', 'held')", name="state"),
        UniqueConstraint("channel", "about"),
        Index(None, "state", "due_at"),
        Index(None, "channel", "receiver", "state", "due_at"),
    )

    id: Mapped[Key]
    channel: Mapped[str] = mapped_column(String(20))
    receiver: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(String(200))
    payload: Mapped[Fields]
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Instant]
    due_at: Mapped[Instant]
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    holder: Mapped[str] = mapped_column(String(100), default="")
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_status: Mapped[int | None]
    trouble: Mapped[Body]


class Webhook(Base):
    """An address of somebody else's that wants to know what happens here, signed by a secret that both know.

    `events` are verbs, or the beginnings of some with a `*`. While a secret is replaced, the one before signs
    too, until `previous_until`. Secrets are encrypted at rest.
    """

    __tablename__ = "webhooks"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    url: Mapped[str] = mapped_column(String(2000))
    events: Mapped[list[str]] = mapped_column(Json)
    secret: Mapped[str] = mapped_column(String(500))
    previous_secret: Mapped[str] = mapped_column(String(500), default="")
    previous_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    # Why it was switched off, where it was not a person who did it.
    trouble: Mapped[Body]
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[Instant]
