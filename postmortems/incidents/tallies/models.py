"""Tables of tallies: what each incident adds to the sums, the sums, and marks to find incidents by.

`gate/tallies` restates them at the end of each unit of work that changes what they are worked out from. They
refer to no incident by a foreign key: a tally outlives its incident until the sums were told.
"""

from __future__ import annotations

from datetime import date as Day
from typing import Any

from sqlalchemy import Date, Index, Integer, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base, Json
from postmortems.db.versions import SUMS, moved_by
from postmortems.incidents.restricted import restrictions

Words = Mapped[list[str]]
# Of the lists, those whose fixes leave it possible that it comes again, and those whose report is awaited.
AWAITED = text("report != ''")


class Tally(Base):
    """One incident as reports count it: its coverage by guards, its process fixes, its parts of the sums.

    `blocking` and `noticing` are slugs of guards, `drilled` all that its newest drills asked; `targets` are
    full names. `could_recur`: a process fix is open, or done but not proven, and its bad deploy not stopped.
    `counted`: [what, name, part, count], its parts of the sums, and `sliced` those by severity, service and
    team; where it is restricted, they are in none. `places` names the lists it is in: `slices.places`.
    """

    __tablename__ = "tallies"
    __table_args__ = (
        Index(None, "occurred_on", "incident_id"),
        Index(None, "coverage", "occurred_on", "incident_id"),
        Index(None, "could_recur", "occurred_on", "incident_id"),
        Index(None, "is_restricted", "incident_id"),
    )

    incident_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    occurred_on: Mapped[Day] = mapped_column(Date)
    is_restricted: Mapped[bool]
    coverage: Mapped[str] = mapped_column(String(20))
    blocking: Words = mapped_column(Json)
    kinds: Words = mapped_column(Json)
    noticing: Words = mapped_column(Json)
    drilled: Words = mapped_column(Json)
    targets: Words = mapped_column(Json)
    scenarios: Mapped[int]
    could_recur: Mapped[bool]
    has_scenario: Mapped[bool]
    open_fixes: Mapped[int]
    unproven_fixes: Mapped[int]
    counted: Mapped[list[list[str | int]]] = mapped_column(Json)
    sliced: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    severity: Mapped[str] = mapped_column(String(20), default="", server_default="")
    places: Words = mapped_column(Json, default=list, server_default="[]")


class TallySum(Base):
    """How many, over all incidents that are not restricted. `gate/tallies/parts.py` says of what."""

    __tablename__ = "tally_sums"
    __table_args__ = moved_by(SUMS)

    what: Mapped[str] = mapped_column(String(20), primary_key=True)
    # A target, and a team's id before it.
    name: Mapped[str] = mapped_column(String(420), primary_key=True)
    part: Mapped[str] = mapped_column(String(401), primary_key=True)
    count: Mapped[int]


class TallyTarget(Base):
    """That an incident hit a target, with its place in the list: to page through those of a target."""

    __tablename__ = "tally_targets"
    __table_args__ = (
        Index(None, "target", "occurred_on", "incident_id"),
        Index(None, "target", "coverage", "occurred_on", "incident_id"),
    )

    incident_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    target: Mapped[str] = mapped_column(String(401), primary_key=True)
    coverage: Mapped[str] = mapped_column(String(20))
    occurred_on: Mapped[Day] = mapped_column(Date)


class TallyGuard(Base):
    """That an incident's newest drills asked a guard, by its slug: it may be gone, and may come again."""

    __tablename__ = "tally_guards"
    __table_args__ = (Index(None, "incident_id"),)

    slug: Mapped[str] = mapped_column(String(100), primary_key=True)
    incident_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)


class TallyPlace(Base):
    """That an incident is of a service, a target or a team, with its severity and day: the newest are found
    without a look at the others. `place` is as `slices.places` says it.

    `could_recur` is as a tally has it; `report` is the state of a report that is neither published nor
    skipped, such as `draft/unwritten`.
    """

    __tablename__ = "tally_places"
    __table_args__ = (
        Index(None, "place", "occurred_on", "incident_id"),
        Index(None, "place", "severity", "occurred_on", "incident_id"),
        Index(
            "ix_tally_places_could_recur",
            *("place", "occurred_on", "incident_id"),
            sqlite_where=text("could_recur = 1"),
            postgresql_where=text("could_recur"),
        ),
        Index(
            "ix_tally_places_awaited",
            *("place", "occurred_on", "incident_id", "severity", "report"),
            sqlite_where=AWAITED,
            postgresql_where=AWAITED,
        ),
    )

    incident_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(String(402), primary_key=True)
    severity: Mapped[str] = mapped_column(String(20))
    occurred_on: Mapped[Day] = mapped_column(Date)
    could_recur: Mapped[bool] = mapped_column(default=False, server_default=false())
    report: Mapped[str] = mapped_column(String(20), default="", server_default="")


class TeamChange(Base):
    """Items that another team may answer for by now, and that are not counted anew yet beyond an incident.

    `sort` and `key` say which: all of an `owner`, all that name a team in some spelling (`name`), or those of
    incidents that hit a `service`. While any is there, no sum or place of a team is taken for true.
    """

    __tablename__ = "team_changes"

    sort: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    after: Mapped[int] = mapped_column(Integer, default=0)


restrictions.hide(Tally, lambda ids: Tally.incident_id.in_(ids))
restrictions.hide(TallyTarget, lambda ids: TallyTarget.incident_id.in_(ids))
restrictions.hide(TallyPlace, lambda ids: TallyPlace.incident_id.in_(ids))
