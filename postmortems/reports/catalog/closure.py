"""Closure within policy: process fixes that were done by their due date, by severity and team.

From the sums that are kept; where none is kept of what is asked for, of the items that were done last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from postmortems.accounts.teams.models import Team
from postmortems.db.session import session
from postmortems.followup import queries as followup
from postmortems.followup import rules
from postmortems.followup.filters import NO_SEVERITY, Filters
from postmortems.incidents.items import item_teams
from postmortems.incidents.models import ActionItem, Incident
from postmortems.incidents.tallies import queries as tallies
from postmortems.incidents.tallies import slices
from postmortems.incidents.tallies.slices import Slice
from postmortems.reports.catalog import incidents, items
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
HOW = (*rules.DONE, "undated")
COLUMNS = (
    Column("of", "Of", is_number=False),
    Column("done", "Done"),
    Column("in_time", "In time"),
    Column("late", "Late"),
    Column("undated", "Without a due date"),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many were done how, as `rules.how_done` says it: of all, by severity, and by the id of the team."""

    all_of: Counter[str]
    by_severity: dict[str, Counter[str]]
    by_team: dict[int, Counter[str]]


def report(scope: Scope, now: datetime) -> Report:
    """Of all, of each severity and of each team: how many were done in time."""
    base = _filters(scope, now)
    of = items.of_fixes(scope)
    has_sums = of is not None and not tallies.awaits_teams()
    counted, notes = (_from_sums(of, base), ()) if of and has_sums else _from_items(base, now)
    counts = counted.all_of
    dated = counts["in_time"] + counts["late"]
    share = round(100 * counts["in_time"] / dated, 1) if dated else None
    severities = [name for name in ALL_SEVERITIES if counted.by_severity.get(name)]
    rows = behind(base)
    return Report(
        name="policy",
        title=TITLE,
        definition=DEFINITION,
        as_of=now,
        scope=scope,
        columns=COLUMNS,
        rows=tuple(_rows(counted, severities, base)),
        figures=(
            Figure("done", "Done", counts.total(), "Process fixes that were done in these days.", rows),
            Figure("in_time", "In time, per cent", share, "Of those that had a due date.", rows),
        ),
        chart=Bars(
            "Process fixes done, by severity",
            f"{counts['in_time']} in time, {counts['late']} late",
            ("in time", "late", "without a due date"),
            tuple(
                (severity_words(name), tuple(counted.by_severity[name][how] for how in HOW))
                for name in severities
            ),
        ),
        notes=notes if counts else ("No process fix was done in these days.",),
    )


def _filters(scope: Scope, now: datetime) -> Filters:
    days = incidents.lately(scope, now)
    after = scope.end + timedelta(days=1) if scope.end else None
    return replace(filters_of(scope), status="done", closed_from=days.occurred_from, closed_before=after)


def _from_sums(of: Slice, base: Filters) -> Counted:
    """Of whole months by month, of the days before and after them by day."""
    whats = {severity: severity for severity in ((of.severity,) if of.severity else ("", *ALL_SEVERITIES))}
    found = Counted(Counter(), {}, {})
    for what, letters, first, before in _spans(base.closed_from, base.closed_before):
        named = {_named(what, replace(of, severity=severity)): severity for severity in whats}
        sums = tallies.by_tail(named, of.names, letters, first=first, before=before)
        for (name, tail), count in sums.items():
            _add(found, named[name], tail, count, is_all=named[name] == of.severity)
    return found


def _named(what: str, of: Slice) -> str:
    return what if of.is_all else of.named(what)


def _add(found: Counted, severity: str, tail: str, count: int, *, is_all: bool) -> None:
    how, _, team = tail.partition("/")
    if severity:
        found.by_severity.setdefault(severity, Counter())[how] += count
    if is_all:
        found.all_of[how] += count
        if team:
            found.by_team.setdefault(int(team), Counter())[how] += count


def _spans(start: date | None, end: date | None) -> Iterator[tuple[str, int, str, str]]:
    """The sums to look into, the letters of their days or months, and from where to where: "" is no end."""
    first, last = start or date.min, end
    begun = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    ended = last.replace(day=1) if last else None
    if last and (ended is None or ended <= begun):
        # Not one whole month.
        yield "done_on", slices.DAY, first.isoformat(), last.isoformat()
        return
    if first < begun:
        yield "done_on", slices.DAY, first.isoformat(), begun.isoformat()
    month = slices.MONTH
    yield "done_in", month, begun.isoformat()[:month], ended.isoformat()[:month] if ended else ""
    if last and ended and ended < last:
        yield "done_on", slices.DAY, ended.isoformat(), last.isoformat()


def _from_items(base: Filters, now: datetime) -> tuple[Counted, tuple[str, ...]]:
    wanted = (
        select(Incident.severity, item_teams.team_id(), ActionItem.due, ActionItem.closed_at)
        .select_from(ActionItem)
        .join(Incident, Incident.id == ActionItem.incident_id)
        .where(*followup.conditions(base, now.astimezone(UTC).date()))
        .order_by(ActionItem.closed_at.desc())
        .limit(MOST + 1)
    )
    rows = session().execute(wanted).all()
    found = Counted(Counter(), {}, {})
    for severity, team, due, closed_at in rows[:MOST]:
        if closed_at is not None:
            tail = f"{rules.how_done(due, closed_at)}/{'' if team is None else team}"
            _add(found, severity or NO_SEVERITY, tail, 1, is_all=True)
    is_cut = len(rows) > MOST
    return found, (f"Only the {MOST:,} that were done last are looked at.",) if is_cut else ()


def _rows(counted: Counted, severities: list[str], base: Filters) -> Iterable[tuple[Cell, ...]]:
    if counted.all_of:
        yield _row("all", counted.all_of, base)
    for name in severities:
        yield _row(severity_words(name), counted.by_severity[name], replace(base, severity=name))
    by_team = counted.by_team
    teams = session().execute(select(Team.id, Team.name, Team.slug).where(Team.id.in_(list(by_team)))).all()
    most_first = sorted(teams, key=lambda row: (-by_team[row.id].total(), row.name))
    for id, name, slug in most_first[:MOST_TEAMS]:
        yield _row(f"team {name}", by_team[id], replace(base, team=slug))


def _row(label: str, counts: Counter[str], filters: Filters) -> tuple[Cell, ...]:
    return (
        Cell(label),
        Cell(counts.total(), behind(filters)),
        *(Cell(counts[how], behind(replace(filters, done=how))) for how in rules.DONE),
        Cell(counts["undated"], behind(replace(filters, undated=True))),
    )
