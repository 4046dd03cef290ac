"""Counts of a service's action items, from the sums that are kept: no item is read, however many there are.

What is read here leaves the service and is kept elsewhere, so it is what everybody may know: the items of a
restricted incident count for nobody. A service is told of by its name when it is registered or an incident
that is not restricted names it; one that only restricted incidents name is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from postmortems import visibility
from postmortems.guards.services import known_services
from postmortems.incidents.tallies import queries as tallies
from postmortems.incidents.tallies.queries import NONE

# The most services that are told of one by one, those with the most open items first: each is a series in
# whoever reads the metrics.
MOST = 1000
WHATS = ("open", "due", "unproven")

Totals = dict[tuple[str, str], tallies.Total]


@dataclass(frozen=True, slots=True)
class Counts:
    """Action items that are open, of these overdue, and done but not proven: see `followup/rules.py`."""

    open: int = 0
    overdue: int = 0
    unproven: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """`every` counts each item once; `by_service`, by name, under each service that its incident hit.

    "" stands for items of incidents that name no service. `left_out` services have no counts here.
    """

    every: Counts
    by_service: dict[str, Counts]
    left_out: int


def of_service(name: str, now: datetime) -> Counts:
    """The counts of one service by its name."""
    with visibility.seen_by(visibility.NOBODY):
        return _counts(_totals(("items",), now, name), "items", name)


def overview(now: datetime) -> Overview:
    """The counts of all services, those without an item too, in a fixed number of queries."""
    with visibility.seen_by(visibility.NOBODY):
        sums = _totals(("items", "all"), now)
        known = [name for name, _ in known_services.choices(MOST + 1)]
    found = {name: _counts(sums, "items", name) for name in {*known, *(name for _, name in sums)}}
    if found.get("") == Counts():
        del found[""]
    ordered = sorted(found.items(), key=_most_first)
    shown = dict(sorted(ordered[:MOST]))
    return Overview(_counts(sums, "all", ""), shown, len(found) - len(shown))


def _most_first(each: tuple[str, Counts]) -> tuple[int, int, int, str]:
    name, found = each
    return -found.open, -found.overdue, -found.unproven, name


def _totals(sorts: tuple[str, ...], now: datetime, name: str | None = None) -> Totals:
    whats = (f"{sort}_{what}" for sort in sorts for what in WHATS)
    return tallies.totals(*whats, today=now.astimezone(UTC).date(), name=name)


def _counts(sums: Totals, sort: str, name: str) -> Counts:
    return Counts(*(sums.get((f"{sort}_{what}", name), NONE).count for what in WHATS))
