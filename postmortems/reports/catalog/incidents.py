"""The incidents that a report is about: which, of which days, and the lists behind its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, select

from postmortems.db.session import session
from postmortems.document.model import SEVERITIES
from postmortems.incidents import queries
from postmortems.incidents.models import Incident
from postmortems.incidents.queries import NO_SEVERITY, Filters
from postmortems.incidents.tallies import queries as tallies
from postmortems.reports.catalog import items
from postmortems.reports.catalog.scope import Scope

# So many are looked at one by one, the newest: a report costs no more, whatever is stored.
MOST = 3000
MONTHS = 12
# As filters and addresses have them; the last is for those that state none.
ALL_SEVERITIES = (*SEVERITIES, NO_SEVERITY)


@dataclass(frozen=True, slots=True)
class Told:
    """What reports look at of an incident."""

    id: int
    occurred_on: date
    severity: str
    timezone: str
    tags: Sequence[str]
    recurrence_of: str

    @property
    def month(self) -> str:
        return f"{self.occurred_on:%Y-%m}"


def filters_of(scope: Scope) -> Filters:
    """The incidents of this scope, of its days alone where it has some."""
    after = scope.end + timedelta(days=1) if scope.end else None
    return Filters(
        service=scope.service,
        severity=scope.severity,
        team=scope.team,
        occurred_from=scope.start,
        occurred_before=after,
    )


def lately(scope: Scope, now: datetime) -> Filters:
    """The same, from the first of the month eleven months before `to` or today where no `from` is set."""
    first = scope.start
    if first is None:
        first = (scope.end or now.astimezone(UTC).date()).replace(day=1)
        for _ in range(MONTHS - 1):
            first = (first - timedelta(days=1)).replace(day=1)
    return replace(filters_of(scope), occurred_from=first)


def newest(filters: Filters) -> tuple[list[Told], tuple[str, ...]]:
    """The newest incidents that the filters let through, and a note where there are more than `MOST`."""
    wanted = select(
        Incident.id,
        Incident.occurred_on,
        Incident.severity,
        Incident.timezone,
        Incident.tags,
        Incident.recurrence_of,
    ).where(*_those(filters))
    rows = session().execute(wanted.order_by(Incident.occurred_on.desc(), Incident.id.desc()).limit(MOST + 1))
    found = [Told(*row) for row in rows]
    if len(found) > MOST:
        since = found[MOST - 1].occurred_on
        return found[:MOST], (f"Only the newest {MOST:,} are looked at, back to {since}.",)
    return found, () if found else (_none_in(filters),)


def _none_in(filters: Filters) -> str:
    """What stands where a report has no incident: that, and when older ones were, lest it look broken."""
    none = "No incident of these days is like that"
    if filters.occurred_from is None:
        return f"{none}."
    earlier = replace(filters, occurred_from=None, occurred_before=filters.occurred_from)
    days = select(Incident.occurred_on).where(*_those(earlier, most=1))
    last = session().scalar(days.order_by(Incident.occurred_on.desc()).limit(1))
    return f"{none}; the last before them was on {last}." if last else f"{none}."


def _those(filters: Filters, most: int = MOST + 1) -> list[ColumnElement[bool]]:
    """The incidents that the filters let through; of a service or a team the newest alone, which are listed.

    Else a database may look at all that the service or team ever had.
    """
    place = listed_as(filters)
    if place is None:
        return queries.conditions(filters)
    listed = tallies.newest(
        *place,
        severity=filters.severity,
        first=filters.occurred_from,
        before=filters.occurred_before,
        most=most,
    )
    return [Incident.id.in_(listed)]


def listed_as(filters: Filters) -> tuple[str, int | None] | None:
    """The service or the team whose list is kept; None where none is of what the filters ask for."""
    team = items.known_team(filters.team) if filters.team and not filters.service else None
    is_listed = team is not None if filters.team else items.has_places(filters.service)
    return (filters.service, team) if is_listed else None


def behind(filters: Filters) -> str:
    """The address of the list of these incidents."""
    return f"/incidents?{filters.query()}"


def of_month(filters: Filters, month: str) -> Filters:
    """Those of a month, `2018-01`, that lie in the days of the filters."""
    first = date.fromisoformat(f"{month}-01")
    after = (first + timedelta(days=32)).replace(day=1)
    start, end = filters.occurred_from, filters.occurred_before
    return replace(
        filters,
        occurred_from=max(first, start) if start else first,
        occurred_before=min(after, end) if end else after,
    )


def severity_words(severity: str) -> str:
    """A severity as a report's rows say it."""
    return "none stated" if severity in {"", NO_SEVERITY} else severity
