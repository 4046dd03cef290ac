"""Figures of the report of open process fixes, and the list behind each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from postmortems.reports import definitions

NO_SCENARIO = "no bad scenario is recorded, so nothing shows that it would be stopped"
NOT_STOPPED = "today's guards do not stop the replay of its deploy"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it counts, and the query of the action-items list that shows the rows behind it."""

    name: str
    value: float | None
    query: str = ""

    @property
    def label(self) -> str:
        return definitions.label(self.name)

    @property
    def definition(self) -> str:
        return definitions.definition(self.name)


@dataclass(frozen=True, slots=True)
class Group:
    """Open process fixes of one service, owner or age. `name` is "" where none is named."""

    name: str
    open: int
    overdue: int
    unowned: int
    oldest_days: int | None
    query: str


@dataclass(frozen=True, slots=True)
class Month:
    """What was opened and what was closed in a month (`2018-01`), with the queries of both lists."""

    month: str
    opened: int
    closed: int
    opened_query: str
    closed_query: str

    @property
    def busy(self) -> bool:
        """That anything was opened or closed."""
        return bool(self.opened or self.closed)


@dataclass(frozen=True, slots=True)
class Again:
    """An incident that could happen again, and why that must be assumed."""

    slug: str
    title: str
    occurred_on: date
    services: tuple[str, ...]
    open: int
    unproven: int
    why: str


@dataclass(frozen=True, slots=True)
class ProcessFixes:
    """The whole report, as of an instant. `figures` by name in the order of `definitions.FIGURES`."""

    as_of: datetime
    # The one service or target that was asked for; "" for all.
    service: str
    figures: dict[str, Figure]
    by_service: tuple[Group, ...]
    by_owner: tuple[Group, ...]
    by_age: tuple[Group, ...]
    months: tuple[Month, ...]
    again: tuple[Again, ...]

    def undated(self) -> ProcessFixes:
        """The same without its moment: equal to another that says the same at another time."""
        return replace(self, as_of=datetime.fromtimestamp(0, UTC))
