"""Tables of audit events, which are append-only, and of the seals that chain them."""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db import partitions
from postmortems.db.session import Base, Fields, Instant, Key

UNTOLD = text("NOT is_told")


class Event(Base):
    """One thing that happened. `subject` is the public name of what it happened to: `AI-2`, a slug.

    Seals cover every column but the two that say how it is read: `is_sealed` and `is_told`. An address is
    covered by itself, so that it can be erased.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index(None, "subject_kind", "subject", "id"),
        Index(None, "verb", "id"),
        Index(None, "actor", "id"),
        Index(None, "subject", "id"),
        Index(None, "at", "id"),
        # Few at any time, among ever more that were told.
        Index("ix_events_untold", "id", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
        partitions.by_month("events"),
    )

    id: Mapped[Key]
    at: Mapped[Instant]
    verb: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(200))
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor: Mapped[str] = mapped_column(String(100))
    data: Mapped[Fields]
    # From where: see `audit.origin`. The credential is `token 12` or `session 7`.
    way: Mapped[str] = mapped_column(String(10), default="", server_default="")
    credential: Mapped[str] = mapped_column(String(30), default="", server_default="")
    # Personal, so that it is erased before the event is.
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    # About a restricted incident that was deleted: nobody is left who may see it. No link of the chain.
    is_sealed: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Whether those who want to know of it have it in the outbox.
    is_told: Mapped[bool] = mapped_column(default=False)


class EventSeal(Base):
    """A link of the chain: which events there were behind the seal before, with the hash of each.

    `hash` is that of all columns up to it. `listed` is 8 bytes of an event's number and 32 of its SHA-256 for
    each, and `digest` the hash of that; `addresses` is that of `salt` and their addresses, without the salt
    once these are erased. `newest_at` is when the newest of them happened.
    """

    __tablename__ = "event_seals"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # Unique, so that the chain cannot fork.
    previous: Mapped[str] = mapped_column(String(64), unique=True)
    first_id: Mapped[int]
    last_id: Mapped[int]
    count: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    addresses: Mapped[str] = mapped_column(String(64), default="", server_default="")
    newest_at: Mapped[Instant]
    sealed_at: Mapped[Instant]
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    listed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    salt: Mapped[str] = mapped_column(String(32), default="", server_default="")
    # Whether its events were removed because of their age. The list stays, as proof of what they were.
    is_emptied: Mapped[bool] = mapped_column(default=False, server_default=false())
