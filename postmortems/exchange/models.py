"""The file that an incident was imported from, to the byte, so that it can be given back."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db import Base, Body, Instant


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
    # The incident's version that is this file and nothing else; 0 where it was merged with edits made here.
    version: Mapped[int]
    imported_at: Mapped[Instant]
