"""Tables of assistants: the keys under which they changed something."""

from __future__ import annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base, Instant


class ChangeKey(Base):
    """A change that was sent under a key: sent again, it is not done again. `digest` is of what was sent."""

    __tablename__ = "change_keys"
    __table_args__ = (Index(None, "done_at"),)

    sent_by: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    done_at: Mapped[Instant]
