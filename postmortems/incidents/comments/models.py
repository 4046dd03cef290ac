"""Table of comments: what people say about an incident or a part of it, and what they suggest instead."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.db.session import Base, Body, Instant, Key, UtcDateTime
from postmortems.incidents.models import Incident, PartId
from postmortems.incidents.restricted import restrictions


class Comment(Base):
    """One comment. `part` is the id of a section or block, `AI-<n>`, or "" for the whole incident.

    `quoted` is what the part said when the comment was made: a suggestion replaces that and nothing else, and
    where the part is gone, it says what the comment was about. A reply has its thread's part. A comment that
    was deleted keeps its row, without words, so that the replies below it keep their place.
    """

    __tablename__ = "comments"
    __table_args__ = (Index(None, "incident_id", "id"),)

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    reply_to: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    part: Mapped[PartId]
    quoted: Mapped[Body]
    text: Mapped[Body]
    suggestion: Mapped[str | None] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(100))
    at: Mapped[Instant]
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by: Mapped[str] = mapped_column(String(100), default="")
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_by: Mapped[str] = mapped_column(String(100), default="")
    # The version that has the suggestion's words in it.
    applied_version: Mapped[int | None]
    incident: Mapped[Incident] = relationship()


restrictions.hide(Comment, lambda ids: Comment.incident_id.in_(ids))
