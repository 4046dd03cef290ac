"""Notices in every flush what tallies are worked out from, so that no operation can forget to restate them.

What is written by statements about columns is not seen here; it calls `operations.touch`. Of the parts that a
save writes so, `stored_parts` tells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from postmortems.db import session as db
from postmortems.gate.models import Drill, Scenario
from postmortems.gate.protection import operations as protection
from postmortems.gate.tallies import operations
from postmortems.gate.tallies import team_changes as team_changes
from postmortems.guards.models import Guard, Service
from postmortems.incidents.approvals.models import ReviewRequest, SkippedReport
from postmortems.incidents.models import ActionItem, Admitted, Affected, Incident
from postmortems.incidents.parts import front_row, stored_parts

# The lists of services and people among it: what is taken out of `Affected` and `Admitted` with the last of a
# list is an orphan, which no flush tells of.
OF_INCIDENT = ("occurred_on", "status", "severity", "published_at", "services", "restricted")
# By what is written: what is touched, the column that names it, and which changes matter; () are all.
WATCHED: dict[type[db.Base], tuple[str, str, tuple[str, ...]]] = {
    Incident: ("incidents", "id", OF_INCIDENT),
    ReviewRequest: ("incidents", "incident_id", ()),
    SkippedReport: ("incidents", "incident_id", ()),
    Affected: ("incidents", "incident_id", ()),
    Admitted: ("incidents", "incident_id", ()),
    ActionItem: ("incidents", "incident_id", ()),
    Scenario: ("incidents", "incident_id", ()),
    Drill: ("scenarios", "scenario_id", ()),
    # The gate notes on a guard how often it turns; that is no edit.
    Guard: ("guards", "slug", ("edited_at", "level", "is_enabled")),
    Service: ("services", "name", ()),
}


def _turned(items: Collection[int]) -> None:
    operations.touch("items", items)


def _written(incident: int) -> None:
    operations.touch("incidents", [incident])


protection.when_turned.append(_turned)
front_row.when_written.append(_written)


@event.listens_for(Session, "after_flush")
def _flushed(current: Session, _context: UOWTransaction) -> None:
    if not db.is_open() or current is not db.session():
        return
    for row in (*current.new, *current.deleted, *_edited(current)):
        if type(row) in WATCHED:
            sort, column, _ = WATCHED[type(row)]
            operations.touch(sort, [getattr(row, column)])


def _edited(current: Session) -> Iterator[Any]:
    for row in current.dirty:
        _, _, attributes = WATCHED.get(type(row), ("", "", ()))
        # The history of each attribute is there until the flush is over.
        known = inspect(row).attrs
        is_changed = not attributes or any(known[name].history.has_changes() for name in attributes)
        if is_changed or (isinstance(row, Incident) and stored_parts.has_written_counted(row)):
            yield row


@event.listens_for(Session, "do_orm_execute")
def _at_once(state: ORMExecuteState) -> None:
    """Many rows changed or deleted by one statement: those that it is about, before it is executed."""
    if not (state.is_update or state.is_delete) or state.bind_mapper is None:
        return
    watched = WATCHED.get(state.bind_mapper.class_)
    if watched is None or not db.is_open() or state.session is not db.session():
        return
    sort, name, _ = watched
    column = getattr(state.bind_mapper.class_, name)
    about: Any = state.statement
    found = select(column).select_from(state.bind_mapper.class_)
    if about.whereclause is not None:
        found = found.where(about.whereclause)
    operations.touch(sort, [row[0] for row in db.rows(found)])
