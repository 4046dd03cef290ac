"""Tables of notes: the keys under which entries were sent, and the chat commands that were taken."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base, Instant


class NoteKey(Base):
    """An entry that was sent under a key: sent again, it adds nothing. `digest` is of what was sent."""

    __tablename__ = "note_keys"
    __table_args__ = (Index(None, "noted_at"),)

    sent_by: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    # The entry's part id.
    entry: Mapped[str] = mapped_column(String(40))
    noted_at: Mapped[Instant]


class ChatCommand(Base):
    """A chat's request that was taken, by the digest of what makes it the only one of its kind."""

    __tablename__ = "chat_commands"
    __table_args__ = (Index(None, "taken_at"),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    taken_at: Mapped[Instant]
