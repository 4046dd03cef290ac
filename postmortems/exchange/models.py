"""Tables of imports: each incident's source file to the byte, files beside it, and running imports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.db.session import Base, Body, Fields, Instant, Json, Key, UtcDateTime

# What can come of a file.
RESULTS = ("new", "changed", "same", "conflict", "template", "failed")


class Source(Base):
    """The newest file imported for an incident. `name` is its path below the folder that was imported.

    `service` and `timezone` are what the import filled in where the file states none.
    """

    __tablename__ = "sources"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[Body]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    service: Mapped[str] = mapped_column(String(200), default="")
    timezone: Mapped[str] = mapped_column(String(100), default="")
    # The format that it was said to be of; "" where its ending and text tell.
    format: Mapped[str] = mapped_column(String(30), default="", server_default="")
    # Its id where it comes from, such as `confluence:98310`: by it the file is known again under any name.
    identity: Mapped[str] = mapped_column(String(300), default="", server_default="", index=True)
    # The incident's version that is this file and nothing else; 0 where it was merged with edits made here.
    version: Mapped[int]
    imported_at: Mapped[Instant]


class Run(Base):
    """An import that somebody asked for: many files, read first and then applied, however long that takes.

    `phase` is staging while its files arrive, reading while it is seen what they would do, applying once they
    are to be stored. It ends when no file of it waits in its last phase.
    """

    __tablename__ = "import_runs"
    __table_args__ = (
        CheckConstraint("phase IN ('staging', 'reading', 'applying')", name="phase"),
        Index(None, "created_by", "id"),
    )

    id: Mapped[Key]
    created_at: Mapped[Instant]
    created_by: Mapped[str] = mapped_column(String(100))
    # By which token: what it may do is what the import may do.
    scopes: Mapped[list[str] | None] = mapped_column(Json)
    # What was given, in words for a list: `reports.zip`, `12 files`.
    given: Mapped[str] = mapped_column(String(200), default="")
    service: Mapped[str] = mapped_column(String(200), default="")
    timezone: Mapped[str] = mapped_column(String(100), default="")
    # Whether templates are imported like reports.
    with_templates: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The files that were not read, in words: `4 files left out: 3 .xlsx, 1 .adoc`.
    left: Mapped[str] = mapped_column(String(500), default="", server_default="")
    # The first of them with the reason: `{"file", "reason"}` each.
    left_files: Mapped[list[dict[str, str]] | None] = mapped_column(Json)
    phase: Mapped[str] = mapped_column(String(10), default="staging")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RunFile(Base):
    """A file of an import and how far it has come. Its bytes are kept until it is stored, or fails."""

    __tablename__ = "import_files"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'done')", name="state"),
        UniqueConstraint("run_id", "position"),
        Index(None, "state", "id"),
    )

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("import_runs.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[Body]
    # Where it stood for whoever gave it.
    at: Mapped[Body]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    # As for a source.
    format: Mapped[str] = mapped_column(String(30), default="", server_default="")
    identity: Mapped[str] = mapped_column(String(300), default="", server_default="")
    size: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    # Whoever works on it has it until then; who died loses it.
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    result: Mapped[str] = mapped_column(String(10), default="")
    slug: Mapped[str] = mapped_column(String(200), default="")
    report: Mapped[Fields] = mapped_column(deferred=True)
    # What became of the pictures that it has links to: `staging.from_json` reads it.
    beside: Mapped[dict[str, Any] | None] = mapped_column(Json)
    run: Mapped[Run] = relationship()

    @property
    def told(self) -> dict[str, Any]:
        """The report, or an empty one while there is none."""
        return self.report or {}
