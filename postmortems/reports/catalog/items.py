"""The items that a report is about, as filters of the list of action items: a number and its rows agree."""

from __future__ import annotations

from postmortems.followup.filters import Filters
from postmortems.reports.catalog.scope import Scope


def filters_of(scope: Scope) -> Filters:
    """The process fixes of this scope, whenever they were opened."""
    return Filters(kind="process", service=scope.service, team=scope.team, severity=scope.severity)


def behind(filters: Filters) -> str:
    """The address of the list of these items."""
    return f"/action-items?{filters.query()}"
