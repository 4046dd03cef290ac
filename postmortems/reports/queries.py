"""Queries of open process fixes, fixed in number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from postmortems.db.session import session
from postmortems.followup import queries as followup
from postmortems.followup.filters import Filters
from postmortems.followup.queries import Listed
from postmortems.gate.models import Drill, Scenario
from postmortems.incidents import page_keys
from postmortems.incidents.models import ActionItem, Incident
from postmortems.reports import count_queries, definitions, kept_counts
from postmortems.reports.count_queries import LONGEST_LIST, LONGEST_TABLE, OPEN
from postmortems.reports.figures import (
    NO_SCENARIO,
    NOT_STOPPED,
    Again,
    Figure,
    Group,
    Month,
    ProcessFixes,
)

MONTHS = 12


def process_fixes(now: datetime, service: str = "") -> ProcessFixes:
    """The report for all services, or for one (`data8`), one target (`data8/prod`), or none named (`-`)."""
    today = now.astimezone(UTC).date()
    base = Filters(kind="process", service=service)
    single = _single(base)
    ages = count_queries.age_filters(base, today)
    months = count_queries.month_filters(base, today, MONTHS)
    if service:
        counted = count_queries.counted(base, single, months, now)
        total, again = _again(service, today)
    else:
        counted = kept_counts.counted(base, months, now)
        total, again = counted.single["again"], kept_counts.again()
    figures = {name: Figure(name, counted.single[name], filters.query()) for name, filters in single.items()}
    figures["median_age_days"] = Figure("median_age_days", counted.median_age_days, single["open"].query())
    figures["again"] = Figure("again", total)
    return ProcessFixes(
        as_of=now,
        service=service,
        figures={name: figures[name] for name in definitions.FIGURES},
        by_service=counted.by_service,
        by_owner=counted.by_owner,
        by_age=tuple(
            Group(label, count, late, nobodys, None, filters.query())
            for (label, filters), (count, late, nobodys) in zip(ages.items(), counted.ages, strict=True)
        ),
        months=tuple(
            Month(name, opened, closed, pair[0].query(), pair[1].query())
            for (name, pair), (opened, closed) in zip(months.items(), counted.months, strict=True)
        ),
        again=again,
    )


def open_fixes(service: str = "", limit: int | None = None) -> Iterator[Listed]:
    """The open process fixes by due date, all or the first ones."""
    return followup.everything(Filters(kind="process", status=OPEN, service=service), limit)


def page_of_fixes(service: str = "", after: str = "", limit: int = 50) -> page_keys.Page[Listed]:
    """A page of the open process fixes: overdue ones first, then by due date, those without one last."""
    behind = Filters(kind="process", status=OPEN, service=service)
    return followup.listing(behind, after, limit, most=LONGEST_LIST)


def _single(base: Filters) -> dict[str, Filters]:
    """The filters behind each figure that is a plain count."""
    return {
        "open": replace(base, status=OPEN),
        "overdue": replace(base, overdue=True),
        "unowned": replace(base, unowned=True),
        "undated": replace(base, status=OPEN, undated=True),
        "reopened": replace(base, reopened=True),
        "unproven": replace(base, unproven=True),
        "proposed": replace(base, status="proposed"),
    }


def _again(service: str, today: date) -> tuple[int, tuple[Again, ...]]:
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
        .add_columns(func.count().over().label("total"))
        .join(fixes, fixes.c.incident_id == Incident.id)
        .where(~_is_stopped())
        .order_by(Incident.occurred_on.desc(), Incident.id.desc())
        .limit(LONGEST_TABLE)
    )
    rows = session().execute(newest).all()
    return rows[0].total if rows else 0, tuple(
        Again(
            slug=row.slug,
            title=row.title,
            occurred_on=row.occurred_on,
            services=tuple(row.services),
            open=row.open,
            unproven=row.unproven,
            why=NOT_STOPPED if row.has_scenario else NO_SCENARIO,
        )
        for row in rows
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
