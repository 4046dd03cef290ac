"""The table of templates that an admin wrote, changed or took away."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base, Body, Instant


class StoredTemplate(Base):
    """A template as Markdown; without text it says that the starter of that id is not offered."""

    __tablename__ = "templates"
    __table_args__ = (UniqueConstraint("name_key"),)

    slug: Mapped[str] = mapped_column(String(100), primary_key=True)
    # The name as names are compared; of one that was taken away, something that is no name.
    name_key: Mapped[str] = mapped_column(String(400))
    text: Mapped[Body]
    version: Mapped[int] = mapped_column(default=1)
    saved_by: Mapped[str] = mapped_column(String(100))
    saved_at: Mapped[Instant]
