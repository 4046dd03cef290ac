"""The report of process fixes worked out from its items, one by one: what the kept sums have to add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, distinct, exists, func, or_, select

from postmortems.db.session import session
from postmortems.followup import queries as followup
from postmortems.followup import rules
from postmortems.followup.filters import NO_SERVICE, Filters
from postmortems.gate.models import Drill, Scenario
from postmortems.incidents.models import ActionItem, Affected, Incident
from postmortems.reports import count_queries
from postmortems.reports.count_queries import LONGEST_TABLE, OPEN, Counted
from postmortems.reports.figures import NO_SCENARIO, NOT_STOPPED, Again, Group


def counted(
    base: Filters, single: Mapping[str, Filters], months: Mapping[str, tuple[Filters, Filters]], now: datetime
) -> Counted:
    today = now.date()
    ages = list(count_queries.age_filters(base, today).values())
    several = [
        ages,
        [replace(each, overdue=True) for each in ages],
        [replace(each, unowned=True) for each in ages],
    ]
    spans = [count_queries.counts(base, each, today) for each in several]
    figures = dict(zip(single, count_queries.counts(base, single.values(), today), strict=True))
    by_month = count_queries.counts_of_months(base, months, today)
    return Counted(
        single=figures,
        ages=list(zip(*spans, strict=True)),
        months=list(zip(by_month[::2], by_month[1::2], strict=True)),
        median_age_days=count_queries.median_age_days(base, now, figures["open"]),
        by_service=_by_service(base, now),
        by_owner=_by_owner(base, now),
    )


def again(service: str, today: date) -> tuple[int, tuple[Again, ...]]:
    """How many incidents could happen again, and the newest of them."""
    unproven = and_(*followup.conditions(Filters(unproven=True), today))
    is_open = and_(*followup.conditions(Filters(status=OPEN), today))
    fixes = (
        select(
            ActionItem.incident_id,
            func.count().filter(is_open).label("open"),
            func.count().filter(unproven).label("unproven"),
        )
        .where(*followup.conditions(Filters(kind="process", service=service), today), or_(is_open, unproven))
        .group_by(ActionItem.incident_id)
        .subquery()
    )
    newest = (
        select(Incident.slug, Incident.title, Incident.occurred_on, Incident.services)
        .add_columns(fixes.c.open, fixes.c.unproven, _has_bad_scenario().label("has_scenario"))
        .join(fixes, fixes.c.incident_id == Incident.id)
        .where(~_is_stopped())
        .order_by(Incident.occurred_on.desc(), Incident.id.desc())
    )
    rows = session().execute(newest).all()
    return len(rows), tuple(
        Again(
            *(row.slug, row.title, row.occurred_on, tuple(row.services), row.open, row.unproven),
            NOT_STOPPED if row.has_scenario else NO_SCENARIO,
        )
        for row in rows[:LONGEST_TABLE]
    )


def _by_owner(base: Filters, now: datetime) -> tuple[Group, ...]:
    """One owner in several spellings is one, called by the first of them."""
    by_key: dict[str, list[ActionItem]] = {}
    behind = replace(base, status=OPEN)
    for item in session().scalars(select(ActionItem).where(*followup.conditions(behind, now.date()))):
        by_key.setdefault(item.owner_key, []).append(item)
    groups = [_of_owner(items, behind, now) for items in by_key.values()]
    return tuple(sorted(groups, key=lambda group: (-group.open, group.name)))


def _of_owner(items: list[ActionItem], behind: Filters, now: datetime) -> Group:
    name = min(item.owner for item in items)
    late = sum(item.due is not None and item.due < now.date() for item in items)
    nobodys = sum(not item.owner for item in items)
    oldest = max(rules.age_days(item.opened_at, now) for item in items)
    filters = replace(behind, owner=name) if name else replace(behind, unowned=True)
    return Group(name, len(items), late, nobodys, oldest, filters.query())


def _by_service(base: Filters, now: datetime) -> tuple[Group, ...]:
    behind = replace(base, status=OPEN)
    name, item = func.coalesce(Affected.service, ""), distinct(ActionItem.id)
    rows = (
        select(
            name.label("name"),
            func.count(item).label("open"),
            func.count(item).filter(ActionItem.due < now.date()).label("overdue"),
            func.count(item).filter(ActionItem.owner == "").label("unowned"),
            func.min(ActionItem.opened_at).label("oldest"),
        )
        .select_from(ActionItem)
        .join(Affected, Affected.incident_id == ActionItem.incident_id, isouter=True)
        .where(*followup.conditions(behind, now.date()))
        .group_by(name)
        .order_by(func.count(item).desc(), name)
    )
    wanted = base.service.partition("/")[0]
    return tuple(
        _group(row, base.service or row.name or NO_SERVICE, behind, now)
        for row in session().execute(rows)
        # The others that its incidents hit as well are not what the report of one service is about.
        if not wanted or (row.name or NO_SERVICE) == wanted
    )


def _group(row: Any, service: str, behind: Filters, now: datetime) -> Group:
    oldest = rules.age_days(row.oldest, now)
    return Group(
        row.name, row.open, row.overdue, row.unowned, oldest, replace(behind, service=service).query()
    )


def _has_bad_scenario() -> ColumnElement[bool]:
    bad = select(Scenario.id).where(Scenario.incident_id == Incident.id, Scenario.kind == "bad")
    return exists(bad)


def _is_stopped() -> ColumnElement[bool]:
    """That the incident has bad scenarios, and the newest drill of each ended in block."""
    drills = select(Drill.decision).where(Drill.scenario_id == Scenario.id).order_by(Drill.id.desc())
    newest = func.coalesce(drills.limit(1).scalar_subquery(), "")
    let_through = select(Scenario.id).where(
        Scenario.incident_id == Incident.id, Scenario.kind == "bad", newest != "block"
    )
    return and_(_has_bad_scenario(), ~exists(let_through))
