"""Closure within policy: process fixes that were done by their due date, by severity and team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from postmortems.accounts.teams.models import Team
from postmortems.db.session import session
from postmortems.followup import queries as followup
from postmortems.followup.filters import NO_SEVERITY, Filters
from postmortems.incidents.items import item_teams
from postmortems.incidents.models import ActionItem, Incident
from postmortems.reports.catalog import incidents
from postmortems.reports.catalog.incidents import ALL_SEVERITIES, severity_words
from postmortems.reports.catalog.items import behind, filters_of
from postmortems.reports.catalog.report import Bars, Cell, Column, Figure, Report
from postmortems.reports.catalog.scope import Scope

TITLE = "Closed within policy"
DEFINITION = (
    "Process fixes that were done in these days, and whether that was by the due date that they had then, "
    "which policies or people set; by severity of their incident, and by the team that answers for them. "
    "Without a first day it is the last twelve months."
)
# So many fixes are looked at one by one, those that were done last.
MOST = 5000
MOST_TEAMS = 20
COLUMNS = (
    Column("of", "Of", is_number=False),
    Column("done", "Done"),
    Column("in_time", "In time"),
    Column("late", "Late"),
    Column("undated", "Without a due date"),
)


@dataclass(frozen=True, slots=True)
class Done:
    """A fix that was done: the severity of its incident, its team, and how it stands to its due date."""

    severity: str
    team: int | None
    how: str


def report(scope: Scope, now: datetime) -> Report:
    """Of all, of each severity and of each team: how many were done in time."""
    base = _filters(scope, now)
    found, notes = _done(base, now)
    counts = Counter(one.how for one in found)
    dated = counts["in_time"] + counts["late"]
    share = round(100 * counts["in_time"] / dated, 1) if dated else None
    severities = [name for name in ALL_SEVERITIES if any(one.severity == name for one in found)]
    rows = behind(base)
    return Report(
        name="policy",
        title=TITLE,
        definition=DEFINITION,
        as_of=now,
        scope=scope,
        columns=COLUMNS,
        rows=tuple(_rows(found, severities, base)),
        figures=(
            Figure("done", "Done", len(found), "Process fixes that were done in these days.", rows),
            Figure("in_time", "Of 100 in time", share, "Of those with a due date, in per cent.", rows),
        ),
        chart=Bars(
            "Process fixes done, by severity",
            f"{counts['in_time']} in time, {counts['late']} late",
            ("in time", "late", "without a due date"),
            tuple(
                (severity_words(name), _counts(one for one in found if one.severity == name)[1:])
                for name in severities
            ),
        ),
        notes=notes,
    )


def how(due: date | None, closed_at: datetime) -> str:
    """In time where it was done on its due date (UTC) or before, late after it."""
    if due is None:
        return "undated"
    return "in_time" if closed_at.astimezone(UTC).date() <= due else "late"


def _filters(scope: Scope, now: datetime) -> Filters:
    days = incidents.lately(scope, now)
    after = scope.end + timedelta(days=1) if scope.end else None
    return replace(filters_of(scope), status="done", closed_from=days.occurred_from, closed_before=after)


def _done(base: Filters, now: datetime) -> tuple[list[Done], tuple[str, ...]]:
    wanted = (
        select(Incident.severity, item_teams.team_id(), ActionItem.due, ActionItem.closed_at)
        .select_from(ActionItem)
        .join(Incident, Incident.id == ActionItem.incident_id)
        .where(*followup.conditions(base, now.astimezone(UTC).date()))
        .order_by(ActionItem.closed_at.desc())
        .limit(MOST + 1)
    )
    rows = session().execute(wanted).all()
    found = [
        Done(severity or NO_SEVERITY, team, how(due, closed_at))
        for severity, team, due, closed_at in rows[:MOST]
        if closed_at is not None
    ]
    if len(rows) > MOST:
        return found, (f"Only the {MOST:,} that were done last are looked at.",)
    return found, () if found else ("No process fix was done in these days.",)


def _rows(found: list[Done], severities: list[str], base: Filters) -> Iterable[tuple[Cell, ...]]:
    if found:
        yield _row("all", found, base)
    for name in severities:
        those = [one for one in found if one.severity == name]
        yield _row(severity_words(name), those, replace(base, severity=name))
    counts = Counter(one.team for one in found if one.team is not None)
    known = {
        row.id: row
        for row in session().execute(select(Team.id, Team.name, Team.slug).where(Team.id.in_(counts)))
    }
    for id, _ in sorted(counts.items(), key=lambda row: (-row[1], known[row[0]].name))[:MOST_TEAMS]:
        those = [one for one in found if one.team == id]
        yield _row(f"team {known[id].name}", those, replace(base, team=known[id].slug))


def _row(label: str, those: list[Done], filters: Filters | None = None) -> tuple[Cell, ...]:
    count, in_time, late, undated = _counts(those)
    if filters is None:
        return Cell(label), Cell(count), Cell(in_time), Cell(late), Cell(undated)
    without = replace(filters, undated=True)
    return (
        Cell(label),
        Cell(count, behind(filters)),
        Cell(in_time),
        Cell(late),
        Cell(undated, behind(without)),
    )


def _counts(those: Iterable[Done]) -> tuple[int, ...]:
    counts = Counter(one.how for one in those)
    return counts.total(), counts["in_time"], counts["late"], counts["undated"]
