"""Tables of chats: which chat account is whose, and the codes by which somebody says so."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.accounts.models import User
from postmortems.db.session import Base, Instant, Key


class ChatAccount(Base):
    """A chat account of somebody. `workspace` is Slack's team, and "" for Mattermost."""

    __tablename__ = "chat_accounts"
    __table_args__ = (UniqueConstraint("chat", "workspace", "chat_user"),)

    id: Mapped[Key]
    chat: Mapped[str] = mapped_column(String(20))
    workspace: Mapped[str] = mapped_column(String(80))
    chat_user: Mapped[str] = mapped_column(String(80))
    # As the chat said it when it was linked: to know it again, and for nothing else.
    chat_name: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    linked_at: Mapped[Instant]
    user: Mapped[User] = relationship()


class ChatCode(Base):
    """A code that links one chat account to its maker, once, before it expires. Only its hash is stored."""

    __tablename__ = "chat_codes"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[Instant]
