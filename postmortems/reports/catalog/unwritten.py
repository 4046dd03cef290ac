"""Reports of incidents that are not published yet, by severity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from postmortems.db.session import session
from postmortems.incidents import queries
from postmortems.incidents.approvals import conditions
from postmortems.incidents.approvals import queries as approvals
from postmortems.incidents.models import Incident
from postmortems.incidents.queries import NO_SEVERITY
from postmortems.incidents.tallies import queries as tallies
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
# The sums by the day of the incident, of all states but what is overdue.
DATED = ("report_awaited", *(f"report_{state}" for state in STATES if state != "overdue"))
COLUMNS = (
    Column("severity", "Severity", is_number=False),
    *(Column(state, label) for state, (label, _) in STATES.items()),
)

# By severity, how many are in each of `STATES`; and what the reader should know besides.
Found = tuple[dict[str, tuple[int, ...]], tuple[str, ...]]


def report(scope: Scope, now: datetime) -> Report:
    """How many reports are in which state, by severity."""
    base = incidents.filters_of(scope)
    place = incidents.listed_as(base) if scope.is_of_some else None
    if place is not None:
        found, notes = _from_lists(base, place, now)
    elif scope.is_of_some:
        found, notes = _from_incidents(base, now)
    else:
        found, notes = _from_sums(base, now), ()
    asked = (base.severity,) if base.severity else ALL_SEVERITIES
    rows = [(severity, found[severity]) for severity in asked if any(found.get(severity, ()))]
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
        notes=notes if rows else ("Every report is published or skipped.",),
    )


def _from_sums(base: queries.Filters, now: datetime) -> dict[str, tuple[int, ...]]:
    """By severity, how many are in each of `STATES`, from the sums that are kept: no incident is read."""
    today = now.astimezone(UTC).date()
    late = {severity: day.isoformat() for severity, day in _late(today).items()}
    first = base.occurred_from.isoformat() if base.occurred_from else ""
    before = base.occurred_before.isoformat() if base.occurred_before else ""
    # What waits for its day is soon looked through: all the rest that is awaited is late.
    since = max(first, min(late.values(), default=today.isoformat()))
    if first or before:
        kept = tallies.by_part("report_awaited", since={"report_awaited": since})
        dated = tallies.between(*DATED, first=first, before=before)
        counts = {(name, what.removeprefix("report_")): count for (what, name), count in dated.items()}
    else:
        kept = tallies.by_part("report", "report_awaited", since={"report_awaited": since})
        counts = {(name, state): count for (what, name, state), count in kept.items() if what == "report"}
    early: Counter[str] = Counter()
    for (what, severity, day), count in kept.items():
        is_asked = what == "report_awaited" and (day < before or not before)
        if is_asked and severity in late and day >= late[severity]:
            early[severity] += count
    found = {}
    for severity in {name for name, _ in counts}:
        awaited = counts.get((severity, "awaited"), 0)
        overdue = awaited - early[severity] if severity in late else 0
        states = (overdue if state == "overdue" else counts.get((severity, state), 0) for state in STATES)
        found[severity or NO_SEVERITY] = tuple(states)
    return found


def _late(today: date) -> dict[str, date]:
    """By severity with a rule, the day before which incidents happened whose report is overdue."""
    return {
        severity: today - timedelta(days=rule.due_days)
        for severity, rule in approvals.publish_rules().items()
        if rule.due_days is not None and rule.due_days < (today - date.min).days
    }


def _from_lists(base: queries.Filters, place: tuple[str, int | None], now: datetime) -> Found:
    """The same of a service or a team, from the list of its newest reports that are awaited."""
    rows = tallies.awaited(
        *place,
        _late(now.astimezone(UTC).date()),
        severity=base.severity,
        first=base.occurred_from,
        before=base.occurred_before,
        most=incidents.MOST + 1,
    )
    counts: dict[str, Counter[str]] = {}
    for severity, state, count, late in rows:
        of = counts.setdefault(severity or NO_SEVERITY, Counter())
        of.update(dict.fromkeys(state.split("/"), count))
        of["overdue"] += late
    found = {severity: tuple(of[state] for state in STATES) for severity, of in counts.items()}
    return found, _cut(sum(row[2] for row in rows))


def _from_incidents(base: queries.Filters, now: datetime) -> Found:
    """The same from the newest incidents that are like that, and a note where there are more."""
    rules, today = approvals.publish_rules(), now.astimezone(UTC).date()
    newest = (
        select(Incident.id)
        .where(Incident.status == "draft", *queries.conditions(base))
        .order_by(Incident.occurred_on.desc(), Incident.id.desc())
        .limit(incidents.MOST + 1)
        .subquery()
    )
    counts = [func.count().filter(conditions.in_state(state, rules, today)) for state in STATES]
    wanted = select(Incident.severity, func.count(), *counts).join(newest, newest.c.id == Incident.id)
    rows = session().execute(wanted.group_by(Incident.severity)).all()
    by_severity = {severity or NO_SEVERITY: tuple(found) for severity, _, *found in rows}
    return by_severity, _cut(sum(row[1] for row in rows))


def _cut(count: int) -> tuple[str, ...]:
    told = f"Only the newest {incidents.MOST:,} incidents without a published report are looked at."
    return (told,) if count > incidents.MOST else ()


def _row(severity: str, counts: Iterable[int], base: queries.Filters) -> tuple[Cell, ...]:
    filters = replace(base, severity=severity)
    cells = (
        Cell(count, incidents.behind(replace(filters, state=state)))
        for state, count in zip(STATES, counts, strict=True)
    )
    return Cell(incidents.severity_words(severity)), *cells
