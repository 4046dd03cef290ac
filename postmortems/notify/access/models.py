"""Table of the links that are mailed to let somebody in."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.accounts.models import User
from postmortems.db.session import Base, Instant, Key


class MailedLink(Base):
    """A link that goes to a person's mail address; it works once, and a row that is gone is used.

    Nothing here opens a door: the mail has our signature of `signed`, made when it is sent.
    """

    __tablename__ = "mailed_links"
    __table_args__ = (CheckConstraint("purpose IN ('invitation', 'reset')", name="purpose"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    user: Mapped[User] = relationship()

    @property
    def signed(self) -> tuple[int, int, str]:
        """Which link it is; the number alone does not say, as SQLite gives it anew when its row is gone."""
        return self.id, self.user_id, self.created_at.isoformat()
