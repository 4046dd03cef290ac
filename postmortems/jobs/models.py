"""Tables of periodic jobs and their leases, and of what processes count and limit."""

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


class RequestWindow(Base):
    """How many requests of one sort somebody has made within one minute, over all processes.

    Of those alone who come near a limit: see `web/watching/rates.py`. `minute` counts from 1970.
    """

    __tablename__ = "request_windows"

    minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    who: Mapped[str] = mapped_column(String(160), primary_key=True)
    requests: Mapped[int]
