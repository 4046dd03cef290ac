"""Lists of incidents look at what they show: as much of many incidents as of few, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from postmortems import clock
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.followup import due_order
from postmortems.followup import queries as followup
from postmortems.incidents import queries
from postmortems.incidents.models import ActionItem, Admitted, Affected, Incident
from postmortems.incidents.models import Section as SectionRow
from postmortems.incidents.queries import Filters
from postmortems.incidents.restricted import break_glass
from tests.rows_read import know_sizes, looked_at

FEW, MANY = 500, 4_000
# Of what these find there are three, or none, however many incidents there are.
READS: dict[str, Callable[[], object]] = {
    "a service": lambda: queries.listing(Filters(service="rare")),
    "how many of a service": lambda: queries.matching(Filters(service="rare")),
    "a service's published ones": lambda: queries.listing(Filters(service="rare", status="published")),
    "how many a team published": lambda: queries.matching(Filters(team="Rare", state="published")),
    "published ones that repeat another": lambda: queries.listing(Filters(repeats=True, status="published")),
    "how many of a severity are drafts": lambda: queries.matching(Filters(severity="SEV3", state="draft")),
    "a service of none": lambda: queries.listing(Filters(service="nobody's")),
    "a team": lambda: queries.listing(Filters(team="Rare")),
    "a team of none": lambda: queries.listing(Filters(team="nobody's")),
    "a severity": lambda: queries.listing(Filters(severity="SEV1")),
    "a severity of none": lambda: queries.matching(Filters(severity="SEV4")),
    "those that repeat another": lambda: queries.listing(Filters(repeats=True)),
    "the feed": lambda: queries.published(Filters(), 20),
    "the feed of a service": lambda: queries.published(Filters(service="rare"), 20),
    "who owns items": followup.owners,
    "items that nobody owns": lambda: followup.listing(followup.Filters(unowned=True)),
    "how many items nobody owns": lambda: followup.matching_at_most(followup.Filters(unowned=True)),
    "restricted incidents": lambda: break_glass.listing(actor=Actor.system("test")),
    "items of a team": lambda: followup.listing(followup.Filters(team="Rare")),
    "items of no service": lambda: followup.listing(followup.Filters(service="-")),
    "items of a severity": lambda: followup.listing(followup.Filters(severity="SEV1")),
    "items of a severity of none": lambda: followup.matching_at_most(followup.Filters(severity="SEV4")),
    "items of a team of none": lambda: followup.listing(followup.Filters(team="nobody's")),
}


def fill(first: int, last: int) -> None:
    """Published incidents, each with a service and an item; a few of them are unlike all others."""
    now = clock.now()
    incidents, affected, sections, items = [], [], [], []
    for number in range(first, last):
        is_rare = number in (1, 100, 400)
        services = [] if number == 200 else ["rare" if is_rare else "usual"]
        at = now - timedelta(days=number)
        incidents.append(
            {
                "id": number,
                "slug": f"x-{number}",
                "occurred_on": date(2026, 1, 1) - timedelta(days=number % 900),
                "status": "published",
                "published_at": at,
                "created_at": at,
                "saved_at": at,
                "severity": "SEV1" if is_rare else "SEV3",
                "recurrence_of": "x-2" if is_rare else "",
                "services": services,
            }
        )
        affected += [{"incident_id": number, "service": name, "target": ""} for name in services]
        sections.append({"id": number, "incident_id": number, "position": 0, "role": "action_items"})
        items.append(
            {
                "id": number,
                "number": number,
                "incident_id": number,
                "section_id": number,
                "position": 0,
                "text": "x",
                "team": "rare" if is_rare else "usual",
                "owner": "" if is_rare else "sam",
                "owner_key": "" if is_rare else "sam",
                "opened_at": at,
                "due": date(2026, 1, 1) + timedelta(days=number % 50),
            }
        )
    for model, rows in (
        (Incident, incidents),
        (Affected, affected),
        (SectionRow, sections),
        (ActionItem, items),
    ):
        for start in range(0, len(rows), 1_000):
            session().execute(insert(model), rows[start : start + 1_000])


@pytest.mark.usefixtures("any_database", "clock")
def test_what_few_have_is_found_as_soon_among_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "FEW", 100)
    with db.transaction():
        fill(1, FEW)
        session().add(Admitted(incident_id=100, name="ada"))
    know_sizes()
    before = {name: looked_at(read) for name, read in READS.items()}
    with db.transaction():
        fill(FEW, MANY)
    know_sizes()
    after = {name: looked_at(read) for name, read in READS.items()}

    grown = {name: (before[name], after[name]) for name in READS if after[name] > 1.5 * before[name] + 20}
    assert grown == {}


@pytest.mark.usefixtures("any_database", "clock")
@pytest.mark.parametrize("most", [0, queries.FEW])
def test_few_or_many_the_list_is_the_same(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "FEW", most)
    monkeypatch.setattr(due_order, "FEW", most)
    monkeypatch.setattr(due_order, "SOME", most)
    with db.transaction():
        fill(1, FEW)

    with db.reading():
        for filters in (Filters(service="rare"), Filters(service="rare/prod"), Filters(team="RARE")):
            found = queries.listing(filters)
            assert [incident.slug for incident in found.rows] == ["x-1", "x-100", "x-400"], filters
            assert queries.matching(filters) == 3
        none = followup.listing(followup.Filters(service="-"))
        assert [row.item.number for row in none.rows] == [200]
        feed = queries.published(Filters(service="rare"), 20)
        assert [incident.slug for incident in feed] == ["x-1", "x-100", "x-400"]
