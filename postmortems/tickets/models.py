"""Tables of trackers, of the tickets that items are linked to, and of what is created by itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.db.session import Base, Body, Fields, Instant, Key, UtcDateTime
from postmortems.incidents.models import ActionItem
from postmortems.incidents.restricted import restrictions

# How a ticket stands. `creating`: it is on its way; `agreed`: both say the same; `disputed`: both changed a
# field; `unproven`: it is closed and its item is not; `held`: nothing flows; `gone`: it is there no more.
STANDINGS = ("creating", "linked", "agreed", "disputed", "unproven", "held", "gone")
CREATING, LINKED, AGREED, DISPUTED, UNPROVEN, HELD, GONE = STANDINGS


class Tracker(Base):
    """A repository, project or team of an issue tracker, with its two secrets, encrypted at rest.

    `account` is whose token it is, at Jira in the cloud. `looked_at` is when it was polled last, `looked_to`
    until when its changes are known. `trouble` is why the last call failed.
    """

    __tablename__ = "trackers"
    __table_args__ = (CheckConstraint("service IN ('github', 'gitlab', 'jira', 'linear')", name="service"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    service: Mapped[str] = mapped_column(String(20))
    api: Mapped[str] = mapped_column(String(500))
    place: Mapped[str] = mapped_column(String(255))
    account: Mapped[str] = mapped_column(String(254), default="")
    issue_type: Mapped[str] = mapped_column(String(100), default="")
    access_token: Mapped[Body]
    webhook_secret: Mapped[Body]
    is_enabled: Mapped[bool] = mapped_column(default=True)
    sends_restricted: Mapped[bool] = mapped_column(default=False)
    trouble: Mapped[Body]
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    looked_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    edited_at: Mapped[Instant]


class Ticket(Base):
    """That an item is linked to an issue, or that one is being created for it: at most one a tracker.

    `key` names the issue in calls, `mark` is what a new one is found by; `begun_at` is when its creation was
    asked for first. `twin` is the address of a second issue with the mark, "" for none. `base` has by field
    what both last agreed on, `theirs` what the issue said last, as `agreement` compares them. `asked` counts
    what asked to look at it, `answered` up to where that was done.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("tracker_id", "item_id"),
        Index(
            "uq_tickets_key",
            "tracker_id",
            "key",
            unique=True,
            sqlite_where=text("key != ''"),
            postgresql_where=text("key != ''"),
        ),
        Index(None, "standing", "id"),
    )

    id: Mapped[Key]
    tracker_id: Mapped[int] = mapped_column(ForeignKey("trackers.id", ondelete="CASCADE"))
    tracker: Mapped[Tracker] = relationship(lazy="joined")
    item_id: Mapped[int] = mapped_column(ForeignKey("action_items.id", ondelete="CASCADE"), index=True)
    item: Mapped[ActionItem] = relationship()
    key: Mapped[str] = mapped_column(String(100), default="")
    shown: Mapped[str] = mapped_column(String(150), default="")
    url: Mapped[Body]
    mark: Mapped[str] = mapped_column(String(36), default="")
    standing: Mapped[str] = mapped_column(String(20))
    base: Mapped[Fields]
    theirs: Mapped[Fields]
    stamp: Mapped[str] = mapped_column(String(50), default="")
    trouble: Mapped[Body]
    twin: Mapped[Body]
    asked: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[Instant]


class TrackerAccount(Base):
    """Which of our accounts one of theirs is, as an admin says."""

    __tablename__ = "tracker_accounts"

    tracker_id: Mapped[int] = mapped_column(
        ForeignKey("trackers.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    theirs: Mapped[str] = mapped_column(String(200), primary_key=True)
    ours: Mapped[str] = mapped_column(String(100))


class TicketPolicy(Base):
    """That accepted items get a ticket by themselves: of a service, a priority or a kind, "" for any."""

    __tablename__ = "ticket_policies"

    id: Mapped[Key]
    tracker_id: Mapped[int] = mapped_column(ForeignKey("trackers.id", ondelete="CASCADE"), index=True)
    tracker: Mapped[Tracker] = relationship(lazy="joined")
    service: Mapped[str] = mapped_column(String(100), default="")
    priority: Mapped[str] = mapped_column(String(2), default="")
    kind: Mapped[str] = mapped_column(String(20), default="")
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[Instant]


class TrackerDelivery(Base):
    """A webhook that came, by the name its tracker gave it: one that comes again does nothing."""

    __tablename__ = "tracker_deliveries"
    __table_args__ = (Index(None, "at"),)

    tracker_id: Mapped[int] = mapped_column(
        ForeignKey("trackers.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    delivery: Mapped[str] = mapped_column(String(100), primary_key=True)
    at: Mapped[Instant]


ITEMS = ActionItem.__table__


def _hidden(ids: restrictions.Ids | list[int]) -> ColumnElement[bool]:
    return Ticket.item_id.in_(select(ITEMS.c.id).where(ITEMS.c.incident_id.in_(ids)))


restrictions.hide(Ticket, _hidden)
