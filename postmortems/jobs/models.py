"""Table of periodic jobs and their leases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base, Instant, UtcDateTime


class JobLease(Base):
    """Something the worker does again and again, and when it is due next.

    Whoever does it holds it until `leased_until`; one that dies meanwhile loses it to another then.
    """

    __tablename__ = "duties"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    due_at: Mapped[Instant] = mapped_column(UtcDateTime, index=True)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Which worker holds it; empty when nobody does.
    holder: Mapped[str] = mapped_column(String(100), default="")
