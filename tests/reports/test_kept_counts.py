"""The report is read from sums: these are what items add up to, of all and of one service, by viewer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

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
from tests.reports import fixes_by_items

STEPS = 15
SERVICES = (
    "",
    "data8",
    "data8/prod",
    "data8/staging",
    "biology",
    "biology/staging",
    "elsewhere",
    "-",
    "nobody",
)


def both(viewer: Viewer, service: str) -> tuple[Any, Any]:
    """The report's numbers by the sums, and by its items."""
    now, base = the_clock.now(), Filters(kind="process", service=service)
    single = queries._single(base)
    months = count_queries.month_filters(base, now.date(), queries.MONTHS)
    with db.reading(), visibility.seen_by(viewer):
        kept = kept_counts.counted(base, months, now)
        summed = fixes_by_items.counted(base, single, months, now)
        total, rows = fixes_by_items.again(service, now.date())
        again = kept_counts.again(kept.single["again"], service)
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


@pytest.mark.parametrize("seed", [7, 19])
def test_the_sums_are_what_the_items_add_up_to(any_database: str, clock: Clock, seed: int) -> None:
    founding.tell(clock.now())
    people = People(seed, clock)
    for _ in range(STEPS):
        done = people.act()
        for viewer in (NOBODY, Viewer("ada"), EVERYTHING):
            for service in ("", *people.dice.sample(SERVICES[1:], 3)):
                kept, summed = both(viewer, service)
                assert kept == summed, (done, viewer, service)


@pytest.mark.parametrize("service", SERVICES)
def test_no_item_is_read_that_is_not_open(
    any_database: str,
    clock: Clock,
    service: str,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    founding.tell(clock.now())

    with db.reading(), count_queries() as statements:
        queries.process_fixes(the_clock.now(), service)

    of_items = [one for one in statements if "FROM action_items" in one]
    assert [one for one in of_items if "action_items.status IN" not in one] == []
    assert len(of_items) == (1 if service else 0)
    assert len(statements) <= 12
