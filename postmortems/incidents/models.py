"""Tables of incidents: a document as rows, and its revisions.

What is worked out from the text (an entry's instant, an item's kind) is stored beside it for searching;
what the author wrote is what comes back out.
"""

from __future__ import annotations

from datetime import date as Day
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.db.session import Base, Body, Instant, Json, Key, UtcDateTime
from postmortems.db.versions import GATE, moved_by

# The id by which a section or block is spoken of, unique in its incident. A row's key is none: rows are used
# again by their place.
PartId = Annotated[str, mapped_column(String(40), default="")]


# Of an incident that names no service, said as its index says it; else SQLite does not know it again.
NO_SERVICE = "CAST(services AS TEXT) = '[]'"


class Incident(Base):
    """What happened, with its one postmortem. `version` moves with every save, whatever part changed."""

    __tablename__ = "incidents"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'published')", name="status"),
        Index(None, "occurred_on", "id"),
        Index(None, "status", "occurred_on", "id"),
        Index(None, "severity", "occurred_on", "id"),
        # What was published last: for feeds.
        Index(None, "status", "published_at", "id"),
        Index(
            "ix_incidents_no_service",
            "id",
            sqlite_where=text(NO_SERVICE),
            postgresql_where=text(NO_SERVICE),
        ),
        Index(
            "ix_incidents_repeats",
            "occurred_on",
            "id",
            sqlite_where=text("recurrence_of != ''"),
            postgresql_where=text("recurrence_of != ''"),
        ),
        moved_by(GATE),
    )

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(200), unique=True)
    title: Mapped[Body]
    date: Mapped[Day | None] = mapped_column(Date)
    # The date to sort and age by: the stated one, else what the title, file name or first entry says, else
    # the day it was first saved.
    occurred_on: Mapped[Day] = mapped_column(Date)
    timezone: Mapped[str] = mapped_column(String(100), default="")
    severity: Mapped[str] = mapped_column(String(20), default="")
    status: Mapped[str] = mapped_column(String(20), default="draft")
    status_stated: Mapped[bool] = mapped_column(default=False)
    # The slug of the earlier incident that this one repeats; it may come before that incident does.
    recurrence_of: Mapped[str] = mapped_column(String(200), default="", index=True)
    heading: Mapped[Body]
    services: Mapped[list[str]] = mapped_column(Json, default=list)
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    extra: Mapped[list[list[str]]] = mapped_column(Json, default=list)
    # Whom it is shown to, as the document names them; everybody, where it names none.
    restricted: Mapped[list[str]] = mapped_column(Json, default=list)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[Instant]
    saved_at: Mapped[Instant]
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    sections: Mapped[list[Section]] = relationship(
        order_by="Section.position", cascade="all, delete-orphan", passive_deletes=True
    )
    items: Mapped[list[ActionItem]] = relationship(
        order_by="ActionItem.number", viewonly=True, back_populates="incident"
    )
    affected: Mapped[list[Affected]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    admitted: Mapped[list[Admitted]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    __mapper_args__ = {"version_id_col": version}


class Affected(Base):
    """A service that an incident hit, worked out of `services` for searching; target "" is all of it."""

    __tablename__ = "affected"
    __table_args__ = (Index(None, "service", "incident_id"),)

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    service: Mapped[str] = mapped_column(String(200), primary_key=True)
    target: Mapped[str] = mapped_column(String(200), primary_key=True)


class Admitted(Base):
    """A person whom a restricted incident is shown to, worked out of `restricted` for looking up.

    With an end in `until` it is an admin who broke the glass: not named, and shown it until then.
    """

    __tablename__ = "admitted"
    __table_args__ = moved_by(GATE)

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Section(Base):
    """A titled part. `role` is worked out from its heading and what stands in it."""

    __tablename__ = "sections"
    __table_args__ = (UniqueConstraint("incident_id", "position"),)

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    position: Mapped[int]
    heading: Mapped[Body]
    part_id: Mapped[PartId]
    role: Mapped[str] = mapped_column(String(30))
    prose: Mapped[list[Prose]] = relationship(
        order_by="Prose.position", cascade="all, delete-orphan", passive_deletes=True
    )
    entries: Mapped[list[Entry]] = relationship(
        order_by="Entry.position", cascade="all, delete-orphan", passive_deletes=True
    )
    categories: Mapped[list[Category]] = relationship(
        order_by="Category.position", cascade="all, delete-orphan", passive_deletes=True
    )
    # Items outlive a section that is taken away around them: they move, or are deleted by name.
    items: Mapped[list[ActionItem]] = relationship(
        order_by="ActionItem.position", back_populates="section", passive_deletes="all"
    )


class Prose(Base):
    __tablename__ = "prose"

    id: Mapped[Key]
    section_id: Mapped[int] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    part_id: Mapped[PartId]
    text: Mapped[Body]


class Entry(Base):
    """A timeline row: `written` is the author's; `at` to `precision` are our reading of it (local time)."""

    __tablename__ = "entries"

    id: Mapped[Key]
    section_id: Mapped[int] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    part_id: Mapped[PartId]
    written: Mapped[Body]
    title: Mapped[Body]
    text: Mapped[Body]
    kind: Mapped[str] = mapped_column(String(20), default="")
    at: Mapped[datetime | None] = mapped_column(DateTime)
    until: Mapped[datetime | None] = mapped_column(DateTime)
    instant: Mapped[datetime | None] = mapped_column(UtcDateTime)
    precision: Mapped[str] = mapped_column(String(10), default="")
    approximate: Mapped[bool] = mapped_column(default=False)
    zone: Mapped[Body]


class Category(Base):
    __tablename__ = "categories"

    id: Mapped[Key]
    section_id: Mapped[int] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    part_id: Mapped[PartId]
    heading: Mapped[Body]


class ActionItem(Base):
    """An action item. `number` is the n of `AI-<n>`, given once and never to another item."""

    __tablename__ = "action_items"
    __table_args__ = (
        CheckConstraint("status IN ('proposed', 'open', 'in_progress', 'done', 'wont_do')", name="status"),
        # Lists are read in the order of these (`followup/due_order.py`, `followup/key_order.py`).
        Index(None, "due", "number"),
        Index(None, "status", "due", "number"),
        Index(None, "status", "kind", "due", "number"),
        Index(None, "owner_key", "status", "due", "number"),
        Index(None, "owner_key", "number"),
        Index(
            None,
            "priority",
            "status",
            "due",
            "number",
            sqlite_where=text("priority != ''"),
            postgresql_where=text("priority != ''"),
        ),
        Index(
            "ix_action_items_reopened",
            "status",
            "due",
            "number",
            sqlite_where=text("reopened_at IS NOT NULL"),
            postgresql_where=text("reopened_at IS NOT NULL"),
        ),
        Index(
            None,
            "team",
            sqlite_where=text("team != ''"),
            postgresql_where=text("team != ''"),
        ),
        Index(None, "opened_at"),
        Index(None, "closed_at"),
        # What was done last, of process fixes: reports look at the newest alone.
        Index(None, "status", "kind", "closed_at"),
        moved_by(GATE),
    )

    id: Mapped[Key]
    number: Mapped[int] = mapped_column(unique=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    category: Mapped[Body]
    text: Mapped[Body]
    kind: Mapped[str] = mapped_column(String(20), default="other")
    kind_stated: Mapped[bool] = mapped_column(default=False)
    owner: Mapped[str] = mapped_column(String(200), default="")
    # The owner as names are compared.
    owner_key: Mapped[str] = mapped_column(String(200), default="")
    team: Mapped[str] = mapped_column(String(200), default="")
    due: Mapped[Day | None] = mapped_column(Date)
    priority: Mapped[str] = mapped_column(String(2), default="")
    status: Mapped[str] = mapped_column(String(20), default="open")
    status_stated: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[Body]
    done_when: Mapped[Body]
    guardability: Mapped[str] = mapped_column(String(20), default="")
    outcome: Mapped[Body]
    # What shows that it is done: a link, or words.
    evidence: Mapped[Body]
    tickets: Mapped[list[str]] = mapped_column(Json, default=list)
    # When its present life began: the incident's day for what was imported, the save for what was added, the
    # re-opening for what came back.
    opened_at: Mapped[Instant]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(String(100), default="")
    # Closed by an admin although the proof was missing; it shows.
    closed_unproven: Mapped[bool] = mapped_column(default=False)
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopened_because: Mapped[Body]
    incident: Mapped[Incident] = relationship(back_populates="items")
    section: Mapped[Section] = relationship(back_populates="items")
    guards: Mapped[list[ItemGuard]] = relationship(
        order_by="ItemGuard.position", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def ref(self) -> str:
        return f"AI-{self.number}"


class ItemGuard(Base):
    """That an item names a guard. The name may come before the guard: a document can be imported first."""

    __tablename__ = "item_guards"
    __table_args__ = (UniqueConstraint("item_id", "slug"), moved_by(GATE))

    id: Mapped[Key]
    item_id: Mapped[int] = mapped_column(ForeignKey("action_items.id", ondelete="CASCADE"))
    position: Mapped[int]
    slug: Mapped[str] = mapped_column(String(100), index=True)
    written: Mapped[Body]


class Revision(Base):
    """A save: the Document's rendering then, who saved it, why, and what it changed.

    `history.texts` reads its text: only the newest version has it in `text`, older ones are `packed`,
    alone or as what differs from the version `base`. `changes` are rows of `history.changes`, None where
    they were not noted yet; `written` says of the newest version who wrote what (`history.authorship`).
    """

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("incident_id", "version"),)

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    version: Mapped[int]
    at: Mapped[Instant]
    author: Mapped[str] = mapped_column(String(100))
    message: Mapped[Body]
    text: Mapped[str] = mapped_column(Text)
    packed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    base: Mapped[int | None] = mapped_column(deferred=True)
    changes: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    written: Mapped[dict[str, Any] | None] = mapped_column(Json, deferred=True)
    incident: Mapped[Incident] = relationship()


class Counter(Base):
    """The last number given, per name. A row to lock, so that two writers never get the same one."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
