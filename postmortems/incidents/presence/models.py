"""Table of presence: who had an incident open to edit it a moment ago."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.accounts.models import User
from postmortems.db.session import Base, Instant
from postmortems.incidents.models import Incident, PartId
from postmortems.incidents.restricted import restrictions


class Presence(Base):
    """One person at one incident; in several tabs, the one that spoke last. `part` is an id, or "".

    It says nothing once `seen_at` is older than `queries.LASTS`.
    """

    __tablename__ = "presences"

    incident_id: Mapped[int] = mapped_column(
        ForeignKey(Incident.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    part: Mapped[PartId]
    seen_at: Mapped[Instant] = mapped_column(index=True)


restrictions.hide(Presence, lambda ids: Presence.incident_id.in_(ids))
