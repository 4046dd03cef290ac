"""Every page, for every role: it answers, it is whole, and it costs the same however long its list is."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import insert

from postmortems.db import session as db
from postmortems.gate.models import Decision, Scenario
from postmortems.guards.models import Guard, GuardTarget, Service, Target
from postmortems.incidents.models import ActionItem, Incident, Section
from postmortems.web.kept import parts
from tests.conftest import Clock
from tests.shown import FOUNDING, with_demo, words
from tests.statements import counted
from tests.world import World

PAGES = (
    "/",
    "/incidents",
    "/incidents?q=hub&service=data8&severity=SEV2&status=published&year=2018",
    FOUNDING,
    f"{FOUNDING}/history",
    f"{FOUNDING}/history/1",
    f"{FOUNDING}/compare?from=1&to=1",
    "/action-items",
    "/action-items?status=any&overdue=1",
    "/action-items/AI-1",
    "/reports",
    "/reports/ageing",
    "/reports/flow?from=2018-01-01&service=data8",
    "/reports/process-fixes",
    "/reports/process-fixes?service=data8",
    "/guards",
    "/guards/lab-hours",
    "/gate",
    "/gate/ask",
    "/gate/scenarios",
    "/gate/scenarios/1",
    "/services",
    "/services/data8",
)
FOR_AUTHORS = (
    "/incidents/new",
    f"{FOUNDING}/edit",
    "/guards/new",
    "/guards/new?kind=window&item=AI-1",
    "/gate/scenarios/1/edit",
    "/gate/scenarios/new?incident=2018-01-25-accidental-merge-to-prod",
)
MISSING = (
    "/incidents/none",
    "/incidents/none.md",
    "/incidents/none/edit",
    f"{FOUNDING}/history/99",
    "/action-items/AI-99999",
    "/action-items/nonsense",
    "/guards/none",
    "/gate/none",
    "/gate/scenarios/9999",
    "/services/none",
)
# Places in a list, numbers and dates that nobody's page has given out.
ODD = (
    "/incidents?year=soon",
    "/incidents?after=nonsense",
    "/action-items?after=nonsense",
    "/action-items?due_before=tomorrow",
)
LISTS = ("/", "/incidents", "/action-items", "/guards", "/gate", "/gate/scenarios", "/services")


@pytest.fixture
def shown(world: World) -> World:
    return with_demo(world)


def test_every_page_answers_everybody_who_is_signed_in(any_database: str, shown: World) -> None:
    for name in ("ada", "ben", "cy"):
        browser = shown.browser(name)
        for path in PAGES:
            answer = browser.get(path)
            assert (path, answer.status_code) == (path, 200)
            assert len(re.findall(r"<h1\b", answer.text)) == 1, path
            # A value that nobody put into words; what may be chosen says so on purpose.
            chosen = re.sub(r"<option[^>]*>None[^<]*", "", answer.text)
            assert "None" not in words(chosen), path


def test_pages_for_authors_answer_authors_only(shown: World) -> None:
    for path in FOR_AUTHORS:
        assert (path, shown.browser("ada").get(path).status_code) == (path, 200)
        assert (path, shown.browser("cy").get(path).status_code) == (path, 403)


def test_what_a_viewer_may_not_do_is_not_offered(shown: World) -> None:
    browser = shown.browser("cy")
    for path in PAGES:
        actions = set(re.findall(r'<form method="post" action="([^"]+)"', browser.get(path).text))
        assert actions <= {"/sign-out"} or path == "/gate/ask", path


@pytest.mark.parametrize("path", MISSING)
def test_what_is_not_there_is_not_found(shown: World, path: str) -> None:
    assert shown.browser().get(path).status_code == 404


@pytest.mark.parametrize("path", ODD)
def test_odd_addresses_are_refused_in_words(shown: World, path: str) -> None:
    answer = shown.browser().get(path)

    assert answer.status_code == 422
    assert "is no" in words(answer.text)


def test_a_stranger_is_asked_to_sign_in_and_brought_back(shown: World, app: Flask) -> None:
    for path in (*PAGES, *FOR_AUTHORS):
        answer = app.test_client().get(path)
        assert (answer.status_code, answer.headers["Location"][:14]) == (303, "/sign-in?next="), path


def test_empty_lists_say_what_to_do_next(world: World) -> None:
    browser = world.browser("ben")
    for path, next_step in (
        ("/incidents", "Write the first postmortem"),
        ("/action-items?status=any", "They are written in a postmortem"),
        ("/guards", "make the guard that would have stopped it"),
        ("/gate", "Ask the gate"),
        ("/gate/scenarios", "record the deploy that caused it"),
        ("/", "Write one"),
    ):
        assert next_step in words(browser.get(path).text), path


def test_no_page_carries_styles_or_scripts_of_its_own(shown: World) -> None:
    browser = shown.browser("ben")
    for path in (*PAGES, *FOR_AUTHORS):
        html = browser.get(path).text
        assert not re.search(r"<[a-z][^>]*\s(?:style|on[a-z]+)=", html), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", html), path


def fill(count: int, clock: Clock) -> None:
    """That many rows of each sort that has a list."""
    now = clock.now()
    many = range(count)
    day = date(2020, 1, 1)
    times = {"created_at": now, "edited_at": now}
    asked = {"asked_at": now, "evaluated_at": now, "asked_by": "ci", "decision": "allow", "service": "s0"}
    rows: list[tuple[type, list[dict[str, object]]]] = [
        (
            Incident,
            [
                {"slug": f"i{n}", "title": f"Incident {n}", "occurred_on": day + timedelta(days=n)}
                | {"created_at": now, "saved_at": now, "status": "draft"}
                for n in many
            ],
        ),
        (Section, [{"incident_id": n + 1, "position": 0, "role": "action_items"} for n in many]),
        (
            ActionItem,
            [
                {"number": n + 1, "incident_id": n + 1, "section_id": n + 1, "position": 0, "opened_at": now}
                | {"text": f"Item {n}", "owner": "@ada", "due": day + timedelta(days=n)}
                for n in many
            ],
        ),
        (Service, [{"name": f"s{n}"} for n in many]),
        (Target, [{"service_id": n + 1, "name": "prod", "position": 0} for n in many]),
        (Guard, [{"slug": f"g{n:04}", "kind": "target", "config": {}, **times} for n in many]),
        (GuardTarget, [{"guard_id": n + 1, "target_id": n + 1} for n in many]),
        (
            Decision,
            [{"id": f"d{n:04}", "target": f"s{n}/prod", "answer": {}, "request": {}, **asked} for n in many],
        ),
        (
            Scenario,
            [{"incident_id": n + 1, "name": "x", "kind": "bad", "facts": {}, "edited_at": now} for n in many],
        ),
    ]
    with db.transaction() as session:
        for model, values in rows:
            session.execute(insert(model), values)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_takes_the_same_queries_at_10_and_at_1000_rows(
    path: str, app: Flask, database: str, clock: Clock
) -> None:
    from tests.tables import create_all
    from tests.world import build

    counts = []
    for rows in (10, 1000):
        db.Base.metadata.drop_all(db.engine())
        create_all(db.engine())
        # What was shown before would be tried first.
        app.extensions["kept_parts"] = parts.install()
        world = build(app)
        with db.transaction() as session:
            session.delete(session.get_one(Service, 1))
        fill(rows, clock)
        browser = world.browser("ben")
        with counted() as statements:
            assert browser.get(path).status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1]
