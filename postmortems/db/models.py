"""Table of the versions that the tables serve."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base


class ServedRevision(Base):
    """A revision whose code may work on the tables as they are."""

    __tablename__ = "served_revisions"

    revision: Mapped[str] = mapped_column(String(32), primary_key=True)
