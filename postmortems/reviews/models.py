"""Table of reviews: conflicts between two edits that a person decides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.db.session import Base, Body, Instant, Key, UtcDateTime
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import restrictions

LONGEST_NAME = 500


class Review(Base):
    """A question about an incident that a person answers. What it is about depends on its kind."""

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("kind IN ('conflict')", name="kind"),
        CheckConstraint("outcome IN ('', 'merged', 'settled')", name="outcome"),
        Index(None, "incident_id", "id"),
        Index(None, "outcome", "id"),
    )

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    # Empty while it is open; settled means that nobody had to answer any more.
    outcome: Mapped[str] = mapped_column(String(20), default="")
    summary: Mapped[Body]
    opened_by: Mapped[str] = mapped_column(String(100))
    opened_at: Mapped[Instant]
    closed_by: Mapped[str] = mapped_column(String(100), default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    incident: Mapped[Incident] = relationship()
    conflict: Mapped[Conflict | None] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    @property
    def is_open(self) -> bool:
        return not self.outcome


class Conflict(Base):
    """Two edits of the same lines: what a file says and what was stored when it came, as Markdown.

    `merged` has the edits of both, and what was stored where they touch the same lines. `content` are the
    file's bytes; `origin` names the repository it lies in, "" for a file that was imported.
    """

    __tablename__ = "conflicts"

    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True)
    origin: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    in_file: Mapped[str] = mapped_column(Text)
    stored: Mapped[str] = mapped_column(Text)
    merged: Mapped[Body]
    # The incident's version that was stored.
    version: Mapped[int]
    service: Mapped[str] = mapped_column(String(200), default="")
    timezone: Mapped[str] = mapped_column(String(100), default="")


restrictions.hide(Review, lambda ids: Review.incident_id.in_(ids))
