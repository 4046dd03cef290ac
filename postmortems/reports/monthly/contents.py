"""Contents of a month's report: reports of the catalog, and those of their figures that stand above all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from postmortems.reports.catalog import shelf
from postmortems.reports.catalog.report import Figure, Report
from postmortems.reports.catalog.scope import Scope
from postmortems.reports.monthly.month import Month

# Each report, and whether it is of the month; the others say how things stood when it was put together.
PARTS = {
    "flow": True,
    "ageing": False,
    "policy": True,
    "recurrence": True,
    "response-times": True,
    "unwritten": False,
    "funnel": False,
    "guards": True,
    "change-failures": True,
}
HEADLINE = (
    ("flow", "opened"),
    ("flow", "closed"),
    ("ageing", "open"),
    ("ageing", "overdue"),
    ("ageing", "unowned"),
    ("policy", "in_time"),
    ("recurrence", "incidents"),
    ("recurrence", "repeats"),
    ("response-times", "resolved"),
    ("unwritten", "unwritten"),
    ("funnel", "held"),
    ("guards", "blocks"),
    ("change-failures", "guarded_rate"),
    ("change-failures", "unguarded_rate"),
)


@dataclass(frozen=True, slots=True)
class Monthly:
    """A month's report as of an instant. `is_kept`: it was put together once, and stays as it was."""

    month: Month
    as_of: datetime
    scope: Scope
    parts: tuple[Report, ...]
    is_kept: bool = False

    @property
    def title(self) -> str:
        return f"Report of {self.month.words}"

    @property
    def headline(self) -> tuple[Figure, ...]:
        """The figures that stand above all; one that there was not yet when it was kept is missing."""
        found = {(part.name, figure.name): figure for part in self.parts for figure in part.figures}
        return tuple(found[key] for key in HEADLINE if key in found)

    def undated(self) -> Monthly:
        """The same without its moment: equal to another that says the same at another time."""
        parts = tuple(part.undated() for part in self.parts)
        return replace(self, as_of=datetime.fromtimestamp(0, UTC), parts=parts)


def compiled(month: Month, scope: Scope, now: datetime) -> Monthly:
    """The report as of now, of the service, team and severity of the scope."""
    of_month = replace(scope, start=month.first, end=month.last)
    of_now = replace(scope, start=None, end=None)
    parts = (shelf.report(name, of_month if is_of_it else of_now, now) for name, is_of_it in PARTS.items())
    return Monthly(month, now, of_now, tuple(parts))


def notes(monthly: Monthly) -> Iterable[str]:
    """What the reader has to know of how it was put together."""
    when = f"{monthly.as_of.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if monthly.is_kept:
        yield f"Kept as of {when}, without restricted incidents. It stays as it was; the lists are of today."
        yield "It has figures alone: an incident that is restricted since is still counted, and not named."
    elif monthly.month.is_over(monthly.as_of.astimezone(UTC).date()):
        yield f"This month was not kept in this form: its report is put together as of {when}."
    else:
        yield f"The month is not over: this is as of {when}."
    yield "Where a part names days, it is of these; the others say how things stood at that moment."
