"""Table of drafts: what an author has typed into the form and not saved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.accounts.models import User
from postmortems.db.session import Base, Body, Instant, Key, UtcDateTime
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import restrictions


class Draft(Base):
    """The form's values as they stand, of one writing of one author: no revision, and read by nobody else.

    `version` is the incident's that it began from; 0, and no incident, where there is none yet. Each save of
    it is marked by the tab it comes from and that tab's count, so that a tab that was overtaken is found out.
    Once its author has saved the incident, an empty row says for a day that it has ended, and as which.
    """

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("user_id", "name"), Index(None, "saved_at"))

    id: Mapped[Key]
    # Chosen where it is written, so that it can be sent twice.
    name: Mapped[str] = mapped_column(String(32))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    incident_id: Mapped[int | None] = mapped_column(
        ForeignKey("incidents.id", ondelete="CASCADE"), index=True
    )
    version: Mapped[int] = mapped_column(default=0)
    tab: Mapped[str] = mapped_column(String(32), default="")
    step: Mapped[int] = mapped_column(default=0)
    title: Mapped[Body]
    # JSON, as text: PostgreSQL's own type takes no NUL, which a paste may hold.
    content: Mapped[Body]
    size: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[Instant]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    incident: Mapped[Incident | None] = relationship()
    user: Mapped[User] = relationship()

    @property
    def mark(self) -> str:
        """Which save of it this is."""
        return f"{self.tab}-{self.step}"


restrictions.hide(Draft, lambda ids: Draft.incident_id.in_(ids))
