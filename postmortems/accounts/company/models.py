"""Tables of sign-in by an identity provider: whose identity is whose, its sessions, what counts once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.accounts.models import User
from postmortems.db.session import Base, Instant, Key, UtcDateTime


class OidcIdentity(Base):
    """Who an account is at an identity provider. Issuer and subject say it; names and addresses do not."""

    __tablename__ = "oidc_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[Key]
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Instant]
    signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship()


class OidcSession(Base):
    """A browser session that an identity provider opened; `sid` is what it calls its own session."""

    __tablename__ = "oidc_sessions"
    __table_args__ = (Index(None, "identity_id", "sid"),)

    session_id: Mapped[int] = mapped_column(
        ForeignKey("browser_sessions.id", ondelete="CASCADE"), primary_key=True
    )
    identity_id: Mapped[int] = mapped_column(ForeignKey("oidc_identities.id", ondelete="CASCADE"))
    sid: Mapped[str] = mapped_column(String(255), default="")


class OidcUse(Base):
    """What counts once, by its hash: the state of a sign-in, a logout token, a session that has ended."""

    __tablename__ = "oidc_uses"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[Instant] = mapped_column(index=True)
