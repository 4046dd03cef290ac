"""Which incidents today's guards would stop: classes, targets, months, and the ways to read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Item
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.gate.tallies import operations
from postmortems.incidents.models import Incident
from postmortems.reports.coverage import queries as coverage_queries
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import ADA, BAD, OLD
from tests.runtimes import VAULT
from tests.world import World

PASSED = {
    "kind": "attestation",
    "predicate": "staging-validated",
    "target": "data8/staging",
    "digest": OLD,
    "result": "passed",
    "observed_at": "2018-01-25T14:40:00-08:00",
}
# What is left for one guard alone to object to, and for none.
ONLY_LABS = {
    **BAD,
    "request": founding.request(artifact={"digest": OLD}),
    "evidence": [PASSED],
    "probes": {"staging-online": {"status": 200}},
}
NOTHING = {**ONLY_LABS, "at": "2018-01-25T19:30:00-08:00"}


@pytest.fixture
def told(any_database: str, clock: Clock) -> str:
    """The founding story, which two kinds of guards and more stop."""
    return founding.tell(clock.now())


def add(title: str, *scenarios: Any, items: tuple[Item, ...] = (), **changes: Any) -> str:
    with db.transaction():
        document = founding.document(*(items or (Item("Do better."),)), title=title)
        incident = save_incident.save(
            None, replace(document, **changes), version=None, actor=Actor.system("test")
        )
        for number, facts in enumerate(scenarios):
            fields = {"incident": incident.slug, "name": f"bad {number}", "kind": "bad", "facts": facts}
            scenarios_operations.record(fields, actor=ADA)
        return incident.slug


def classes() -> dict[str, str]:
    with db.reading():
        return {one.title: one.coverage for one in coverage_queries.everything()}


def edit(slug: str, **fields: Any) -> None:
    with db.transaction():
        guard_changes.edit(slug, fields, None, actor=ADA, vault=VAULT)


def test_each_incident_has_the_class_that_its_drills_give(told: str, clock: Clock) -> None:
    edit("target-confirmed", level="advisory")
    add("only labs", ONLY_LABS)
    add("one of two is thin", BAD, ONLY_LABS)
    other = founding.request(declared_target="biology/prod", artifact={"digest": OLD})
    add("only noticed", {**NOTHING, "request": other})
    add("nothing objects", NOTHING)
    add("no scenario")
    add("cannot be guarded", items=(Item("Wait for upstream.", guardability="not_guardable"),))

    assert classes() == {
        "Accidental merge": "strong",
        "only labs": "thin",
        "one of two is thin": "thin",
        "only noticed": "detected",
        "nothing objects": "uncovered",
        "no scenario": "uncovered",
        "cannot be guarded": "unguardable",
    }


def test_a_guard_that_only_watches_notices(told: str, clock: Clock) -> None:
    for slug in ("lab-hours", "target-confirmed", "staging-validated", "staging-online"):
        edit(slug, level="shadow")

    assert classes() == {"Accidental merge": "detected"}
    with db.reading():
        assert "lab-hours" in coverage_queries.listing().rows[0].noticing


def test_a_drill_counts_while_the_guards_are_as_they_were_drilled(told: str, clock: Clock) -> None:
    add("only labs", ONLY_LABS)
    assert classes()["only labs"] == "thin"

    # No item of that incident names the guard, so nobody drills its scenario again.
    edit("lab-hours", title="Another title")

    assert classes()["only labs"] == "uncovered"


def test_each_target_says_what_could_still_hit_it(told: str, clock: Clock) -> None:
    add("elsewhere", services=("biology",))
    with db.reading():
        by_target = coverage_queries.by_target()
        at_biology = coverage_queries.listing("biology/prod").rows

    assert list(by_target) == ["biology/prod", "data8/prod"]
    assert by_target["data8/prod"]["strong"] == 1
    assert by_target["biology/prod"]["uncovered"] == 1
    assert [one.title for one in at_biology] == ["elsewhere"]


def test_the_months_tell_what_drills_stopped_then(told: str, clock: Clock) -> None:
    clock.advance(days=31)
    edit("lab-hours", is_enabled=False)
    for slug in ("target-confirmed", "staging-validated", "staging-online"):
        edit(slug, is_enabled=False)
    with db.reading():
        months = coverage_queries.months(clock.now())

    assert [month.month for month in months][-2:] == ["2026-03", "2026-04"]
    assert [(month.incidents, month.stopped) for month in months][-3:] == [(0, 0), (1, 1), (1, 0)]
    assert len(months) == 12


def test_restricted_incidents_are_counted_for_those_they_are_shown_to(told: str, clock: Clock) -> None:
    add("a secret", restricted=("ada",))

    assert set(classes()) == {"Accidental merge"}
    with db.reading(), visibility.seen_by(visibility.Viewer("ada")):
        assert {one.title for one in coverage_queries.everything()} == {"Accidental merge", "a secret"}


def test_it_takes_as_many_queries_for_many_incidents(told: str, clock: Clock, count_queries: Any) -> None:
    counts = []
    for more in (10, 1000):
        with db.transaction():
            plain = {
                "title": "x", "occurred_on": date(2020, 1, 1), "heading": "",
                "created_at": clock.now(), "saved_at": clock.now(), "version": 1,
            }  # fmt: skip
            rows = [{**plain, "slug": f"{more}-{number}"} for number in range(more)]
            session().execute(insert(Incident), rows)
            operations.touch("incidents", session().scalars(select(Incident.id)))
        with db.reading(), count_queries() as statements:
            assert len(coverage_queries.listing().rows) == min(50, more + 1)
            coverage_queries.counted()
            coverage_queries.by_target()
            coverage_queries.months(clock.now())
        counts.append(len(statements))
    assert counts[0] == counts[1]


@pytest.fixture
def covered(world: World, clock: Clock) -> World:
    founding.tell(clock.now())
    add("=cmd|nothing [x](y)")
    return world


def test_every_number_of_the_page_leads_to_its_rows(covered: World) -> None:
    browser = covered.browser("cy")
    page = browser.get("/coverage").text

    assert 'href="/coverage?class=strong#incidents">1</a>' in page
    assert "Accidental merge" not in browser.get("/coverage?class=uncovered").text
    at = browser.get("/coverage?class=could&target=data8/prod").text
    assert "=cmd" in at
    assert "Accidental merge" not in at
    assert browser.get("/coverage?class=nonsense&target=no/where").status_code == 200
    assert browser.get("/coverage?after=nobody").status_code == 422
    assert "one of them may be wrong" in page


@pytest.mark.parametrize(
    "query, mimetype, said",
    [
        ("", "application/json", '"coverage":"strong"'),
        ("?format=markdown", "text/markdown", "| Strong | 1 |"),
        ("?format=csv", "text/csv", "'=cmd|nothing"),
        ("?coverage=strong&format=csv", "text/csv", "attestation http target window"),
        ("?target=biology/prod", "application/json", '"incidents":[]'),
    ],
)
def test_it_is_read_over_http(
    covered: World, client: FlaskClient, query: str, mimetype: str, said: str
) -> None:
    answer = client.get(f"/api/v1/coverage{query}", headers=covered.headers("cy"))

    assert (answer.status_code, answer.mimetype) == (200, mimetype)
    assert said in answer.text


@pytest.mark.parametrize("query", ["?coverage=good", "?format=docx", "?x=1", f"?target={'x' * 202}"])
def test_what_it_does_not_know_is_refused(covered: World, client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/v1/coverage{query}", headers=covered.headers()).status_code == 422
