"""Pings: by key alone, POST only, bounded in size and number, and the last good one is never swept away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Invalid, NotAllowed, NotFound
from postmortems.guards import queries
from postmortems.guards.judgement import EvidenceItem, EvidenceNeed, Question
from postmortems.guards.kinds.heartbeat import pings
from postmortems.guards.models import Ping
from tests.conftest import Clock
from tests.guards.conftest import SYSTEM, VIEWER, add_guard
from tests.world import World

BACKUP = {"slug": "backup", "kind": "heartbeat", "config": {"period_s": 3600}, "targets": ["data8/prod"]}


@pytest.fixture
def key(data8: None) -> str:
    with db.transaction():
        add_guard(**BACKUP)
        return pings.make_key("backup", actor=SYSTEM)


def ping(key: str, result: str = "success", **more: Any) -> None:
    with db.transaction():
        pings.ping(key, result, **more)


def seen(clock: Clock, **changes: Any) -> list[EvidenceItem]:
    with db.reading():
        guard = queries.by_slug("backup")
        asked = Question(**{"now": clock.now(), "target": "data8/prod", **changes})
        return queries.evidence([EvidenceNeed("ping")], asked, guard.id)


def test_what_a_job_says_is_what_its_guard_judges(key: str, clock: Clock) -> None:
    ping(key, "start", rid="a")
    clock.advance(seconds=60)
    ping(key, "fail", rid="a", exit_status=2, body=b"no space left\0")

    assert [(one.result, one.data) for one in seen(clock)] == [
        ("fail", {"rid": "a", "exit_status": 2}),
        ("start", {"rid": "a", "exit_status": None}),
    ]
    with db.reading():
        heart = pings.of(queries.by_slug("backup"))
        assert heart is not None
        assert [one.body for one in pings.pings(heart)] == ["no space left\ufffd", ""]


def test_one_ping_is_one_update_and_one_insert(key: str, count_queries: Any) -> None:
    ping(key)

    with count_queries() as statements:
        ping(key)
    written = [text.split()[0] for text in statements if text.split()[0] in {"UPDATE", "INSERT", "SELECT"}]
    assert written == ["UPDATE", "INSERT"]


def test_old_pings_go_but_the_last_good_one_stays(key: str, clock: Clock) -> None:
    ping(key)
    for _ in range(pings.KEPT + 2 * pings.SWEEP_EVERY):
        clock.advance(seconds=1)
        ping(key, "start")

    with db.reading():
        kept = session().scalar(select(func.count()).select_from(Ping)) or 0
        assert pings.KEPT < kept <= pings.KEPT + pings.SWEEP_EVERY
    assert [one.result for one in seen(clock)] == ["start"] * 20 + ["success"]


def test_a_moment_in_the_past_sees_what_was_there_then(key: str, clock: Clock) -> None:
    ping(key)
    clock.advance(hours=1)
    for _ in range(30):
        ping(key, "start")

    then = clock.now() - timedelta(minutes=30)
    assert [one.result for one in seen(clock, now=then, is_replay=True)] == ["success"]


def test_a_new_key_takes_the_place_of_the_old_one(key: str) -> None:
    with db.transaction():
        newer = pings.make_key("backup", actor=SYSTEM)
    ping(newer)

    with pytest.raises(NotFound):
        ping(key)
    with db.reading():
        verbs = [event.verb for event in audit.of("guard", "backup")]
        assert verbs[:2] == ["guard.key_replaced", "guard.key_made"]


def test_only_a_heartbeat_gets_a_key_and_only_from_who_may_edit(key: str) -> None:
    with db.transaction():
        add_guard()
        with pytest.raises(Invalid, match="window"):
            pings.make_key("lab-hours", actor=SYSTEM)
        with pytest.raises(NotAllowed):
            pings.make_key("backup", actor=VIEWER)


def test_a_guard_that_goes_takes_its_job_along(key: str) -> None:
    ping(key)
    with db.transaction():
        session().delete(queries.by_slug("backup"))

    with db.reading():
        assert session().scalar(select(func.count()).select_from(Ping)) == 0
    with pytest.raises(NotFound):
        ping(key)


# Over HTTP.


@pytest.fixture
def address(app: Flask, world: World) -> str:
    """Where the job of the guard `backup` pings."""
    made = app.test_client().post("/api/v1/guards", json=BACKUP, headers=world.headers())
    assert made.status_code == 201
    answer = app.test_client().post("/api/v1/guards/backup/heartbeat-key", headers=world.headers())
    assert answer.status_code == 201
    assert answer.json["url"].endswith(f"/api/v1/heartbeats/{answer.json['key']}")
    return f"/api/v1/heartbeats/{answer.json['key']}"


@pytest.mark.parametrize(
    "path, received",
    [
        ("", "success"),
        ("/start", "start"),
        ("/fail", "fail"),
        ("/0", "success"),
        ("/1", "fail"),
        ("/255", "fail"),
        ("?rid=run-1", "success"),
        ("/start?rid=7f0c.2", "start"),
    ],
)
def test_anybody_who_knows_the_address_can_ping(
    path: str, received: str, address: str, client: FlaskClient
) -> None:
    answer = client.post(address + path, data=b"printed", content_type="text/plain")

    assert (answer.status_code, answer.json) == (200, {"received": received})


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "", 405),
        ("HEAD", "", 405),
        ("PUT", "", 405),
        ("GET", "/start", 405),
        ("POST", "x", 404),
        ("POST", "/256", 422),
        ("POST", "/-1", 404),
        ("POST", "/1e3", 404),
        ("POST", "/99999999999999999999", 422),
        ("POST", "?rid=a%20b", 422),
        ("POST", f"?rid={'a' * 65}", 422),
        ("POST", "?run=1", 422),
        ("POST", "/stop", 404),
    ],
)
def test_what_is_no_ping_is_refused(
    method: str, path: str, status: int, address: str, client: FlaskClient
) -> None:
    assert client.open(address + path, method=method).status_code == status


def test_of_a_megabyte_the_beginning_is_kept(address: str, client: FlaskClient, world: World) -> None:
    assert client.post(address, data=b"\xff" + b"x" * 1_000_000).status_code == 200

    listed = client.get("/api/v1/guards/backup/pings", headers=world.headers()).json["pings"]
    assert [len(one["body"]) for one in listed] == [pings.LONGEST_BODY]
    assert listed[0]["body"].startswith("\ufffdx")


def test_a_flood_is_told_to_slow_down(address: str, client: FlaskClient, clock: Clock) -> None:
    with db.transaction():
        heart = pings.of(queries.by_slug("backup"))
        assert heart is not None
        heart.minute, heart.in_minute = int(clock.now().timestamp()) // 60, pings.MOST_A_MINUTE

    answer = client.post(address)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    clock.advance(seconds=60)
    assert client.post(address).status_code == 200


def test_pings_are_listed_a_page_at_a_time(address: str, client: FlaskClient, world: World) -> None:
    for _ in range(3):
        client.post(address)

    first = client.get("/api/v1/guards/backup/pings?limit=2", headers=world.headers()).json
    assert ([one["number"] for one in first["pings"]], first["next"]) == ([3, 2], 2)
    second = client.get("/api/v1/guards/backup/pings?limit=2&after=2", headers=world.headers()).json
    assert ([one["number"] for one in second["pings"]], second["next"]) == ([1], 0)


def test_the_page_makes_an_address_once_and_shows_what_the_job_said(
    address: str, client: FlaskClient, world: World
) -> None:
    client.post(address + "/2", data=b"<b>no space</b>")
    browser = world.browser("ada")

    assert "exit status 2" in browser.get("/guards/backup/pings").text
    assert "&lt;b&gt;no space" in browser.get("/guards/backup/pings").text
    made = browser.send("/guards/backup/pings")
    assert "/api/v1/heartbeats/hb_" in made.text
    assert "/api/v1/heartbeats/hb_" not in browser.get("/guards/backup/pings").text
    assert client.post(address).status_code == 404
    assert world.browser("cy").send("/guards/backup/pings").status_code == 403
