"""Tables of accounts: users, sessions, tokens, sign-in links, and CI identities."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.actor import ROLES
from postmortems.db.session import Base, Instant, Json, Key, UtcDateTime


def _small(row: DefaultExecutionContext) -> str:
    return str(row.get_current_parameters()["name"]).lower()  # type: ignore[no-untyped-call]


# Kinds of accounts: a person's, and one of a program, as which nobody signs in.
PERSON, SERVICE = "person", "service"


class User(Base):
    """A person with an account, or a program with one. Without a password people come in by a one-time link;
    a program has its tokens alone: see `programs`."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(f"role IN {ROLES}", name="role"),
        CheckConstraint("kind IN ('person', 'service')", name="kind"),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    # The name in small letters, as owners of items are compared. Both change together: `lifecycle.renames`.
    small_name: Mapped[str] = mapped_column(String(100), index=True, default=_small)
    role: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(10), default=PERSON, server_default=PERSON)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Instant]
    # What the company's directory calls the account, and since when it lists it no more: see `accounts.scim`.
    external_id: Mapped[str | None] = mapped_column(String(255), index=True)
    unlisted_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BrowserSession(Base):
    """A signed-in browser. Only the hash of its cookie is stored; a row that is gone is signed out.

    `by_link` where a one-time link opened it, not the password; `has_second_factor` where one was shown, or
    the company's sign-in stands for it. At `proven_at` somebody last showed there who they are. `way` is how
    it was opened; `address` is from where it was seen last, a while ago at most.
    """

    __tablename__ = "browser_sessions"

    id: Mapped[Key]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    proven_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device: Mapped[str] = mapped_column(String(60), default="")
    address: Mapped[str] = mapped_column(String(45), default="")
    way: Mapped[str] = mapped_column(String(20), default="")
    by_link: Mapped[bool] = mapped_column(default=False)
    has_second_factor: Mapped[bool] = mapped_column(default=False)
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
    """A program's key to the API, acting for its owner within its scopes. Only its hash is stored.

    With `networks` it is accepted from these alone. When and from where it was used last is noted rarely.
    """

    __tablename__ = "tokens"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[Instant]
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_from: Mapped[str | None] = mapped_column(String(64))
    networks: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship()


class FeedAddress(Base):
    """A secret address at which a calendar or a feed reader learns what is due.

    Of one team where `team_id` names it, else of the owner and their teams. Only the secret's hash is stored.
    """

    __tablename__ = "feed_addresses"

    id: Mapped[Key]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Instant]
    last_read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CiIdentity(Base):
    """Which CI jobs may ask without a stored secret: those whose signed claims are exactly these.

    `target` is the full name of the only target such a job may speak of; empty for any.
    """

    __tablename__ = "ci_identities"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    issuer: Mapped[str] = mapped_column(String(500), index=True)
    claims: Mapped[dict[str, str]] = mapped_column(Json)
    target: Mapped[str] = mapped_column(String(201), default="")
    scopes: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[Instant]
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class IssuerKeys(Base):
    """The public keys an issuer signs with, as published last. `asked_at`: when we last asked for them.

    `description` is what it says of itself besides: its addresses for signing people in.
    """

    __tablename__ = "issuer_keys"

    issuer: Mapped[str] = mapped_column(String(500), primary_key=True)
    keys: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    description: Mapped[dict[str, Any] | None] = mapped_column(Json)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_at: Mapped[Instant]


class StoredSecret(Base):
    """A secret that guards name as `store:name`. Encrypted, never shown again, for one origin alone."""

    __tablename__ = "stored_secrets"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    origin: Mapped[str] = mapped_column(String(500))
    encrypted: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Instant]
    edited_at: Mapped[Instant]
