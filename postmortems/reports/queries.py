"""Queries of open process fixes, fixed in number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from postmortems.followup import queries as followup
from postmortems.followup.filters import Filters
from postmortems.followup.queries import Listed
from postmortems.incidents import page_keys
from postmortems.reports import count_queries, definitions, kept_counts
from postmortems.reports.count_queries import LONGEST_LIST, OPEN
from postmortems.reports.figures import Figure, Group, Month, ProcessFixes

MONTHS = 12


def process_fixes(now: datetime, service: str = "") -> ProcessFixes:
    """The report for all services, or for one (`data8`), one target (`data8/prod`), or none named (`-`)."""
    today = now.astimezone(UTC).date()
    base = Filters(kind="process", service=service)
    single = _single(base)
    ages = count_queries.age_filters(base, today)
    months = count_queries.month_filters(base, today, MONTHS)
    counted = kept_counts.counted(base, months, now)
    figures = {name: Figure(name, counted.single[name], filters.query()) for name, filters in single.items()}
    figures["median_age_days"] = Figure("median_age_days", counted.median_age_days, single["open"].query())
    figures["again"] = Figure("again", counted.single["again"])
    return ProcessFixes(
        as_of=now,
        service=service,
        figures={name: figures[name] for name in definitions.FIGURES},
        by_service=counted.by_service,
        by_owner=counted.by_owner,
        by_age=tuple(
            Group(label, count, late, nobodys, None, filters.query())
            for (label, filters), (count, late, nobodys) in zip(ages.items(), counted.ages, strict=True)
        ),
        months=tuple(
            Month(name, opened, closed, pair[0].query(), pair[1].query())
            for (name, pair), (opened, closed) in zip(months.items(), counted.months, strict=True)
        ),
        again=kept_counts.again(counted.single["again"], service),
    )


def open_fixes(service: str = "", limit: int | None = None) -> Iterator[Listed]:
    """The open process fixes by due date, all or the first ones."""
    return followup.everything(Filters(kind="process", status=OPEN, service=service), limit)


def page_of_fixes(service: str = "", after: str = "", limit: int = 50) -> page_keys.Page[Listed]:
    """A page of the open process fixes: overdue ones first, then by due date, those without one last."""
    behind = Filters(kind="process", status=OPEN, service=service)
    return followup.listing(behind, after, limit, most=LONGEST_LIST)


def _single(base: Filters) -> dict[str, Filters]:
    """The filters behind each figure that is a plain count."""
    return {
        "open": replace(base, status=OPEN),
        "overdue": replace(base, overdue=True),
        "unowned": replace(base, unowned=True),
        "undated": replace(base, status=OPEN, undated=True),
        "reopened": replace(base, reopened=True),
        "unproven": replace(base, unproven=True),
        "proposed": replace(base, status="proposed"),
    }
