"""Tables of periodic jobs and their leases, and of what processes count."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
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


class ProcessCount(Base):
    """How often something happened, over all processes, for those who watch them; see `counts`."""

    __tablename__ = "process_counts"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    labels: Mapped[str] = mapped_column(String(320), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
