"""Tables of guards: services, targets, guards, evidence and verdicts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.accounts.teams.models import Team
from postmortems.db import partitions
from postmortems.db.session import Base, Body, Fields, Instant, Json, Key, UtcDateTime
from postmortems.db.versions import GATE, moved_by


class Service(Base):
    """Something that gets deployed."""

    __tablename__ = "services"
    __table_args__ = moved_by(GATE)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[Body]
    is_demo: Mapped[bool] = mapped_column(default=False)
    # Who answers for it: items of its incidents that nobody else answers for are that team's.
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"), index=True)
    team: Mapped[Team | None] = relationship()
    targets: Mapped[list[Target]] = relationship(
        order_by="Target.position",
        cascade="all, delete-orphan",
        back_populates="service",
        passive_deletes=True,
    )


class Target(Base):
    """One place a service is deployed to; `position` is the promotion order, staging before prod."""

    __tablename__ = "targets"
    __table_args__ = (UniqueConstraint("service_id", "name"), moved_by(GATE))

    id: Mapped[Key]
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    position: Mapped[int]
    service: Mapped[Service] = relationship(back_populates="targets")

    @property
    def full_name(self) -> str:
        return f"{self.service.name}/{self.name}"


class Guard(Base):
    """A check of one kind, configured, over some targets, at a level. `revision` moves with every edit."""

    __tablename__ = "guards"
    __table_args__ = (
        CheckConstraint("level IN ('shadow', 'advisory', 'soft', 'hard')", name="level"),
        CheckConstraint("on_error IN ('block', 'warn')", name="on_error"),
        CheckConstraint("override IN ('none', 'one', 'two')", name="override"),
        moved_by(GATE),
    )

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[Body]
    # Slug and title, folded.
    search_text: Mapped[Body]
    kind: Mapped[str] = mapped_column(String(30))
    config: Mapped[Fields]
    level: Mapped[str] = mapped_column(String(10), default="shadow")
    is_enabled: Mapped[bool] = mapped_column(default=True)
    on_error: Mapped[str] = mapped_column(String(10), default="block")
    # How old a probe result may be before the gate probes again; for kinds that observe.
    max_age_s: Mapped[int] = mapped_column(default=30)
    # How many people it takes to pass it over for once: none may, one admin, or two who are not the same.
    override: Mapped[str] = mapped_column(String(10), default="one")
    remedy: Mapped[Body]
    owner: Mapped[str] = mapped_column(String(200), default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Instant]
    edited_at: Mapped[Instant]
    # Written by the worker: since when it flaps, and since which scheduled probe it passes while it does.
    flaps_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    passes_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    targets: Mapped[list[Target]] = relationship(
        secondary="guard_targets", order_by="Target.position", passive_deletes=True
    )

    __mapper_args__ = {"version_id_col": revision}


class GuardTarget(Base):
    __tablename__ = "guard_targets"
    __table_args__ = moved_by(GATE)

    guard_id: Mapped[int] = mapped_column(ForeignKey("guards.id", ondelete="CASCADE"), primary_key=True)
    target_id: Mapped[int] = mapped_column(
        ForeignKey("targets.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Evidence(Base):
    """What pipelines, people and probes saw. Append-only; it is judged, never changed.

    `kind` is one of those in `find`. `subject` is the artifact's digest, `sha` its commit. An observation
    belongs to a guard and holds what its kind's `observe` returned in `data`. `trust` is one of `TRUST`.
    `event_id` is the sender's own name for what it sent, so that sending it twice does no harm.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        Index(None, "kind", "target_id", "observed_at"),
        Index(None, "guard_id", "observed_at"),
        # What is known about one artifact is little, however much is known about its target.
        Index(None, "subject", "kind", "predicate"),
        Index(None, "sha", "kind", "predicate"),
        # The newest failure on a target may lie behind any number of successes.
        Index(None, "kind", "target_id", "result", "observed_at"),
        Index(None, "issuer", "kind", "event_id", unique=True),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[int | None] = mapped_column(ForeignKey("targets.id", ondelete="CASCADE"))
    guard_id: Mapped[int | None] = mapped_column(ForeignKey("guards.id", ondelete="CASCADE"))
    predicate: Mapped[str] = mapped_column(String(100), default="")
    subject: Mapped[str] = mapped_column(String(200), default="")
    sha: Mapped[str] = mapped_column(String(64), default="")
    result: Mapped[str] = mapped_column(String(20), default="")
    observed_at: Mapped[Instant]
    received_at: Mapped[Instant]
    issuer: Mapped[str] = mapped_column(String(200), default="")
    trust: Mapped[str] = mapped_column(String(20), default="")
    decision_id: Mapped[str] = mapped_column(String(40), default="")
    event_id: Mapped[str | None] = mapped_column(String(100))
    data: Mapped[Fields]
    target: Mapped[Target | None] = relationship()


class Heartbeat(Base):
    """The job that a guard waits for. `key_hash` is of the key it pings by; `count` numbers its pings.

    `last_success` is the number of its last good end; `in_minute` is how many pings came in `minute`.
    """

    __tablename__ = "heartbeats"

    id: Mapped[Key]
    guard_id: Mapped[int] = mapped_column(ForeignKey("guards.id", ondelete="CASCADE"), unique=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[Instant]
    count: Mapped[int] = mapped_column(default=0)
    last_success: Mapped[int | None]
    minute: Mapped[int] = mapped_column(default=0)
    in_minute: Mapped[int] = mapped_column(default=0)


class Ping(Base):
    """What a job said of itself: `result` is start, success or fail. Only the newest are kept."""

    __tablename__ = "pings"

    heartbeat_id: Mapped[int] = mapped_column(
        ForeignKey("heartbeats.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[Instant]
    result: Mapped[str] = mapped_column(String(10))
    exit_status: Mapped[int | None]
    rid: Mapped[str] = mapped_column(String(64), default="")
    body: Mapped[Body]


class Policy(Base):
    """What people have to know before they deploy; its newest version is the one that counts."""

    __tablename__ = "policies"

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[str] = mapped_column(String(200), default="")
    versions: Mapped[list[PolicyVersion]] = relationship(
        order_by="PolicyVersion.number", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def newest(self) -> PolicyVersion:
        return self.versions[-1]


class PolicyVersion(Base):
    """A policy as it was published once: its text, or the address where it stands."""

    __tablename__ = "policy_versions"

    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[Body]
    url: Mapped[str] = mapped_column(String(2000), default="")
    at: Mapped[Instant]
    by: Mapped[str] = mapped_column(String(100))


class Acknowledgement(Base):
    """That a person has read a version of a policy. It counts as long as a guard lets it."""

    __tablename__ = "acknowledgements"
    __table_args__ = (Index(None, "person", "policy_id", "at"),)

    id: Mapped[Key]
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id", ondelete="CASCADE"))
    number: Mapped[int]
    person: Mapped[str] = mapped_column(String(100))
    at: Mapped[Instant]


class Evaluation(Base):
    """One guard's verdict at one instant. `purpose` is decision or test; drills keep their own record.

    One that repeats what the guard said within the hour is in the answer of its decision alone (`answers`).
    """

    __tablename__ = "evaluations"
    __table_args__ = (
        Index(None, "guard_id", "at"),
        Index(None, "decision_id"),
        partitions.by_month("evaluations"),
    )

    id: Mapped[Key]
    guard_id: Mapped[int | None] = mapped_column(ForeignKey("guards.id", ondelete="SET NULL"))
    guard_slug: Mapped[str] = mapped_column(String(100))
    guard_revision: Mapped[int]
    decision_id: Mapped[str | None] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(10))
    target: Mapped[str] = mapped_column(String(201), default="")
    at: Mapped[Instant]
    level: Mapped[str] = mapped_column(String(10))
    verdict: Mapped[str] = mapped_column(String(20))
    reason_code: Mapped[str] = mapped_column(String(60), default="")
    summary: Mapped[Body]
    observed: Mapped[Any] = mapped_column(Json, nullable=True)
    expected: Mapped[Any] = mapped_column(Json, nullable=True)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LastSaid(Base):
    """What the guards of a target said last, for an hour: a verdict that is in `said` is stored by then.

    `said` is "" where that is not known: the next decision stores all verdicts, and says it anew.
    """

    __tablename__ = "last_said"

    target: Mapped[str] = mapped_column(String(201), primary_key=True)
    is_dry_run: Mapped[bool] = mapped_column(primary_key=True)
    hour: Mapped[Instant]
    said: Mapped[Body]
