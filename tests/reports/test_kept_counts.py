"""The report over all services is read from sums: these are what its items add up to, for each reader."""

from __future__ import annotations

from typing import Any

from postmortems import clock as the_clock
from postmortems import visibility
from postmortems.db import session as db
from postmortems.followup import queries as followup
from postmortems.followup.filters import Filters
from postmortems.reports import count_queries, kept_counts, queries
from postmortems.visibility import EVERYTHING, NOBODY, Viewer
from postmortems.web.home import pages as home
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.tallies.people import People

STEPS = 15
BASE = Filters(kind="process")


def both(viewer: Viewer) -> tuple[Any, Any]:
    """The report's numbers by the sums, and by its items."""
    now = the_clock.now()
    single = queries._single(BASE)
    months = count_queries.month_filters(BASE, now.date(), queries.MONTHS)
    with db.reading(), visibility.seen_by(viewer):
        kept = kept_counts.counted(BASE, months, now)
        summed = count_queries.counted(BASE, single, months, now)
        total, rows = queries._again("", now.date())
        again = kept_counts.again()
        figures = {label: count for label, _, count in home._figures()}
        wanted = {label: followup.matching(filters) for label, _, filters in home.FIGURES}
    mine = {name: kept.single[name] for name in summed.single}
    return (
        (mine, *told(kept), kept.single["again"], again, figures),
        (dict(summed.single), *told(summed), total, rows, wanted),
    )


def told(counted: count_queries.Counted) -> tuple[Any, ...]:
    ages, months = ([*map(tuple, table)] for table in (counted.ages, counted.months))
    return ages, months, counted.median_age_days, counted.by_service, counted.by_owner


def test_the_sums_are_what_the_items_add_up_to(any_database: str, clock: Clock) -> None:
    founding.tell(clock.now())
    people = People(7, clock)
    for _ in range(STEPS):
        done = people.act()
        for viewer in (NOBODY, Viewer("ada"), EVERYTHING):
            kept, summed = both(viewer)
            assert kept == summed, (done, viewer)
