"""Tables of publishing: the outlets, and which incident is which page there."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.db.session import Base, Body, Instant, Key
from postmortems.incidents.models import Incident

# How a publication stands. `current`: nobody has changed the page since; `changed`: somebody has, and a
# person decides; `gone`: there is no such page any more; `failed`: the last call went wrong.
STANDINGS = ("current", "changed", "gone", "failed")
CURRENT, CHANGED, GONE, FAILED = STANDINGS


class Outlet(Base):
    """A place in another system where incidents are published, with its token, encrypted at rest.

    `place` is what pages belong to there, in the words of its kind; `account` is whose token it is, where the
    system wants to know.
    """

    __tablename__ = "outlets"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    api: Mapped[str] = mapped_column(String(500))
    place: Mapped[str] = mapped_column(String(255))
    account: Mapped[str] = mapped_column(String(254), default="")
    access_token: Mapped[Body]
    edited_at: Mapped[Instant]


class Publication(Base):
    """An incident's page at an outlet: what it was when we wrote it last, so that others' changes are seen.

    `key` names it in calls, "" before it is there. `version` and `digest` are the page's as it was read after
    our last writing, `revision` the incident's that was written, and `sent` the digest of what we sent:
    a system may keep it in other words.
    """

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("outlet_id", "incident_id"),)

    id: Mapped[Key]
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id", ondelete="CASCADE"))
    outlet: Mapped[Outlet] = relationship(lazy="joined")
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    incident: Mapped[Incident] = relationship()
    key: Mapped[str] = mapped_column(String(100), default="")
    url: Mapped[Body]
    version: Mapped[str] = mapped_column(String(50), default="")
    digest: Mapped[str] = mapped_column(String(64), default="")
    sent: Mapped[str] = mapped_column(String(64), default="", server_default="")
    revision: Mapped[int] = mapped_column(default=0)
    standing: Mapped[str] = mapped_column(String(20))
    trouble: Mapped[Body]
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[Instant]
