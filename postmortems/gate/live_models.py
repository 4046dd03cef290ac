"""What the gate itself said when a bad deploy was asked for as a drill."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base, Instant, Key


class LiveDrill(Base):
    """One question of a bad scenario to the gate itself; `decision_id` has the answer while that is kept."""

    __tablename__ = "live_drills"
    __table_args__ = (Index(None, "scenario_id", "id"),)

    id: Mapped[Key]
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenarios.id", ondelete="CASCADE"))
    at: Mapped[Instant]
    by: Mapped[str] = mapped_column(String(100), default="")
    decision_id: Mapped[str] = mapped_column(String(40))
    decision: Mapped[str] = mapped_column(String(20))
    is_as_expected: Mapped[bool]
