"""Recurrence: incidents that repeat an earlier one, month by month."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

from postmortems.incidents.queries import Filters
from postmortems.reports.catalog import incidents
from postmortems.reports.catalog.report import Bars, Cell, Column, Figure, Report
from postmortems.reports.catalog.scope import Scope

TITLE = "Recurrence"
DEFINITION = (
    "Incidents by the month in which they happened, and those among them whose report names the earlier "
    "incident that they repeat. Without a first day it is the last twelve months."
)
COLUMNS = (
    Column("month", "Month", is_number=False),
    Column("incidents", "Incidents"),
    Column("repeats", "Repeat an earlier one"),
)


def report(scope: Scope, now: datetime) -> Report:
    """How many incidents there were, and how many happened again."""
    base = incidents.lately(scope, now)
    found, notes = incidents.newest(base)
    all_of = Counter(one.month for one in found)
    again = Counter(one.month for one in found if one.recurrence_of)
    repeating = replace(base, repeats=True)
    return Report(
        name="recurrence",
        title=TITLE,
        definition=DEFINITION,
        as_of=now,
        scope=scope,
        columns=COLUMNS,
        rows=tuple(
            (
                Cell(month),
                Cell(all_of[month], incidents.behind(incidents.of_month(base, month))),
                Cell(again[month], incidents.behind(incidents.of_month(repeating, month))),
            )
            for month in sorted(all_of)
        ),
        figures=_figures(len(found), again.total(), base),
        chart=Bars(
            "Incidents by month",
            f"{len(found)} incidents, of which {again.total()} repeat an earlier one",
            ("incidents", "repeat an earlier one"),
            tuple((month, (all_of[month], again[month])) for month in sorted(all_of)),
        ),
        notes=notes,
    )


def _figures(count: int, again: int, base: Filters) -> tuple[Figure, ...]:
    repeating = replace(base, repeats=True)
    return (
        Figure("incidents", "Incidents", count, "All of these days.", incidents.behind(base)),
        Figure(
            "repeats",
            "Repeat an earlier one",
            again,
            "Their report names the incident that they repeat.",
            incidents.behind(repeating),
        ),
        Figure(
            "share",
            "Repeat one, per cent",
            round(100 * again / count, 1) if count else None,
            "Those that repeat an earlier one among all, in per cent; none where there was no incident.",
            incidents.behind(repeating),
        ),
    )
