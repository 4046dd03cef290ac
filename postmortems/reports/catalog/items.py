"""The items that a report is about, as filters of the list of action items: a number and its rows agree."""

from __future__ import annotations

from postmortems.accounts.teams import queries as teams
from postmortems.followup.filters import Filters
from postmortems.incidents.tallies import queries as tallies
from postmortems.incidents.tallies.slices import NONE_STATED, Slice
from postmortems.reports.catalog.scope import Scope


def filters_of(scope: Scope) -> Filters:
    """The process fixes of this scope, whenever they were opened."""
    return Filters(kind="process", service=scope.service, team=scope.team, severity=scope.severity)


def behind(filters: Filters) -> str:
    """The address of the list of these items."""
    return f"/action-items?{filters.query()}"


def of_fixes(scope: Scope) -> Slice | None:
    """The slice of process fixes; None where none is kept of them: the items have to be counted."""
    if not scope.team:
        return Slice(scope.severity, scope.service)
    team = known_team(scope.team)
    return None if team is None else Slice(scope.severity, scope.service, team)


def known_team(name: str) -> int | None:
    """The id of a team, by any of its names; None while items wait to be counted for another team."""
    meant = teams.meant([name]).get(name)
    if meant is None or meant.kind != "team" or tallies.awaits_teams():
        return None
    return meant.id


def has_places(service: str) -> bool:
    """Whether incidents of this service are listed: `-` is no service to these lists."""
    return bool(service) and service.partition("/")[0] != NONE_STATED
