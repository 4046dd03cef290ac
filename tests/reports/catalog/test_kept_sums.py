"""Reports without filters are read from sums: they say what the items would, in few statements."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from postmortems import clock as the_clock
from postmortems import visibility
from postmortems.db import session as db
from postmortems.reports.catalog import shelf
from postmortems.reports.catalog.report import Report
from postmortems.reports.catalog.scope import Scope
from postmortems.visibility import EVERYTHING, NOBODY, Viewer
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.tallies.people import People

STEPS = 14
SUMMED = ("ageing", "flow", "funnel", "unwritten")


def told(name: str, scope: Scope, viewer: Viewer) -> Report:
    with db.reading(), visibility.seen_by(viewer):
        return shelf.report(name, scope, the_clock.now())


def test_the_sums_say_what_the_items_say(
    any_database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    founding.tell(clock.now())
    people = People(11, clock)
    today = clock.now().date()
    scopes = (Scope(), Scope(start=today - timedelta(days=40)), Scope(end=today - timedelta(days=3)))
    for _ in range(STEPS):
        done = people.act()
        for viewer in (NOBODY, Viewer("ada"), EVERYTHING):
            kept = [told(name, scope, viewer) for name in SUMMED for scope in scopes]
            with monkeypatch.context() as patched:
                patched.setattr(Scope, "is_narrowed", True)
                patched.setattr(Scope, "is_of_some", True)
                summed = [told(name, scope, viewer) for name in SUMMED for scope in scopes]
            assert kept == summed, (done, viewer)


@pytest.mark.parametrize("name", SUMMED)
def test_a_report_without_filters_reads_no_item(
    name: str, any_database: str, clock: Clock, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    founding.tell(clock.now())

    with count_queries() as statements:
        told(name, Scope(), EVERYTHING)

    assert not [one for one in statements if "action_items" in one]
    assert len(statements) <= 4
