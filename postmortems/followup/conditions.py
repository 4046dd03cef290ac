"""Conditions of action items: what each filter asks of a row, the same for lists, counts and reports."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Select, column, exists, func, literal_column, select, table, true

from postmortems import clock
from postmortems.accounts.teams import queries as teams
from postmortems.db import server_clock
from postmortems.followup import rules, sought
from postmortems.followup.filters import (
    ANY_TICKET,
    NO_PRIORITY,
    NO_SERVICE,
    NO_SEVERITY,
    NO_TICKET,
    Filters,
    stated,
    words,
)
from postmortems.incidents.items import item_teams
from postmortems.incidents.models import ActionItem, Affected, Incident
from postmortems.search import queries as search

# The gate works out and stores each item's protection. It lies to our right: known by name here.
PROTECTIONS_OF_ITEMS = table("standings", column("item_id"), column("protection"))
UNGUARDED = "unguarded"
# The issues of trackers that items are linked to, likewise.
TICKETS = table("tickets", column("item_id"), column("standing"))
# Said as the index says it that leaves out items without a priority; else SQLite does not know it again.
HAS_PRIORITY = ActionItem.priority != literal_column("''")


@cache
def protection() -> ColumnElement[str]:
    """An item's protection, as a column: put together once."""
    known = (
        select(PROTECTIONS_OF_ITEMS.c.protection)
        .where(PROTECTIONS_OF_ITEMS.c.item_id == ActionItem.id)
        .scalar_subquery()
    )
    return func.coalesce(known, UNGUARDED)


def conditions(filters: Filters, today: date | None = None) -> list[ColumnElement[bool]]:
    """What the filters ask of `ActionItem`. A figure and the list behind it use the same, so they agree."""
    today = today or clock.now().date()
    found = [*_chosen(filters), *lived(filters, today)]
    if filters.due_from:
        found.append(ActionItem.due >= filters.due_from)
    if filters.due_before:
        found.append(ActionItem.due < filters.due_before)
    if filters.service:
        found.append(_hit(filters.service))
    if filters.incident:
        slug = select(Incident.id).where(Incident.slug == filters.incident).scalar_subquery()
        found.append(ActionItem.incident_id == slug)
    if filters.severity:
        found.append(_of_severity(stated(filters.severity, NO_SEVERITY)))
    if filters.team:
        found.append(item_teams.belongs_to(filters.team))
    if filters.overdue:
        found += [ActionItem.status.in_(rules.OPEN), ActionItem.due < today]
    if filters.unowned:
        # By its key, which an index has: a name without a letter has the same.
        found += [ActionItem.status.in_(rules.OPEN), ActionItem.owner_key == "", ActionItem.owner == ""]
    if filters.unproven:
        found += [ActionItem.status == "done", ActionItem.guardability.in_(rules.ASKS_PROOF)]
        found.append(protection().not_in(rules.PROOF))
    if filters.ticket:
        found.append(_ticketed(filters.ticket))
    if filters.undated:
        found.append(ActionItem.due.is_(None))
    if filters.done:
        found += _done(filters.done)
    if filters.reopened:
        found += [ActionItem.status.in_(rules.OPEN), ActionItem.reopened_at.is_not(None)]
    return found + search.conditions(ActionItem.id, "item", sought.asked(filters))


def _chosen(filters: Filters) -> list[ColumnElement[bool]]:
    chosen: list[tuple[ColumnElement[str], str]] = [
        (ActionItem.status.expression, filters.status),
        (ActionItem.kind.expression, filters.kind),
        (protection(), filters.protection),
    ]
    found: list[ColumnElement[bool]] = [by.in_(words(several)) for by, several in chosen if several]
    if filters.priority:
        chosen_priorities = stated(filters.priority, NO_PRIORITY)
        found.append(ActionItem.priority.in_(chosen_priorities))
        found += [] if "" in chosen_priorities else [HAS_PRIORITY]
    if filters.owner:
        found.append(ActionItem.owner_key == teams.owner_key(filters.owner))
    return found


def lived(filters: Filters, today: date) -> list[ColumnElement[bool]]:
    """When items were opened and closed."""
    found: list[ColumnElement[bool]] = []
    if filters.age:
        # No day of a calendar lies so far back that somebody could ask for it.
        youngest = today - timedelta(days=min(filters.age, today.toordinal() - 2) - 1)
        found.append(ActionItem.opened_at < _midnight(youngest))
    if filters.opened_from:
        found.append(ActionItem.opened_at >= _midnight(filters.opened_from))
    if filters.opened_before:
        found.append(ActionItem.opened_at < _midnight(filters.opened_before))
    if filters.closed_from:
        found.append(ActionItem.closed_at >= _midnight(filters.closed_from))
    if filters.closed_before:
        found.append(ActionItem.closed_at < _midnight(filters.closed_before))
    return found


def _done(how: str) -> list[ColumnElement[bool]]:
    """`rules.how_done` of rows."""
    day = server_clock.day(ActionItem.closed_at.expression)
    is_so = day <= ActionItem.due if how == "in_time" else day > ActionItem.due
    return [ActionItem.status == "done", is_so]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _of_severity(severities: list[str]) -> ColumnElement[bool]:
    its = Incident.severity.in_(severities)
    worst = select(Incident.id).where(Incident.id == ActionItem.incident_id, its)
    return exists(worst.correlate(ActionItem))


def _ticketed(said: str) -> ColumnElement[bool]:
    its = select(TICKETS.c.item_id).where(TICKETS.c.item_id == ActionItem.id).correlate(ActionItem)
    if said == NO_TICKET:
        return ~exists(its)
    return exists(its if said == ANY_TICKET else its.where(TICKETS.c.standing.in_(words(said))))


def _hit(name: str) -> ColumnElement[bool]:
    return ~exists(_affected(name)) if name == NO_SERVICE else exists(_affected(name))


def hit_by_itself(name: str) -> ColumnElement[bool]:
    """The same as the filter `service`, asked of each item: no planner looks at all that a service had."""
    found = _affected(name).limit(1).scalar_subquery()
    return found.is_(None) if name == NO_SERVICE else found.is_not(None)


def _affected(name: str) -> Select[str]:
    # Only the items are the outer query's: a report may join the services there as well.
    hit = select(Affected.service).where(Affected.incident_id == ActionItem.incident_id).correlate(ActionItem)
    if name == NO_SERVICE:
        return hit
    service, _, target = name.partition("/")
    narrowed = Affected.target.in_([target, ""]) if target else true()
    return hit.where(Affected.service == service, narrowed)
