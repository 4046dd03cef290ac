"""The flow of process fixes: opened and closed, month by month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import dropwhile

from postmortems.errors import Invalid
from postmortems.followup.filters import Filters
from postmortems.incidents.tallies import queries as tallies
from postmortems.reports import count_queries, definitions
from postmortems.reports.catalog import items
from postmortems.reports.catalog.items import behind, filters_of
from postmortems.reports.catalog.report import Bars, Cell, Column, Figure, Report
from postmortems.reports.catalog.scope import Scope

MONTHS, MOST_MONTHS = 12, 120
TITLE = "Opened and closed"
COLUMNS = (
    Column("month", "Month", is_number=False),
    Column("opened", "Opened"),
    Column("closed", "Closed"),
)

Pairs = Mapping[str, tuple[Filters, Filters]]
Counts = tuple[tuple[str, int, int], ...]


def report(scope: Scope, now: datetime) -> Report:
    """Whole months from that of `from` to that of `to`; without them the last twelve."""
    pairs = _months(scope, now.astimezone(UTC).date())
    counts = tuple(dropwhile(lambda row: not (row[1] or row[2]), _counted(scope, pairs, now)))
    return Report(
        name="flow",
        title=TITLE,
        definition=f"{definitions.definition('months')} Months are whole, in UTC.",
        as_of=now,
        scope=scope,
        columns=COLUMNS,
        rows=tuple(
            (Cell(month), Cell(opened, behind(pairs[month][0])), Cell(closed, behind(pairs[month][1])))
            for month, opened, closed in counts
        ),
        figures=_figures(counts, pairs),
        chart=Bars(
            "Process fixes opened and closed by month",
            f"{sum(row[1] for row in counts)} opened and {sum(row[2] for row in counts)} closed",
            ("opened", "closed"),
            tuple((month, (opened, closed)) for month, opened, closed in counts),
        ),
        notes=_notes(len(pairs), len(counts)),
    )


def _months(scope: Scope, today: date) -> Pairs:
    last = min(scope.end or today, today) if not scope.start else max(scope.end or today, scope.start)
    first = scope.start or last
    count = (last.year - first.year) * 12 + last.month - first.month + 1 if scope.start else MONTHS
    if count > MOST_MONTHS:
        raise Invalid(f"must not lie more than {MOST_MONTHS} months before `to`, or today", "/from")
    return count_queries.month_filters(filters_of(scope), last, count)


def _counted(scope: Scope, pairs: Pairs, now: datetime) -> Counts:
    of = items.of_fixes(scope)
    if of is None:
        found = iter(count_queries.counts_of_months(filters_of(scope), pairs, now.astimezone(UTC).date()))
        return tuple((month, next(found), next(found)) for month in pairs)
    first = min(pairs)
    sums = tallies.of_slice(
        *("opened", "closed"),
        of=of,
        since={"opened": first, "closed": first},
    )
    return tuple(
        (month, sums.get(("opened", "", month), 0), sums.get(("closed", "", month), 0)) for month in pairs
    )


def _figures(counts: Counts, pairs: Pairs) -> tuple[Figure, ...]:
    first, last = (list(pairs.values())[at] for at in (0, -1))
    opened = replace(first[0], opened_before=last[0].opened_before)
    closed = replace(first[1], closed_before=last[1].closed_before)
    told = f"From {opened.opened_from} to {opened.opened_before}, that day not included"
    return (
        Figure(
            "opened",
            "Opened",
            sum(row[1] for row in counts),
            f"{told}: their present life began.",
            behind(opened),
        ),
        Figure(
            "closed", "Closed", sum(row[2] for row in counts), f"{told}: they were closed.", behind(closed)
        ),
    )


def _notes(asked: int, busy: int) -> tuple[str, ...]:
    if busy == asked:
        return ()
    if not busy:
        return ("No process fix was opened or closed in these months.",)
    return (f"In the {asked - busy} months before these, none was opened or closed.",)
