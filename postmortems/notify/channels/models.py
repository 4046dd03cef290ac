"""Table of channels: chats and other receivers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.accounts.teams.models import Team
from postmortems.db.session import Base, Body, Instant, Json, Key, UtcDateTime

# By this name the outbox knows what is for chats.
CHANNEL = "chat"


class ChatChannel(Base):
    """A chat of a team, or of all. Its `url` lets anybody post there: it is encrypted, and never shown again.

    `tells` are kinds of notifications. `refusals` in a row, or failing for days, switch it off.
    """

    __tablename__ = "chat_channels"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    url: Mapped[Body]
    # What of the address is no secret.
    host: Mapped[str] = mapped_column(String(300))
    tells: Mapped[list[str]] = mapped_column(Json)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    trouble: Mapped[Body]
    refusals: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[Instant]
    team: Mapped[Team | None] = relationship()
