"""Table of the reports of months as they were kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base, Fields, Instant, UtcDateTime


class KeptMonth(Base):
    """The report of a month (`2026-10`) that is over, as it was put together once (`stored_form`).

    People are told of it in the order of their accounts: `told_up_to` is the last one's id, and `told_at`
    when all of them were.
    """

    __tablename__ = "kept_months"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    as_of: Mapped[Instant]
    contents: Mapped[Fields]
    told_up_to: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
