"""Tables of git sync: repositories, and their files as both sides last agreed on them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base, Body, Instant, Key, UtcDateTime


class Remote(Base):
    """A git repository that incidents are kept in step with: which branch and folder, and how it went.

    `secret` says where the secret is, never what it is: `env:NAME`, `file:/path`. `service` and `timezone`
    fill in where a file states none. Whoever syncs it holds it until `leased_until`.
    """

    __tablename__ = "remotes"
    __table_args__ = (UniqueConstraint("url", "branch", "folder"), Index(None, "due_at"))

    id: Mapped[Key]
    url: Mapped[str] = mapped_column(String(1000))
    branch: Mapped[str] = mapped_column(String(200), default="")
    folder: Mapped[str] = mapped_column(String(500), default="")
    service: Mapped[str] = mapped_column(String(200), default="")
    timezone: Mapped[str] = mapped_column(String(100), default="")
    secret: Mapped[str] = mapped_column(String(200), default="")
    with_drafts: Mapped[bool] = mapped_column(default=False)
    # How often the worker syncs it, in seconds; None where only people do.
    every_s: Mapped[int | None]
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    holder: Mapped[str] = mapped_column(String(100), default="")
    # The commit that both sides were brought to last.
    commit: Mapped[str] = mapped_column(String(64), default="")
    synced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What came of the newest try: a sentence, and one a line what somebody should look at.
    result: Mapped[Body]
    remarks: Mapped[Body]
    is_failed: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[Instant]


class SyncedFile(Base):
    """A file of a remote, as it was when both sides last agreed on it.

    `blob` is what git calls its bytes and `version` the incident's that they say, 0 where it says more.
    `pushing` and `pushing_version` are those under way: written before a push, so that one whose answer
    never came is known again. Without an incident, that was deleted here.
    """

    __tablename__ = "synced_files"
    __table_args__ = (UniqueConstraint("remote_id", "path"), Index(None, "incident_id"))

    id: Mapped[Key]
    remote_id: Mapped[int] = mapped_column(ForeignKey("remotes.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(String(500))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id", ondelete="SET NULL"))
    blob: Mapped[str] = mapped_column(String(64), default="")
    version: Mapped[int] = mapped_column(default=0)
    pushing: Mapped[str] = mapped_column(String(64), default="")
    pushing_version: Mapped[int] = mapped_column(default=0)
    # It was taken out of the repository: it is not written there again, and the incident stays.
    is_gone: Mapped[bool] = mapped_column(default=False)
