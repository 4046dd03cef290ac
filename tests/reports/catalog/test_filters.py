"""Filters are honoured by every report: what one leaves out changes nothing that the report says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from postmortems import clock as the_clock
from postmortems import visibility
from postmortems.db import session as db
from postmortems.document.model import Document, Entry, Item, Section
from postmortems.reports.catalog import scope as scopes
from postmortems.reports.catalog import shelf
from postmortems.reports.catalog.report import Report
from postmortems.reports.monthly import contents
from postmortems.reports.monthly.month import Month
from postmortems.visibility import EVERYTHING, NOBODY, Viewer
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.world import World

# Each lets the first of two incidents through, and not the other, which is restricted.
FILTERS = (
    {"severity": "SEV1"},
    {"service": "data8"},
    {"service": "data8/prod"},
    {"team": "platform"},
    {"from": "2026-02-01", "to": "2026-02-28"},
    {"severity": "SEV1", "service": "data8/prod", "team": "platform", "from": "2026-02-01"},
)
# What comes from decisions of the gate is narrowed in `test_gate_reports`.
OF_INCIDENTS = [name for name in shelf.REPORTS if name not in {"guards", "change-failures"}]


def told(name: str, said: dict[str, str], viewer: Viewer) -> Report:
    with db.reading(), visibility.seen_by(viewer):
        return shelf.report(name, scopes.read(said), the_clock.now())


def incident(day: date, severity: str, service: str, team: str, **more: Any) -> str:
    kinds = ("trigger", "detection", "mitigation", "recovery")
    entries = tuple(Entry(f"{day} 10:{minute}0", text=kind, kind=kind) for minute, kind in enumerate(kinds))
    items = (
        Item(f"Block it at {service}.", kind="process", status="open", team=team, due=day),
        Item(f"Tell it at {service}.", kind="process", status="done", team=team, guardability="attestable"),
    )
    sections = (Section("Timeline", entries), Section("Action items", items))
    return save(
        Document(
            f"{service} was down",
            date=day,
            severity=severity,
            services=(service,),
            tags=(f"tag-{team}",),
            timezone="UTC",
            sections=sections,
            **more,
        )
    ).slug


@pytest.fixture
def two(clock: Clock, world: World) -> None:
    clock.set(datetime(2026, 1, 7, 9, tzinfo=UTC))
    first = incident(date(2026, 1, 5), "SEV3", "till/prod", "shop", restricted=("ada",))
    clock.set(datetime(2026, 2, 7, 9, tzinfo=UTC))
    incident(date(2026, 2, 5), "SEV1", "data8/prod", "platform", recurrence_of=first)
    clock.set(datetime(2026, 3, 7, 9, tzinfo=UTC))


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("name", OF_INCIDENTS)
def test_what_a_filter_leaves_out_counts_for_nothing(name: str) -> None:
    # Without a filter it does count, so that the equality below says something.
    assert told(name, {}, EVERYTHING) != told(name, {}, NOBODY)

    for said in FILTERS:
        report = told(name, said, EVERYTHING)
        assert report == told(name, said, NOBODY), said
        assert report.rows, said


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("name", shelf.REPORTS)
def test_each_figure_has_a_definition_and_leads_to_rows_of_the_same_filters(name: str) -> None:
    for said in ({}, *FILTERS):
        report = told(name, said, EVERYTHING)
        assert report.definition
        for figure in report.figures:
            assert figure.definition, figure.name
            if name == "guards" and not report.rows:
                # Its rows are blocks of the guards in its table, and there is none.
                assert figure.rows == ""
                continue
            assert figure.rows.startswith(("/action-items?", "/incidents?", "/gate?")), figure.name
            # What was decided has no severity and no team; the service it has.
            kept = {"service"} if figure.rows.startswith("/gate?") else {"severity", "service", "team"}
            for key in kept & said.keys():
                assert said[key] in figure.rows, (figure.name, key)


@pytest.mark.usefixtures("two")
def test_the_report_of_a_month_is_of_its_filters_in_every_part() -> None:
    february = Month(date(2026, 2, 1))

    def compiled(severity: str, viewer: Viewer) -> contents.Monthly:
        with db.reading(), visibility.seen_by(viewer):
            return contents.compiled(february, scopes.read({"severity": severity}), the_clock.now())

    assert compiled("", EVERYTHING) != compiled("", NOBODY)
    assert compiled("SEV1", EVERYTHING) == compiled("SEV1", NOBODY)


# Of what reads no incident: what is asked, by whom, and the day of the last before it that they may see.
QUIET = (
    ({"from": "2026-03-01"}, NOBODY, "2026-02-05"),
    ({"from": "2026-03-01", "service": "data8"}, NOBODY, "2026-02-05"),
    ({"from": "2026-03-01", "team": "platform"}, NOBODY, "2026-02-05"),
    ({"from": "2026-03-01", "severity": "SEV3"}, EVERYTHING, "2026-01-05"),
    ({"from": "2026-03-01", "severity": "SEV3"}, NOBODY, ""),
    ({"from": "2026-03-01", "service": "till"}, EVERYTHING, "2026-01-05"),
    ({"from": "2026-03-01", "service": "till"}, NOBODY, ""),
    ({"from": "2026-01-01", "to": "2026-01-02"}, EVERYTHING, ""),
    ({"to": "2025-12-31"}, EVERYTHING, ""),
)


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("said, viewer, last", QUIET)
@pytest.mark.parametrize("name", ["response-times", "recurrence", "causes"])
def test_where_there_is_no_incident_the_last_before_is_named(
    name: str, said: dict[str, str], viewer: Viewer, last: str
) -> None:
    none = "No incident of these days is like that"

    (note,) = told(name, said, viewer).notes[:1]

    assert note == (f"{none}; the last before them was on {last}." if last else f"{none}.")
