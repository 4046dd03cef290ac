"""Table of mentions: who was told that somebody spoke of them, where, and whether they have looked."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.accounts.models import User
from postmortems.db.session import Base, Instant, Key, UtcDateTime
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import restrictions

# How places begin that are no blocks of text.
ITEM, COMMENT = "AI-", "comment-"


class Mention(Base):
    """One person, mentioned at one place of an incident: they are told once, however often it is edited.

    `place` is the id of a block, `AI-<n>`, or `comment-<n>`. A row stays when the words are taken out
    (`is_there`), so that putting them back tells nobody again.
    """

    __tablename__ = "mentions"
    __table_args__ = (
        UniqueConstraint("incident_id", "user_id", "place"),
        Index(None, "user_id", "id"),
    )

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey(Incident.id, ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))
    place: Mapped[str] = mapped_column(String(60))
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[Instant]
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_there: Mapped[bool] = mapped_column(default=True)
    incident: Mapped[Incident] = relationship()

    @property
    def anchor(self) -> str:
        """Where it stands on the incident's page."""
        return self.place if self.place.startswith((ITEM, COMMENT)) else f"part-{self.place}"

    @property
    def address(self) -> str:
        """Where it stands in the service."""
        return f"/incidents/{quote(self.incident.slug)}#{self.anchor}"

    @property
    def where(self) -> str:
        """Where it stands, in words."""
        if self.place.startswith(COMMENT):
            return "in a comment"
        return f"in {self.place}" if self.place.startswith(ITEM) else "in the text"


restrictions.hide(Mention, lambda ids: Mention.incident_id.in_(ids))
