"""Reports of incidents that are not published yet, by severity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import func, select

from postmortems.db.session import session
from postmortems.incidents import queries
from postmortems.incidents.approvals import conditions
from postmortems.incidents.approvals import queries as approvals
from postmortems.incidents.models import Incident
from postmortems.incidents.queries import NO_SEVERITY
from postmortems.reports.catalog import incidents
from postmortems.reports.catalog.incidents import ALL_SEVERITIES
from postmortems.reports.catalog.report import Bars, Cell, Column, Figure, Report
from postmortems.reports.catalog.scope import Scope

TITLE = "Unwritten reports"
DEFINITION = (
    "Incidents whose report is neither published nor skipped, by severity. The days are those on which the "
    "incidents happened; without any, all count."
)
# By state: the label, and what is counted.
STATES = {
    "unwritten": ("Unwritten", "Nothing is written yet: no text, no timeline, no action item."),
    "overdue": (
        "Overdue reports",
        "The day by which a report of its severity is to be published has passed.",
    ),
    "draft": ("Drafts", "Never asked for a review, never published; the unwritten ones are among them."),
    "in_review": ("In review", "Somebody was asked to review it."),
    "reopened": ("Re-opened reports", "Published before, and a draft again."),
}
COLUMNS = (
    Column("severity", "Severity", is_number=False),
    *(Column(state, label) for state, (label, _) in STATES.items()),
)


def report(scope: Scope, now: datetime) -> Report:
    """How many reports are in which state, by severity."""
    base = incidents.filters_of(scope)
    found = _counted(base, now)
    rows = [(severity, found[severity]) for severity in ALL_SEVERITIES if any(found.get(severity, ()))]
    totals = {state: sum(counts[place] for _, counts in rows) for place, state in enumerate(STATES)}
    return Report(
        name="unwritten",
        title=TITLE,
        definition=DEFINITION,
        as_of=now,
        scope=scope,
        columns=COLUMNS,
        rows=tuple(_row(severity, counts, base) for severity, counts in rows),
        figures=tuple(
            Figure(state, label, totals[state], told, incidents.behind(replace(base, state=state)))
            for state, (label, told) in STATES.items()
        ),
        chart=Bars(
            "Reports that are not published, by severity",
            ", ".join(f"{totals[state]} {STATES[state][0].lower()}" for state in ("unwritten", "overdue")),
            ("unwritten", "overdue"),
            tuple((incidents.severity_words(severity), counts[:2]) for severity, counts in rows),
        ),
        notes=() if rows else ("Every report is published or skipped.",),
    )


def _counted(base: queries.Filters, now: datetime) -> dict[str, tuple[int, ...]]:
    """By severity, how many are in each of `STATES`, in one query over those that are not published."""
    rules, today = approvals.publish_rules(), now.astimezone(UTC).date()
    counts = [func.count().filter(conditions.in_state(state, rules, today)) for state in STATES]
    wanted = select(Incident.severity, *counts).where(Incident.status == "draft", *queries.conditions(base))
    rows = session().execute(wanted.group_by(Incident.severity))
    return {severity or NO_SEVERITY: tuple(found) for severity, *found in rows}


def _row(severity: str, counts: Iterable[int], base: queries.Filters) -> tuple[Cell, ...]:
    filters = replace(base, severity=severity)
    cells = (
        Cell(count, incidents.behind(replace(filters, state=state)))
        for state, count in zip(STATES, counts, strict=True)
    )
    return Cell(incidents.severity_words(severity)), *cells
