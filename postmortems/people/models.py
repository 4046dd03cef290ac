"""Accounts, and the three ways to prove that you are one: a browser session, a token, a one-time link."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.db import Base, Instant, Json, Key, UtcDateTime


class User(Base):
    """A person with an account. Without a password they come in by a one-time link."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("role IN ('viewer', 'author', 'admin')", name="role"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    role: Mapped[str] = mapped_column(String(10))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Instant]


class BrowserSession(Base):
    """A signed-in browser. Only the hash of its cookie is stored; a row that is gone is signed out."""

    __tablename__ = "browser_sessions"

    id: Mapped[Key]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    user: Mapped[User] = relationship()


class SignInLink(Base):
    """A link that signs one person in, once, before it expires."""

    __tablename__ = "sign_in_links"

    id: Mapped[Key]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[Instant]
    user: Mapped[User] = relationship()


class SignInAttempt(Base):
    """A wrong password, kept to slow down whoever goes on guessing."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index(None, "name", "at"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[Instant]


class Token(Base):
    """A program's key to the API, acting for its owner within its scopes. Only its hash is stored."""

    __tablename__ = "tokens"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[Instant]
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship()
