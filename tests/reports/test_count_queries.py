"""The report of open process fixes: figures count what their definitions say, and links show those rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import delete, text

from postmortems import clock as the_clock
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Category, Document, Item, Section
from postmortems.followup import queries as followup
from postmortems.followup.schemas import FiltersSchema
from postmortems.gate.models import Drill, ItemProtection, Scenario
from postmortems.gate.tallies import operations as tallies
from postmortems.incidents.models import ActionItem, Admitted, Affected, Incident
from postmortems.incidents.models import Section as SectionRow
from postmortems.reports import count_queries, definitions, figures, queries
from postmortems.reports import fixes as fix_rows
from postmortems.reports.figures import ProcessFixes
from tests.incidents.documents import FOUNDING, FOUNDING_NAME, save, stored, with_item
from tests.statements import counted

DUE = (None, date(2026, 3, 1), date(2026, 4, 1))
OPEN_FIXES = followup.Filters(kind="process", status="open,in_progress")
FOUNDING_SLUG = "2018-01-25-accidental-merge-to-prod"


def fixes(title: str, *items: Item, services: tuple[str, ...] = (), on: date = date(2026, 2, 20)) -> Document:
    section = Section("Action items", (Category("Process"), *items))
    return Document(title=title, date=on, services=services, sections=(section,))


@pytest.fixture
def reported(any_database: str, clock: Any) -> None:
    """Two incidents of data8 and one of nothing named; today is 2026-03-02."""
    save(FOUNDING, name=FOUNDING_NAME)
    save(
        fixes(
            "Disk full",
            Item("Order disks", owner="sam", due=date(2026, 3, 1), status="in_progress"),
            Item("Ask finance", owner="sam", due=date(2026, 3, 2)),
            Item("Think about it", status="proposed"),
            services=("data8/staging", "data8/prod", "biology"),
        )
    )
    save(
        fixes(
            "Expired",
            Item("Renew earlier", status="done"),
            Item("Tell people", status="done", guardability="attestable"),
            Item("Never mind", status="wont_do", reason="no"),
        ),
        name="2026-02-20-expired.md",
    )
    save(Document(title="Code only", sections=(Section("Technical", (Item("Fix it"),)),)))


def report(service: str = "") -> ProcessFixes:
    with db.reading():
        return queries.process_fixes(the_clock.now(), service)


def values(of: ProcessFixes) -> dict[str, float | None]:
    return {name: figure.value for name, figure in of.figures.items()}


@pytest.mark.usefixtures("reported")
def test_each_figure_counts_what_its_definition_says() -> None:
    assert values(report()) == {
        "open": 5,
        "overdue": 1,
        "unowned": 3,
        "undated": 3,
        "reopened": 0,
        "unproven": 1,
        "proposed": 1,
        # Three of 2,958 days and two of none.
        "median_age_days": 2958,
        "again": 3,
    }


def behind(query: str) -> int:
    """How many rows the list shows at a figure's link."""
    loaded = FiltersSchema().load(dict(parse_qsl(query)))
    with db.reading():
        return followup.matching(followup.Filters(**loaded))


@pytest.mark.parametrize("service", ["", "data8", "data8/prod", "biology", "-", "nothing"])
@pytest.mark.usefixtures("reported")
def test_every_number_is_the_number_of_rows_behind_its_link(service: str) -> None:
    told = report(service)

    for name, figure in told.figures.items():
        if name not in {"median_age_days", "again"}:
            assert behind(figure.query) == figure.value, name
    for group in (*told.by_service, *told.by_owner, *told.by_age):
        assert behind(group.query) == group.open, group
        assert behind(f"{group.query}&overdue=1") == group.overdue, group
        assert behind(f"{group.query}&unowned=1") == group.unowned, group
    for month in told.months:
        assert (behind(month.opened_query), behind(month.closed_query)) == (month.opened, month.closed), month


@pytest.mark.usefixtures("reported")
def test_open_fixes_are_grouped_by_service_owner_and_age() -> None:
    told = report()

    assert [(group.name, group.open) for group in told.by_service] == [("data8", 5), ("biology", 2)]
    assert [(group.name, group.open, group.oldest_days) for group in told.by_owner] == [
        ("", 3, 2958),
        ("sam", 2, 0),
    ]
    assert [(group.name, group.open) for group in told.by_age] == [
        ("under 30 days", 2),
        ("30 to 89 days", 0),
        ("90 to 364 days", 0),
        ("a year or more", 3),
    ]


@pytest.mark.usefixtures("reported")
def test_one_service_is_reported_alone() -> None:
    told = report("biology")

    assert (told.figures["open"].value, told.figures["overdue"].value) == (2, 1)
    assert [(group.name, group.open) for group in told.by_service] == [("biology", 2)]
    assert [one.title for one in told.again] == ["Disk full"]


@pytest.mark.usefixtures("reported")
def test_months_tell_what_was_opened_and_closed(clock: Any) -> None:
    clock.set(datetime(2026, 5, 31, 12, 0, tzinfo=UTC))
    slug = FOUNDING_SLUG
    save(with_item(stored(slug), "AI-2", status="wont_do", reason="no"), slug)

    months = {month.month: (month.opened, month.closed) for month in report().months}

    assert list(months) == [f"2025-{n:02}" for n in range(6, 13)] + [f"2026-{n:02}" for n in range(1, 6)]
    assert months["2026-02"] == (3, 0)
    assert months["2026-03"] == (3, 0)
    assert months["2026-05"] == (0, 1)


@pytest.mark.usefixtures("reported")
def test_an_item_that_came_back_counts_as_reopened() -> None:
    save(with_item(stored(FOUNDING_SLUG), "AI-2", status="done"), FOUNDING_SLUG)
    save(with_item(stored(FOUNDING_SLUG), "AI-2", status="open"), FOUNDING_SLUG)

    assert values(report())["reopened"] == 1


def test_a_proof_takes_a_done_item_off_the_unproven(any_database: str, clock: Any) -> None:
    incident = save(fixes("Done", Item("Guarded now", status="done", guardability="enforceable")))
    assert values(report())["unproven"] == 1

    with db.transaction():
        session().add(ItemProtection(item_id=incident.items[0].id, protection="proven", since=clock.now()))
        # As `protection` tells of what it turns.
        tallies.touch("items", [incident.items[0].id])

    assert values(report())["unproven"] == 0
    assert report().again == ()


def drilled(slug: str, *decisions: str, kind: str = "bad") -> None:
    """A scenario of the incident, with a drill for each decision, oldest first."""
    with db.transaction():
        incident = session().query(Incident).filter_by(slug=slug).one()
        scenario = Scenario(
            incident_id=incident.id,
            name=kind,
            kind=kind,
            facts={"request": {"service": "data8", "target": "prod"}},
            edited_at=the_clock.now(),
        )
        scenario.drills = [
            Drill(at=the_clock.now(), decision=decision, is_as_expected=decision == "block", results=[])
            for decision in decisions
        ]
        session().add(scenario)


@pytest.mark.parametrize(
    "decisions, again",
    [
        ((), True),
        (("block",), False),
        (("allow_with_warnings", "block"), False),
        (("block", "allow"), True),
        (("block", "wait"), True),
    ],
)
def test_an_incident_could_happen_again_unless_the_newest_drill_was_blocked(
    any_database: str, decisions: tuple[str, ...], again: bool
) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    drilled(FOUNDING_SLUG, *decisions)
    drilled(FOUNDING_SLUG, "allow", kind="good")

    told = report()

    assert [one.slug for one in told.again] == ([FOUNDING_SLUG] if again else [])
    assert told.figures["again"].value == (1 if again else 0)
    if again:
        assert (told.again[0].open, told.again[0].unproven, told.again[0].why) == (3, 0, figures.NOT_STOPPED)


def test_an_incident_without_a_bad_scenario_could_happen_again_and_says_why(any_database: str) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    drilled(FOUNDING_SLUG, "allow", kind="good")

    assert [one.why for one in report().again] == [figures.NO_SCENARIO]


def test_one_bad_scenario_that_gets_through_is_enough(any_database: str) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    drilled(FOUNDING_SLUG, "block")
    with db.transaction():
        session().execute(text("UPDATE scenarios SET name = 'first'"))
    drilled(FOUNDING_SLUG, "allow")

    assert len(report().again) == 1


def test_an_empty_report_has_no_median_and_no_rows(any_database: str) -> None:
    told = report()

    assert values(told) == dict.fromkeys(definitions.FIGURES, 0) | {"median_age_days": None}
    assert (told.by_service, told.by_owner, told.again) == ((), (), ())


def many(count: int) -> None:
    """Incidents with one process fix each, quickly."""
    now = the_clock.now()
    for number in range(count):
        incident = Incident(slug=f"many-{number}", created_at=now, saved_at=now, occurred_on=now.date())
        incident.affected = [Affected(service=f"service-{number % 7}", target="")]
        incident.sections = [SectionRow(position=0, heading="", role="action_items")]
        incident.sections[0].items = [
            ActionItem(
                number=number + 1,
                incident=incident,
                position=0,
                kind="process",
                text="x",
                owner=f"owner {number % 5}",
                opened_at=now - timedelta(days=number),
            )
        ]
        session().add(incident)


def test_the_report_takes_as_many_queries_at_ten_rows_as_at_a_thousand(any_database: str) -> None:
    def cost() -> int:
        with counted() as seen:
            report()
            with db.reading():
                page = queries.page_of_fixes(limit=200)
                grouped = fix_rows.grouped(page.rows, "service", the_clock.now())
                assert sum(len(group.rows) for group in grouped) == len(page.rows)
                [fix_rows.to_json(row, the_clock.now(), "") for row in page.rows]
        return len([statement for statement in seen if statement.startswith("SELECT")])

    with db.transaction():
        many(10)
    few = cost()
    with db.transaction():
        session().execute(delete(Incident))
        many(1000)

    # Nine for the figures, three of them the look whether anything is restricted and one the version of the
    # sums, and five for the list.
    assert cost() == few == 14
    assert len(report().again) == count_queries.LONGEST_TABLE
    assert report().figures["again"].value == 1000


def test_the_pages_have_every_open_fix_in_the_order_of_the_list(any_database: str) -> None:
    items = [
        Item(f"Nr {n}", status=("open", "in_progress", "done", "proposed")[n % 4], due=DUE[n % 3])
        for n in range(24)
    ]
    save(fixes("Shown", *items))
    save(fixes("Hidden", *items))
    with db.transaction():
        session().add(
            Admitted(incident_id=session().query(Incident).filter_by(title="Hidden").one().id, name="x")
        )

    with db.reading():
        wanted = [row.item.number for row in followup.everything(OPEN_FIXES)]
        found, page = [], queries.page_of_fixes(limit=3)
        found += [row.item.number for row in page.rows]
        while page.after:
            page = queries.page_of_fixes("", page.after, 3)
            found += [row.item.number for row in page.rows]

    assert found == wanted
    assert len(found) == 12


def test_every_figure_and_table_has_a_definition() -> None:
    for name in (*definitions.FIGURES, *definitions.TABLES):
        assert definitions.label(name)
        assert definitions.definition(name).endswith(".")
