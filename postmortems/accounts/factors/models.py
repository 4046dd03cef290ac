"""Tables of second factors: authenticator apps, passkeys, recovery codes, and sign-ins that wait for one."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.accounts.models import User
from postmortems.db.session import Base, Instant, Key, UtcDateTime

# For so long an app shows the same code.
STEP_S = 30


class Authenticator(Base):
    """A person's authenticator app: the secret that it shares with us, encrypted by the vault.

    `last_step` counts steps of `STEP_S` since 1970: the newest of which a code was taken; no older one
    counts. `refused` are wrong codes in a row, each after the right password.
    """

    __tablename__ = "authenticators"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    encrypted: Mapped[str] = mapped_column(Text)
    last_step: Mapped[int]
    refused: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Instant]

    @property
    def last_used_at(self) -> datetime:
        return datetime.fromtimestamp(self.last_step * STEP_S, UTC)


class RecoveryCode(Base):
    """A code on paper for whom the app is lost to; only its hash is stored, and it is taken once."""

    __tablename__ = "recovery_codes"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Passkey(Base):
    """A key pair of a person's device; only the public half is here. `sign_count` is how often it says it was
    used; `user_handle` is who the person is to devices, the same for all their passkeys."""

    __tablename__ = "passkeys"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    user_handle: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Instant]
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship()


class UsedChallenge(Base):
    """A challenge that a passkey has answered, kept until it would be over anyway: none is answered twice."""

    __tablename__ = "used_challenges"

    challenge_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[Instant]


class PendingSignIn(Base):
    """A browser whose person has shown the first factor and not yet the second. It is no session.

    Only the hash of its cookie is stored. `by_link` where a one-time link took the password's place.
    """

    __tablename__ = "pending_sign_ins"

    id: Mapped[Key]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[Instant]
    by_link: Mapped[bool] = mapped_column(default=False)
    user: Mapped[User] = relationship()
