"""Who asks too often is told so, whoever it is and whichever process is asked; nobody else is held up."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from postmortems import clock as the_clock
from postmortems import limits
from postmortems.db import session as db
from postmortems.jobs.models import RequestWindow
from postmortems.limits import RATES, Rate
from postmortems.web.watching import rates
from postmortems.web.watching.rates import Counts
from tests import forked
from tests.conftest import Clock
from tests.faults.serving import group
from tests.world import World

SMALL = {
    "gate": Rate("gate", 8, 12, 4),
    "imports": Rate("imports", 2, 3, 1),
    "exports": Rate("exports", 2, 3, 1),
    "search": Rate("search", 2, 3, 1),
    "writes": Rate("writes", 2, 3, 1),
    "reads": Rate("reads", 3, 5, 2),
}


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"limits_percent": 100}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(rates, "BY_NAME", SMALL)
    monkeypatch.setattr(rates, "counts", Counts())


def statuses(ask: Callable[[], Any], times: int) -> list[int]:
    found = []
    for _ in range(times):
        with ask() as answer:
            found.append(answer.status_code)
    return found


def test_one_token_is_held_up_and_others_are_not(world: World, client: FlaskClient) -> None:
    ada, cy = world.headers("ada"), world.headers("cy")

    assert statuses(lambda: client.get("/api/v1/incidents", headers=ada), 5) == [200, 200, 200, 429, 429]
    assert client.get("/api/v1/incidents", headers=cy).status_code == 200
    assert client.get("/api/v1/gate/keys", headers=ada).status_code == 200


def test_tokens_of_one_person_count_together(world: World, client: FlaskClient) -> None:
    first, second = world.headers("ada"), {"Authorization": f"Bearer {world.token('ada', 'read')}"}
    ask = [lambda: client.get("/api/v1/incidents", headers=first)] * 3
    ask += [lambda: client.get("/api/v1/incidents", headers=second)] * 3

    answers = [one() for one in ask]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert "the most that one person may make" in answers[-1].json["detail"]


def test_a_browser_counts_for_its_person(world: World, client: FlaskClient) -> None:
    browser = world.browser("ada")

    assert statuses(lambda: browser.get("/incidents"), 6) == [200] * 5 + [429]
    assert client.get("/api/v1/incidents", headers=world.headers("ada")).status_code == 429


@pytest.mark.parametrize(
    "others, status",
    [("10.0.0.1", 429), ("::ffff:10.0.0.1", 429), ("10.0.0.2", 303)],
)
def test_who_is_nobody_counts_by_address(world: World, app: Flask, others: str, status: int) -> None:
    def ask(address: str) -> int:
        return app.test_client().get("/incidents", environ_base={"REMOTE_ADDR": address}).status_code

    assert [ask("10.0.0.1") for _ in range(2)] == [303, 303]
    assert ask(others) == status


def test_a_network_of_ipv6_counts_as_one(world: World, app: Flask) -> None:
    asked = [
        app.test_client().get("/incidents", environ_base={"REMOTE_ADDR": f"2001:db8::{number}"}).status_code
        for number in range(1, 4)
    ]

    assert asked == [303, 303, 429]


@pytest.mark.parametrize("token", ["pm_{}", "ey{}.e30.x"])
def test_wrong_tokens_count_by_address(world: World, client: FlaskClient, token: str) -> None:
    tried = [
        client.get("/api/v1/incidents", headers={"Authorization": f"Bearer {token.format(n)}"}).status_code
        for n in range(3)
    ]

    assert tried == [401, 401, 429]


def test_it_ends_with_the_minute_that_the_answer_tells(
    world: World, client: FlaskClient, clock: Clock
) -> None:
    def ask() -> Any:
        return client.get("/api/v1/incidents", headers=world.headers("ada"))

    refused = [ask() for _ in range(4)][-1]
    seconds = int(refused.headers["Retry-After"])

    assert 0 < seconds <= 60
    clock.advance(seconds=seconds - 1)
    assert ask().status_code == 429
    clock.advance(seconds=1)
    assert ask().status_code == 200


def test_what_is_left_is_told_to_programs(world: World, client: FlaskClient) -> None:
    answers = [client.get("/api/v1/incidents", headers=world.headers("ada")) for _ in range(4)]

    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"reads";q=3;w=60'}
    left = [re.fullmatch(r'"reads";r=(\d+);t=(\d+)', answer.headers["RateLimit"]) for answer in answers]
    assert [found and int(found[1]) for found in left] == [2, 1, 0, 0]
    assert answers[-1].headers["Retry-After"] == (left[-1] or [""] * 3)[2]


def test_pages_for_people_do_without_these_headers(world: World) -> None:
    browser = world.browser("ada")
    answers = [browser.get("/incidents") for _ in range(6)]

    assert ["RateLimit" in answer.headers for answer in answers] == [False] * 5 + [True]


def test_each_door_is_told_in_its_own_shape(world: World, client: FlaskClient) -> None:
    for _ in range(5):
        client.get("/api/v1/incidents", headers=world.headers("ada"))

    problem = client.get("/api/v1/incidents", headers=world.headers("ada"))
    message = client.post("/mcp", json={}, headers=world.headers("ada"))
    page = world.browser("ada")
    for _ in range(5):
        page.get("/incidents")
    shown = page.get("/incidents")

    assert (problem.status_code, problem.mimetype) == (429, "application/problem+json")
    assert problem.json["type"] == "/api/docs#problem-too-many"
    assert (message.status_code, message.json["error"]["code"]) == (429, -32600)
    assert "ask again in" in message.json["error"]["message"]
    assert (shown.status_code, shown.mimetype) == (429, "text/html")
    assert "Too many requests" in shown.text


def test_a_refused_write_writes_nothing(world: World, client: FlaskClient) -> None:
    told = {"title": "A title", "date": "2026-11-01"}
    made = [client.post("/api/v1/incidents", json=told, headers=world.headers("ada")) for _ in range(3)]

    assert [answer.status_code for answer in made] == [201, 201, 429]
    listed = client.get("/api/v1/incidents?drafts=true", headers=world.headers("ada")).json
    assert len(listed["incidents"]) == 2


def test_what_somebody_typed_is_kept_where_it_came_too_often(world: World) -> None:
    browser = world.browser("ada")
    writer = re.search(r'name="written_by" value="([^"]+)"', browser.get("/settings").text)
    assert writer is not None
    token = browser.form_token()
    for _ in range(3):
        browser.post("/settings/none", data={"csrf_token": token})

    form = {"csrf_token": token, "written_by": writer[1], "summary": "The cable was cut."}
    refused = browser.post("/incidents/new", data=form, headers={"Origin": "http://localhost"})

    assert refused.status_code == 429
    assert "What you sent is still here" in refused.text
    assert "The cable was cut." in refused.text


@pytest.mark.parametrize("path", ["/livez", "/static/app.css", "/.well-known/nothing"])
def test_health_and_files_have_no_limit(world: World, client: FlaskClient, path: str) -> None:
    limited = 429 in statuses(lambda: client.get(path), 5)

    assert limited is (path == "/.well-known/nothing")


@pytest.mark.parametrize(
    "method, path, wanted, name",
    [
        ("POST", "/api/v1/gate/decisions", "", "gate"),
        ("GET", "/api/v1/gate/decisions", "", "gate"),
        ("POST", "/api/v1/heartbeats/key", "", "gate"),
        ("POST", "/api/v1/evidence/deploys", "", "gate"),
        ("POST", "/import", "", "imports"),
        ("GET", "/import", "", "reads"),
        ("POST", "/api/v1/imports", "", "imports"),
        ("GET", "/api/v1/incidents", "zip */*", "exports"),
        ("GET", "/api/v1/incidents", " text/csv", "exports"),
        ("GET", "/public-reports.zip", " text/html,*/*;q=0.8", "exports"),
        ("GET", "/api/v1/incidents", " application/json", "reads"),
        ("GET", "/search", "", "search"),
        ("GET", "/api/v1/search", "", "search"),
        ("POST", "/incidents/new", "", "writes"),
        ("DELETE", "/api/v1/incidents/x", "", "writes"),
        ("POST", "/mcp", "", "reads"),
        ("POST", "/mcp/", "", "reads"),
        ("GET", "/", "", "reads"),
    ],
)
def test_a_request_falls_under_one_limit(method: str, path: str, wanted: str, name: str) -> None:
    assert rates.rate_of(method, path, wanted).name == name


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: rate.name)
def test_a_person_may_ask_more_than_a_token_and_an_address_less(rate: Rate) -> None:
    assert rate.of_person > rate.of_token > rate.of_address > 0


@pytest.mark.parametrize("percent, most", [(100, 3), (1000, 30), (50, 1), (1, 1)])
def test_an_operator_moves_them_all(percent: int, most: int, clock: Clock) -> None:
    taken = rates.now_taken(SMALL["reads"], [("one token", "token 1", 3)], percent)

    assert (taken.most, taken.left) == (most, most - 1)


class TestWithoutLimits:
    @pytest.fixture
    def app_settings(self) -> dict[str, Any]:
        return {"limits_percent": 0}

    def test_nobody_is_counted(self, world: World, client: FlaskClient) -> None:
        asked = [client.get("/api/v1/incidents", headers=world.headers("ada")) for _ in range(9)]

        assert [answer.status_code for answer in asked] == [200] * 9
        assert "RateLimit" not in asked[0].headers


def taken(counts: Counts, times: int, most: int = 100) -> list[bool]:
    who = [("one token", "token 1", most)]
    return [counts.take(SMALL["reads"], who, the_clock.now()).is_allowed for _ in range(times)]


def shared(monkeypatch: pytest.MonkeyPatch, counts: Counts) -> None:
    monkeypatch.setattr(rates, "counts", counts)
    rates.share()


def test_processes_count_together(any_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Counts(), Counts()
    taken(first, 60)
    taken(second, 30)
    for counts in (first, second, first):
        shared(monkeypatch, counts)
        taken(counts, 1)
    shared(monkeypatch, second)

    # 93 by then, of which the last is not told yet.
    assert taken(second, 20).count(True) == 8


def test_who_stays_far_from_a_limit_costs_no_statement(
    any_database: str,
    monkeypatch: pytest.MonkeyPatch,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    counts = Counts()
    with count_queries() as asked:
        taken(counts, 19)
        shared(monkeypatch, counts)
    assert asked == []

    taken(counts, 1)
    shared(monkeypatch, counts)
    with db.reading() as session:
        assert session.scalar(select(RequestWindow.requests)) == 20


def test_old_minutes_are_removed(any_database: str, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    for _ in range(4):
        counts = Counts()
        taken(counts, 50)
        shared(monkeypatch, counts)
        clock.advance(minutes=1)

    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(RequestWindow)) == 2


def test_a_database_that_is_away_leaves_each_process_its_own_limit(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = Counts()
    taken(counts, 50)
    with db.transaction() as session:
        session.execute(text("DROP TABLE request_windows"))
    shared(monkeypatch, counts)

    assert taken(counts, 100).count(True) == 50


def test_ever_other_addresses_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(rates, "MOST_COUNTED", 10)
    counts = Counts()
    allowed = [
        counts.take(SMALL["reads"], [("one address", f"address {number}", 5)], the_clock.now()).is_allowed
        for number in range(30)
    ]

    assert allowed.count(True) == 10 + 5
    assert len(counts.by) == 11


def test_what_is_counted_fits_its_column() -> None:
    longest = max(len(rate.name) for rate in RATES) + 1 + 120

    assert longest <= RequestWindow.__table__.c.who.type.length  # type: ignore[attr-defined]
    assert rates.PAUSE_S < limits.RATE_WINDOW_S


def test_real_processes_share_a_limit(tmp_path: Path) -> None:
    workers = {"GUNICORN_CMD_ARGS": "--workers 2", "POSTMORTEMS_LIMITS_PERCENT": "1"}
    with group(f"sqlite:///{tmp_path / 'test.db'}", tmp_path, forked.Process) as made:
        server = made.gunicorn(**workers)
        headers = made.headers("ada")
        said = [200]
        while said[-1] == 200 and len(said) < 240:
            said.append(server.send("GET", "/api/v1/search?q=x", headers=headers).status)
        server.end()

    # Thirty of one token. Each process may let so many through before it hears of the other, and once more
    # where a minute ends meanwhile.
    assert said[-1] == 429
    assert 30 <= len(said) - 2 <= 120
