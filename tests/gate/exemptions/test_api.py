"""Overrides, waivers and verified decisions over HTTP, and as pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from postmortems.accounts import operations as accounts_operations
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.guards.kinds.registry import KINDS
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import CLAIM, WHY, only, request
from tests.shown import words
from tests.world import World

DECISIONS, OVERRIDES, WAIVERS = "/api/v1/gate/decisions", "/api/v1/gate/overrides", "/api/v1/gate/waivers"
Call = Any


@pytest.fixture
def call(client: FlaskClient, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})
    founding.tell(clock.now())
    only("target-confirmed")

    def made(method: str, path: str, body: Any = None, by: str = "cy") -> Any:
        return client.open(path, method=method, json=body, headers=world.headers(by))

    return made


def blocked(call: Call) -> str:
    return str(call("POST", DECISIONS, request(declared_target="x")).json["id"])


def requested(call: Call) -> Any:
    return call(
        "POST", f"{DECISIONS}/{blocked(call)}/overrides", {"guards": ["target-confirmed"], "reason": WHY}
    ).json


def test_a_viewers_token_requests_and_reads_and_no_token_grants(call: Call) -> None:
    made = requested(call)
    assert (made["state"], made["expires_s"], made["requested_by"]) == ("requested", 3600, "cy")
    place = f"{OVERRIDES}/{made['id']}"
    assert call("GET", place).json == made
    assert call("GET", f"{OVERRIDES}?state=requested").json["overrides"] == [made]
    assert call("GET", f"{OVERRIDES}?state=granted").json["overrides"] == []
    assert call("GET", f"{DECISIONS}/{made['decision_id']}/overrides").json["overrides"] == [made]
    for by in ("cy", "ada", "ben"):
        for act in ("grant", "refuse"):
            assert call("POST", f"{place}/{act}", by=by).status_code == 403
    assert call("GET", place).json["state"] == "requested"


@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", f"{OVERRIDES}/99"),
        ("GET", f"{DECISIONS}/dec_none/overrides"),
        ("POST", f"{WAIVERS}/99/end"),
    ],
)
def test_what_is_not_there_is_not_found(call: Call, method: str, path: str) -> None:
    assert call(method, path, by="ben").status_code == 404


def test_a_wrong_body_is_a_problem_with_a_pointer(call: Call) -> None:
    path = f"{DECISIONS}/{blocked(call)}/overrides"
    for body, pointer in (
        ({"guards": ["target-confirmed"], "reason": "short"}, "/reason"),
        ({"reason": WHY}, "/guards"),
        ({"guards": ["nobody"], "reason": WHY}, "/guards/0"),
    ):
        answer = call("POST", path, body)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_waivers_come_and_end(call: Call, clock: Clock) -> None:
    until = (clock.now() + timedelta(days=3)).isoformat()
    fields = {"kind": "waiver", "guard": "target-confirmed", "reason": WHY, "until": until}
    assert call("POST", WAIVERS, fields, by="ada").status_code == 403
    made = call("POST", WAIVERS, fields, by="ben")
    assert (made.status_code, made.json["owner"]) == (201, "ben")
    assert call("POST", DECISIONS, request(declared_target="x")).json["decision"] == "allow"
    assert len(call("GET", WAIVERS).json["waivers"]) == 1

    assert call("POST", f"{WAIVERS}/{made.json['id']}/end", by="ben").json["ended_by"] == "ben"
    assert call("GET", WAIVERS).json["waivers"] == []
    assert len(call("GET", f"{WAIVERS}?all=true").json["waivers"]) == 1
    assert call("POST", DECISIONS, request(declared_target="x")).json["decision"] == "block"


def test_a_decision_that_is_shown_for_something_else_is_a_security_event(call: Call) -> None:
    allowed = call("POST", DECISIONS, request()).json["id"]
    place = f"{DECISIONS}/{allowed}/verify"
    for claim, code in (
        ({"artifact": {"digest": founding.OLD}}, "other_artifact"),
        ({"target": "staging"}, "other_target"),
    ):
        found = call("POST", place, CLAIM | claim).json
        assert (found["is_valid"], found["reason_code"]) == (False, code)
    assert call("POST", place, CLAIM).json["is_valid"]
    with db.reading():
        misused = session().scalars(select(Event).where(Event.verb == "decision.misused")).all()
        assert [event.data["was"] for event in misused] == ["other_artifact", "other_target"]
        assert {event.subject for event in misused} == {allowed}


def test_a_decision_serves_once_where_that_is_said(call: Call) -> None:
    place = f"{DECISIONS}/{call('POST', DECISIONS, request()).json['id']}/verify"
    codes = [
        call("POST", place, CLAIM | claim).json["reason_code"]
        for claim in ({}, {}, {"use": True}, {}, {"use": True})
    ]
    assert codes == ["valid", "valid", "valid", "used", "used"]


def test_on_its_page_an_override_is_asked_for_granted_and_serves_once(call: Call, world: World) -> None:
    page = f"/gate/{blocked(call)}"
    viewer, admin = world.browser("cy"), world.browser("ben")
    assert "May pass it over an admin" in words(viewer.get(page).text)

    refused = viewer.send(f"{page}/overrides", {"guards": "target-confirmed", "reason": "no"})
    assert refused.status_code == 422
    assert "say why" in words(refused.text)
    form = {"guards": "target-confirmed", "reason": WHY, "expires_s": "900", "ticket": "T-1"}
    assert viewer.send(f"{page}/overrides", form).headers["Location"] == f"{page}#overrides"
    assert "Grant" not in words(viewer.get(page).text).split("Overrides")[1].split("Request an override")[0]
    assert WHY in words(admin.get("/gate/waivers").text)

    assert viewer.send("/gate/overrides/1/grant").status_code == 403
    granted = words(admin.send("/gate/overrides/1/grant", follow_redirects=True).text)
    assert "follows it up" in granted
    assert "ben has granted this override already" in words(
        admin.send("/gate/overrides/1/refuse", follow_redirects=True).text
    )

    answer = call("POST", DECISIONS, request(declared_target="x")).json
    text = words(viewer.get(f"/gate/{answer['id']}").text)
    assert "What was waived" in text
    assert "The guard itself says" in text
    found = [call("POST", f"{DECISIONS}/{answer['id']}/verify", CLAIM).json["reason_code"] for _ in range(2)]
    assert found == ["valid", "used"]


def test_on_their_page_waivers_are_made_shown_and_ended(call: Call, world: World) -> None:
    admin = world.browser("ben")
    form = {"kind": "waiver", "guard": "target-confirmed", "reason": WHY, "until": "2026-03-09T00:00"}
    form |= {"zone": "America/Los_Angeles", "owner": "@sam"}

    assert admin.send("/gate/waivers", form | {"until": "soon"}).status_code == 422
    assert admin.send("/gate/waivers", form | {"guard": "nobody"}).status_code == 422
    assert world.browser("ada").send("/gate/waivers", form).status_code == 403
    shown = words(admin.send("/gate/waivers", form, follow_redirects=True).text)
    assert "2026-03-09 00:00 PDT" in shown
    assert "@sam" in shown
    assert WHY in words(admin.get("/guards/target-confirmed").text)

    assert "Every guard" not in shown
    ended = words(admin.send("/gate/waivers/1/end", follow_redirects=True).text)
    assert "every guard stops what it should" in ended
    assert "ended by ben" in words(admin.get("/gate/waivers?show=all").text)


def test_on_their_page_another_admin_grants_what_one_has_made(call: Call, world: World) -> None:
    with db.transaction():
        accounts_operations.change_user("ada", role="admin", is_active=True, actor=world.ben)
    ben, ada = world.browser("ben"), world.browser("ada")
    form = {"kind": "pause", "guard": "target-confirmed", "reason": WHY, "until": "2026-03-03T00:00"}

    made = words(ben.send("/gate/waivers", form, follow_redirects=True).text)
    assert "once another admin grants it" in made
    assert "does not count yet: another admin has to grant it" in made
    assert "Grant" not in made.split("another admin has to grant it")[1]
    assert ben.send("/gate/waivers/1/grant").status_code == 403
    assert call("POST", f"{WAIVERS}/1/grant", by="ada").status_code == 403
    assert "Grant" in words(ada.get("/gate/waivers").text).split("another admin has to grant it")[1]

    granted = words(ada.send("/gate/waivers/1/grant", follow_redirects=True).text)
    assert "it lets deploys past target-confirmed" in granted
    assert "granted by ada" in granted
    assert call("GET", WAIVERS).json["waivers"][0]["granted_by"] == "ada"


def test_decisions_are_found_by_day_artifact_and_guard(call: Call, world: World, clock: Clock) -> None:
    first = blocked(call)
    clock.advance(days=1)
    second = call("POST", DECISIONS, request(artifact={"digest": founding.OLD})).json["id"]
    only("lab-hours")
    clock.advance(seconds=1)
    third = call("POST", DECISIONS, request(dry_run=True)).json["id"]

    def found(query: str) -> list[str]:
        return [one["id"] for one in call("GET", f"{DECISIONS}?{query}").json["decisions"]]

    assert found("until=2026-03-02") == [first]
    assert found("since=2026-03-03") == [third, second]
    assert found("since=2026-03-03&until=2026-03-02") == []
    assert found(f"artifact={founding.OLD}") == [second]
    assert found("guard=lab-hours") == [third]
    assert found("guard=target-confirmed") == [second, first]
    assert call("GET", f"{DECISIONS}?since=yesterday").status_code == 422
    browser = world.browser("cy")
    assert browser.get("/gate?guard=lab-hours&since=2026-03-03").text.count("<tr><td>") == 1
    assert browser.get("/gate?since=never").status_code == 200
