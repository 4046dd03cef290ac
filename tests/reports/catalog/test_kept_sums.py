"""Reports of all, a severity or a service are read from sums, and say what the items would."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest

from postmortems import clock as the_clock
from postmortems import visibility
from postmortems.accounts.teams import operations as owners
from postmortems.db import session as db
from postmortems.gate.tallies import team_changes
from postmortems.reports.catalog import incidents, items, shelf
from postmortems.reports.catalog.report import Report
from postmortems.reports.catalog.scope import Scope
from postmortems.visibility import EVERYTHING, NOBODY, Viewer
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.tallies.people import People
from tests.incidents.documents import SYSTEM

STEPS = 14
SLICED = ("ageing", "flow", "funnel", "policy")
LISTED = ("recurrence", "response-times", "causes", "unwritten")
SUMMED = (*SLICED, "unwritten")


def told(name: str, scope: Scope, viewer: Viewer) -> Report:
    with db.reading(), visibility.seen_by(viewer):
        return shelf.report(name, scope, the_clock.now())


def test_the_sums_say_what_the_items_say(
    any_database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    founding.tell(clock.now())
    people, dice = People(11, clock), random.Random(11)
    today = clock.now().date()
    days = ({}, {"start": today - timedelta(days=40)}, {"end": today - timedelta(days=3)})
    scopes = tuple(Scope(severity=severity, **day) for severity in ("", "SEV2", "-") for day in days)
    parted = tuple(
        Scope(service, severity=severity, **day)
        for service in ("data8", "data8/prod", "data8/staging", "biology", "-", "nobody")
        for severity in ("", "SEV2")
        for day in days
    )
    teamed = tuple(
        Scope(service, team, severity, **day)
        for team in ("platform", "Search", "the hub people", "nobodys")
        for service in ("", "data8", "data8/prod", "data8/staging", "-")
        for severity in ("", "SEV2")
        for day in days
    )
    for _ in range(STEPS):
        done = people.act()
        for viewer in (NOBODY, Viewer("ada"), EVERYTHING):
            asked = [(name, scope) for name in SUMMED for scope in dice.sample(scopes, 2)]
            asked += [(name, scope) for name in SLICED for scope in dice.sample(parted, 2)]
            asked += [(name, scope) for name in SLICED for scope in dice.sample(teamed, 2)]
            asked += [(name, scope) for name in LISTED for scope in dice.sample((*parted, *teamed), 1)]
            kept = [told(name, scope, viewer) for name, scope in asked]
            with monkeypatch.context() as patched:
                patched.setattr(items, "of_fixes", lambda _scope: None)
                patched.setattr(incidents, "listed_as", lambda _filters: None)
                patched.setattr(Scope, "is_of_some", True)
                counted = [told(name, scope, viewer) for name, scope in asked]
            assert kept == counted, (done, viewer)


NARROWED = [
    *((name, Scope()) for name in SUMMED),
    *((name, Scope(severity="SEV1", start=date(2025, 1, 1))) for name in SUMMED),
    *((name, Scope("data8/prod", severity="SEV1")) for name in SLICED),
]


@pytest.mark.parametrize("name, scope", NARROWED, ids=str)
def test_a_report_of_all_of_a_severity_or_of_a_service_reads_no_item(
    name: str,
    scope: Scope,
    any_database: str,
    clock: Clock,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    founding.tell(clock.now())

    with count_queries() as statements:
        told(name, scope, EVERYTHING)

    assert not [one for one in statements if "action_items" in one]
    # Of a target two of each: the incidents that name it, and those that name its service alone.
    assert len(statements) <= 8


@pytest.mark.parametrize("name", ["flow", "funnel", "policy"])
@pytest.mark.parametrize("service", ["data8", "data8/prod", "-"])
def test_a_report_of_a_team_and_a_service_reads_no_item(
    name: str,
    service: str,
    any_database: str,
    clock: Clock,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    founding.tell(clock.now())
    with db.transaction():
        owners.create("platform", "Platform", {}, actor=SYSTEM)
    team_changes.work()

    with count_queries() as statements:
        told(name, Scope(service, "platform", "SEV1"), EVERYTHING)

    # Which names items give their teams is asked of an index.
    read = [one for one in statements if "action_items" in one and not one.startswith("WITH RECURSIVE known")]
    assert read == []
    assert len(statements) <= 12
