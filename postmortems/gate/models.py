"""Tables of the gate: decisions, scenarios, drills, exemptions, findings, protection of items."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.db.session import Base, Body, Fields, Instant, Json, Key, UtcDateTime
from postmortems.db.versions import GATE, moved_by
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import restrictions


class Decision(Base):
    """The gate's answer to one request, exactly as it was given. The id sorts by time."""

    __tablename__ = "decisions"
    __table_args__ = (
        CheckConstraint("decision IN ('allow', 'allow_with_warnings', 'wait', 'block')", name="decision"),
        UniqueConstraint("asked_by", "idempotency_key"),
        Index(None, "target", "id"),
        Index(None, "decision", "id"),
        # What was decided about an artifact, for guards that ask what others said of it.
        Index(None, "artifact", "target"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    service: Mapped[str] = mapped_column(String(100))
    # The full name, `data8/prod`: as asked, for it may be unknown.
    target: Mapped[str] = mapped_column(String(201))
    artifact: Mapped[str] = mapped_column(String(200), default="")
    decision: Mapped[str] = mapped_column(String(20))
    is_dry_run: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)
    asked_by: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[Instant]
    evaluated_at: Mapped[Instant]
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    idempotency_key: Mapped[str | None] = mapped_column(String(200))
    request_hash: Mapped[str] = mapped_column(String(64), default="")
    request: Mapped[Fields]
    answer: Mapped[Fields]
    # When a decision that serves once was found valid; from then on it lets nothing through.
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Override(Base):
    """That somebody wants the named guards passed over once, for a decision's target and artifact.

    `state` is requested, granted or refused. Granted, it has a waiver for each guard, and `items` are the
    action items (`AI-7`) that were opened to follow it up.
    """

    __tablename__ = "overrides"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'granted', 'refused')", name="state"),
        Index(None, "state", "id"),
    )

    id: Mapped[Key]
    decision_id: Mapped[str] = mapped_column(String(40), index=True)
    target: Mapped[str] = mapped_column(String(201))
    artifact: Mapped[str] = mapped_column(String(200))
    guards: Mapped[list[str]] = mapped_column(Json)
    reason: Mapped[Body]
    ticket: Mapped[str] = mapped_column(String(500), default="")
    expires_s: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="requested")
    requested_by: Mapped[str] = mapped_column(String(100))
    requested_at: Mapped[Instant]
    settled_by: Mapped[str] = mapped_column(String(100), default="")
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    items: Mapped[list[str]] = mapped_column(Json, default=list)

    @property
    def is_self_granted(self) -> bool:
        """Whether who asked has granted it, being the only admin then."""
        return self.state == "granted" and self.settled_by == self.requested_by


class Waiver(Base):
    """What keeps a guard from stopping a deploy for a while, and why.

    `kind`: `override` serves one decision about `bound_to` (a target and an artifact); `waiver` lets the
    guard fail until its owner has mended what it finds; `pause` leaves the guard aside; `probe_pause` keeps
    all guards from looking at a target. `target` is a full name, "" for all. It counts from when it is
    granted: `granted_by` is "" until then. `told`: what its owner was told already, "" for nothing, then
    `ending`, then `ended`.
    """

    __tablename__ = "waivers"
    __table_args__ = (
        CheckConstraint("kind IN ('override', 'waiver', 'pause', 'probe_pause')", name="kind"),
        Index(None, "guard", "made_at"),
        moved_by(GATE),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(15))
    guard: Mapped[str] = mapped_column(String(100), default="")
    target: Mapped[str] = mapped_column(String(201), default="")
    bound_to: Mapped[str] = mapped_column(String(64), default="")
    override_id: Mapped[int | None] = mapped_column(
        ForeignKey("overrides.id", ondelete="CASCADE"), index=True
    )
    owner: Mapped[str] = mapped_column(String(200))
    reason: Mapped[Body]
    # The zone in which its end was written, so that nobody has to ask whose midnight it is.
    zone: Mapped[str] = mapped_column(String(100), default="UTC")
    made_by: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[Instant]
    begins_at: Mapped[Instant]
    ends_at: Mapped[Instant] = mapped_column(UtcDateTime, index=True)
    granted_by: Mapped[str] = mapped_column(String(100), default="")
    # Who ended it before its time.
    ended_by: Mapped[str] = mapped_column(String(100), default="")
    # The decision that an override served.
    used_by: Mapped[str] = mapped_column(String(40), default="")
    told: Mapped[str] = mapped_column(String(10), default="")


class Scenario(Base):
    """The recorded inputs of a deploy: the incident's bad one, which must go red, or a good one.

    `facts`: {"at", "request": {…what the gate is asked…}, "evidence": […], "probes": {guard: observation}}.
    """

    __tablename__ = "scenarios"
    __table_args__ = (
        CheckConstraint("kind IN ('bad', 'good')", name="kind"),
        UniqueConstraint("incident_id", "name"),
    )

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(10))
    description: Mapped[Body]
    facts: Mapped[Fields]
    # Moves with every edit, so that of two who edit at once the second notices.
    revision: Mapped[int] = mapped_column(default=1)
    edited_at: Mapped[Instant]
    incident: Mapped[Incident] = relationship()
    drills: Mapped[list[Drill]] = relationship(
        order_by="Drill.id.desc()",
        cascade="all, delete-orphan",
        back_populates="scenario",
        passive_deletes=True,
    )

    __mapper_args__ = {"version_id_col": revision}


restrictions.hide(Scenario, lambda ids: Scenario.incident_id.in_(ids))


class Drill(Base):
    """One run of the guards of that moment against a scenario.

    `results`: one a guard: {"guard", "revision", "kind", "level", "verdict", "effective", "reason_code",
    "summary"}.
    """

    __tablename__ = "drills"
    __table_args__ = (Index(None, "scenario_id", "id"),)

    id: Mapped[Key]
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenarios.id", ondelete="CASCADE"))
    at: Mapped[Instant]
    by: Mapped[str] = mapped_column(String(100), default="")
    decision: Mapped[str] = mapped_column(String(20))
    is_as_expected: Mapped[bool]
    results: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    scenario: Mapped[Scenario] = relationship(back_populates="drills")


class ItemProtection(Base):
    """The protection of an item: worked out from guards, drills and decisions, never typed.

    Stored so that lists can filter by it and a slide back can be noticed; `was_proven` is what makes a
    slide a regression.
    """

    __tablename__ = "standings"
    __table_args__ = moved_by(GATE)

    item_id: Mapped[int] = mapped_column(ForeignKey("action_items.id", ondelete="CASCADE"), primary_key=True)
    protection: Mapped[str] = mapped_column(String(20), index=True)
    since: Mapped[Instant]
    was_proven: Mapped[bool] = mapped_column(default=False)
    why: Mapped[str] = mapped_column(Text, default="")


class Finding(Base):
    """Something that happened although it should not, until a person settles it.

    `bypass`: a deploy to a guarded target without a decision that let it pass. `allowed_on_error`: `guard`
    could not be evaluated and let a deploy pass. `target` is a full name.
    """

    __tablename__ = "findings"
    __table_args__ = (
        CheckConstraint("kind IN ('bypass', 'allowed_on_error')", name="kind"),
        Index(None, "target", "id"),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[Instant]
    target: Mapped[str] = mapped_column(String(201))
    guard: Mapped[str] = mapped_column(String(100), default="")
    artifact: Mapped[str] = mapped_column(String(200), default="")
    decision_id: Mapped[str] = mapped_column(String(40), default="")
    summary: Mapped[Body]
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str] = mapped_column(String(100), default="")
    reason: Mapped[Body]


class Confirmation(Base):
    """What a person says of a block by one guard: whether it stopped a real problem."""

    __tablename__ = "confirmations"

    decision_id: Mapped[str] = mapped_column(ForeignKey("decisions.id", ondelete="CASCADE"), primary_key=True)
    guard: Mapped[str] = mapped_column(String(100), primary_key=True)
    is_real: Mapped[bool]
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[Instant]


class Claim(Base):
    """That a request with this key is being answered: the same again has to wait. Gone with its answer."""

    __tablename__ = "claims"

    asked_by: Mapped[str] = mapped_column(String(100), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(200), primary_key=True)
    ends_at: Mapped[Instant]


# What a scenario of each kind must lead to.
EXPECTED = {"bad": frozenset({"block"}), "good": frozenset({"allow", "allow_with_warnings"})}


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
