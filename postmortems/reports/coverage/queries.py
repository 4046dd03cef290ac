"""Queries of coverage, from the tallies of incidents: a page costs the rows that it shows.

What the classes mean, and how an incident comes into one, is in `gate/tallies/coverage.py`.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, literal, select, tuple_

from postmortems.db.session import catch_up, session
from postmortems.errors import Invalid
from postmortems.gate.tallies import coverage
from postmortems.incidents import page_keys
from postmortems.incidents.models import Incident
from postmortems.incidents.tallies import queries as tallies
from postmortems.incidents.tallies.models import Tally, TallyTarget

CLASSES, COULD_HAPPEN = coverage.CLASSES, coverage.COULD_HAPPEN
MONTHS = 12
FETCHED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Covered:
    """One incident: its class, the guards that block each of its bad scenarios, and the targets it hit."""

    id: int
    slug: str
    title: str
    occurred_on: date
    severity: str
    coverage: str
    blocking: tuple[str, ...]
    kinds: tuple[str, ...]
    noticing: tuple[str, ...]
    targets: tuple[str, ...]
    scenarios: int

    @property
    def place(self) -> tuple[date, int]:
        """Where it stands in the list, whose newest come first."""
        return self.occurred_on, self.id


@dataclass(frozen=True, slots=True)
class Month:
    """The last moment of a month (`2026-03`): how many incidents there were, and were stopped by drills."""

    month: str
    incidents: int
    stopped: int


def listing(
    target: str = "", classes: Collection[str] = (), after: str = "", limit: int = 50
) -> page_keys.Page[Covered]:
    """Incidents that may be shown, newest first; those that hit the target, and of these classes."""
    catch_up()
    # The classes one by one: each is in order in the index, and only what is shown is read.
    found = [_one_class(target, name, after, limit + 1) for name in sorted(set(classes)) or [""]]
    merged = list(heapq.merge(*found, key=lambda one: one.place, reverse=True))
    rows = merged[:limit]
    return page_keys.Page(rows, page_keys.key(*rows[-1].place) if len(merged) > limit else "")


def of(incident: Incident) -> Covered | None:
    """What is known of one incident; None where nothing was worked out yet."""
    catch_up()
    rows = _columns().join(Incident, Incident.id == Tally.incident_id).where(Incident.id == incident.id)
    found = session().execute(rows).first()
    return _covered(found) if found else None


def everything(target: str = "", classes: Collection[str] = ()) -> Iterator[Covered]:
    """All rows of the list, some at a time: for exports."""
    page = listing(target, classes, limit=FETCHED_AT_ONCE)
    yield from page.rows
    while page.after:
        page = listing(target, classes, page.after, FETCHED_AT_ONCE)
        yield from page.rows


def counted(target: str = "") -> dict[str, int]:
    """How many incidents are of each class; 0 is there too."""
    counts = dict.fromkeys(CLASSES, 0)
    for (_, _, name), count in tallies.by_part("class", name=target).items():
        counts[name] += count
    return counts


def by_target() -> dict[str, dict[str, int]]:
    """By target, how many incidents of each class hit it."""
    counts: dict[str, dict[str, int]] = {}
    for (_, target, name), count in sorted(tallies.by_part("class").items()):
        if target:
            counts.setdefault(target, dict.fromkeys(CLASSES, 0))[name] += count
    return counts


def months(now: datetime) -> list[Month]:
    """For the last twelve months, how many incidents were known and how many of them drills stopped then."""
    sums = tallies.by_part("written", "stopped")

    def until(what: str, month: str) -> int:
        return sum(count for (of, _, part), count in sums.items() if of == what and part <= month)

    return [Month(month, until("written", month), until("stopped", month)) for month in _last_months(now)]


def _last_months(now: datetime) -> Iterable[str]:
    day = now.astimezone(UTC).date().replace(day=1)
    names = []
    for _ in range(MONTHS):
        names.append(f"{day:%Y-%m}")
        day = (day - timedelta(days=1)).replace(day=1)
    return reversed(names)


def _one_class(target: str, name: str, after: str, limit: int) -> list[Covered]:
    order: Any = TallyTarget if target else Tally
    rows = _columns().join(Incident, Incident.id == Tally.incident_id)
    if target:
        rows = rows.join(TallyTarget, TallyTarget.incident_id == Tally.incident_id)
        rows = rows.where(TallyTarget.target == target)
    if name:
        rows = rows.where(order.coverage == name)
    if after:
        rows = rows.where(tuple_(order.occurred_on, order.incident_id) < _place(after))
    rows = rows.order_by(order.occurred_on.desc(), order.incident_id.desc()).limit(limit)
    return [_covered(row) for row in session().execute(rows)]


def _columns() -> Any:
    return select(
        Tally.incident_id,
        Incident.slug,
        Incident.title,
        Tally.occurred_on,
        Incident.severity,
        Tally.coverage,
        Tally.blocking,
        Tally.kinds,
        Tally.noticing,
        Tally.targets,
        Tally.scenarios,
    ).select_from(Tally)


def _covered(row: Any) -> Covered:
    number, slug, title, day, severity, name, blocking, kinds, noticing, targets, scenarios = row
    stopped_by = tuple(blocking), tuple(kinds), tuple(noticing)
    return Covered(number, slug, title, day, severity, name, *stopped_by, tuple(targets), scenarios)


def _place(after: str) -> Any:
    """What `Covered.place` was, as a page's address says it."""
    day, number = page_keys.parts(after, 2)
    try:
        return tuple_(literal(date.fromisoformat(day), Date), literal(int(number)))
    except ValueError:
        raise Invalid("is no place in this list; take it from the page before", "/after") from None
