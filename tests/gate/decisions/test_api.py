"""The gate over HTTP: status, body, and what is stored."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from postmortems.db import session as db
from postmortems.gate.decisions import queries
from postmortems.guards.kinds.registry import KINDS
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import BAD, CLAIM, GOOD, request
from tests.world import World

DECISIONS = "/api/v1/gate/decisions"
SCENARIOS = "/api/v1/scenarios"
Call = Any


@pytest.fixture
def told(world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> str:
    """The founding story in the world's data8; the staging hub answers. The value is the incident's slug."""
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})
    return founding.tell(clock.now())


@pytest.fixture
def call(client: FlaskClient, world: World, told: str) -> Call:
    """Call the API as somebody: `call("POST", path, body)`."""

    def made(method: str, path: str, body: Any = None, by: str = "ada", **headers: str) -> Any:
        sent = {**world.headers(by), **{name.replace("_", "-"): value for name, value in headers.items()}}
        return client.open(path, method=method, json=body, headers=sent)

    return made


def test_the_gate_answers_with_every_reason(call: Call) -> None:
    asked = request(at=founding.LAB_TIME, dry_run=True, declared_target="biology/prod")
    answer = call("POST", DECISIONS, asked)

    assert answer.status_code == 200
    assert answer.json["decision"] == "block"
    failing = {one["guard"] for one in answer.json["guards"] if one["verdict"] == "fail"}
    assert failing == {"lab-hours", "target-confirmed", "staging-validated"}
    for one in answer.json["guards"]:
        assert one["because"][0]["incident"]["slug"] == "2018-01-25-accidental-merge"
        assert one["because"][0]["action_item"]["id"].startswith("AI-")


def test_a_caller_that_reads_statuses_only_gets_one(call: Call) -> None:
    blocked = request(declared_target="biology/prod")
    assert call("POST", f"{DECISIONS}?http=verdict", blocked).status_code == 403
    assert call("POST", f"{DECISIONS}?http=verdict", blocked).json["decision"] == "block"
    other = request(service="biology", declared_target="biology/prod")
    assert call("POST", f"{DECISIONS}?http=verdict", other).status_code == 200
    assert call("POST", f"{DECISIONS}?http=maybe", other).status_code == 422


def test_a_repeated_request_gets_its_first_answer(call: Call) -> None:
    first = call("POST", DECISIONS, request(), Idempotency_Key="run-17")
    again = call("POST", DECISIONS, request(), Idempotency_Key="run-17")
    other = call("POST", DECISIONS, request(target="staging"), Idempotency_Key="run-17")

    assert again.json == first.json
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert other.status_code == 422
    assert other.content_type == "application/problem+json"


def test_an_unknown_target_is_blocked(call: Call) -> None:
    answer = call("POST", DECISIONS, request(target="moon"))
    assert (answer.status_code, answer.json["decision"]) == (200, "block")
    assert answer.json["reasons"][0]["reason_code"] == "unknown_target"


@pytest.mark.parametrize(
    "body,status,pointer",
    [
        ({"service": "data8"}, 422, "/target"),
        (request(at="2018-01-25T15:30:00-08:00"), 422, "/at"),
        (request(at="noon", dry_run=True), 422, "/at"),
        (request(artifact={"digest": 1}), 422, "/artifact/digest"),
        (request(resolves=["AI-1", "x"]), 422, "/resolves/1"),
        (request(surprise=1), 422, "/surprise"),
        ([], 422, ""),
    ],
)
def test_a_wrong_body_is_a_problem_with_a_pointer(call: Call, body: Any, status: int, pointer: str) -> None:
    answer = call("POST", DECISIONS, body)
    assert answer.status_code == status
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]


def test_broken_json_is_a_problem_with_a_pointer(client: FlaskClient, world: World, told: str) -> None:
    headers = {**world.headers(), "Content-Type": "application/json"}
    answer = client.post(DECISIONS, data='{"service": ', headers=headers)
    assert answer.status_code == 400
    assert "pointer" in answer.json["errors"][0]


def test_nobody_and_narrow_tokens_are_refused(client: FlaskClient, world: World, told: str) -> None:
    assert client.post(DECISIONS, json=request()).status_code == 401
    narrow = {"Authorization": f"Bearer {world.token('ada', 'read')}"}
    assert client.post(DECISIONS, json=request(), headers=narrow).status_code == 403
    gate = {"Authorization": f"Bearer {world.token('ada', 'gate:read')}"}
    assert client.post(DECISIONS, json=request(), headers=gate).status_code == 200
    assert client.get(DECISIONS, headers=gate).status_code == 200


def test_decisions_are_listed_newest_first_by_key(call: Call, clock: Clock) -> None:
    ids = []
    for _ in range(5):
        ids.append(call("POST", DECISIONS, request(dry_run=True)).json["id"])
        clock.advance(seconds=1)

    first = call("GET", f"{DECISIONS}?limit=3").json
    rest = call("GET", f"{DECISIONS}?limit=3&after={first['next']}").json
    assert [one["id"] for one in first["decisions"] + rest["decisions"]] == ids[::-1]
    assert rest["next"] == ""


def test_decisions_are_filtered(call: Call) -> None:
    blocked = call("POST", DECISIONS, request(target="moon")).json["id"]
    warned = call("POST", DECISIONS, request(service="biology", dry_run=True)).json["id"]

    def found(query: str) -> list[str]:
        return [one["id"] for one in call("GET", f"{DECISIONS}?{query}").json["decisions"]]

    assert found("decision=block") == [blocked]
    assert found("service=biology") == [warned]
    assert found("target=biology/prod") == [warned]
    assert found("is_dry_run=false") == [blocked]
    assert call("GET", f"{DECISIONS}?decision=perhaps").status_code == 422
    assert call("GET", f"{DECISIONS}?colour=red").status_code == 422


def test_one_decision_is_what_was_answered(call: Call) -> None:
    answer = call("POST", DECISIONS, request()).json
    assert call("GET", f"{DECISIONS}/{answer['id']}").json == answer
    assert call("GET", f"{DECISIONS}/dec_none").status_code == 404


def attested(call: Call) -> str:
    """An allowed decision's id."""
    sent = call(
        "POST",
        "/api/v1/evidence/attestations",
        {
            "predicate": "staging-validated",
            "service": "data8",
            "target": "staging",
            "subject": {"digest": founding.NEW},
            "result": "passed",
        },
    )
    assert sent.status_code == 201, sent.json
    answer = call("POST", DECISIONS, request()).json
    assert answer["decision"] == "allow"
    return str(answer["id"])


@pytest.mark.parametrize(
    "claim,code",
    [
        ({}, "valid"),
        ({"target": "staging"}, "other_target"),
        ({"service": "biology", "target": "prod"}, "other_target"),
        ({"artifact": {"digest": founding.OLD}}, "other_artifact"),
        ({"artifact": {"sha": "0" * 40}}, "other_artifact"),
        ({"artifact": {"digest": founding.NEW, "components": {"image": "x"}}}, "other_artifact"),
    ],
)
def test_a_decision_holds_for_its_artifact_and_target(call: Call, claim: dict[str, Any], code: str) -> None:
    verified = call("POST", f"{DECISIONS}/{attested(call)}/verify", CLAIM | claim)
    assert verified.status_code == 200
    assert verified.json["reason_code"] == code
    assert verified.json["is_valid"] is (code == "valid")


@pytest.mark.parametrize(
    "claim,pointer",
    [
        ({}, "/service"),
        ({}, "/target"),
        ({}, "/artifact"),
        ({"service": "data8", "target": "prod"}, "/artifact"),
        (CLAIM | {"service": ""}, "/service"),
        (CLAIM | {"target": ""}, "/target"),
        (CLAIM | {"target": None}, "/target"),
        (CLAIM | {"artifact": None}, "/artifact"),
        (CLAIM | {"artifact": {}}, "/artifact"),
        (CLAIM | {"artifact": {"digest": ""}}, "/artifact"),
        (CLAIM | {"artifact": {"digest": " ", "sha": " "}}, "/artifact"),
        (CLAIM | {"artifact": {"components": {"image": "x"}}}, "/artifact"),
        (CLAIM | {"colour": 1}, "/colour"),
    ],
)
def test_what_does_not_say_what_is_deployed_where_is_not_verified(
    call: Call, claim: dict[str, Any], pointer: str
) -> None:
    refused = call("POST", f"{DECISIONS}/{attested(call)}/verify", claim)

    assert refused.status_code == 422
    assert pointer in {error["pointer"] for error in refused.json["errors"]}


def test_a_decision_ends(call: Call, clock: Clock) -> None:
    decision = attested(call)
    clock.advance(seconds=600)
    assert call("POST", f"{DECISIONS}/{decision}/verify", CLAIM).json["reason_code"] == "expired"


def test_what_was_blocked_or_only_tried_holds_for_nothing(call: Call) -> None:
    blocked = call("POST", DECISIONS, request(target="moon")).json["id"]
    tried = call("POST", DECISIONS, request(dry_run=True)).json["id"]
    assert (
        call("POST", f"{DECISIONS}/{blocked}/verify", CLAIM | {"target": "moon"}).json["reason_code"]
        == "not_allowed"
    )
    assert call("POST", f"{DECISIONS}/{tried}/verify", CLAIM).json["reason_code"] == "dry_run"
    assert call("POST", f"{DECISIONS}/dec_none/verify", CLAIM).status_code == 404


def test_scenarios_come_and_go(call: Call, told: str) -> None:
    fields = {"incident": told, "name": "third", "kind": "good", "facts": GOOD}
    made = call("POST", SCENARIOS, fields)
    path = f"{SCENARIOS}/{made.json['id']}"

    assert made.status_code == 201
    assert made.json["newest_drill"]["decision"] == "allow"
    assert call("GET", path).json["name"] == "third"
    assert call("PATCH", path, {"kind": "bad", "facts": BAD}).json["newest_drill"]["decision"] == "block"
    assert call("PATCH", path, {"facts": {"at": BAD["at"]}}).json["errors"][0]["pointer"] == "/facts/request"
    assert call("DELETE", path).status_code == 204
    assert call("GET", path).status_code == 404


@pytest.mark.parametrize(
    "changes, header, status",
    [
        ({"revision": 1}, None, 200),
        ({"revision": 9}, None, 409),
        ({}, '"1"', 200),
        ({}, '"9"', 412),
        ({}, "*", 200),
        ({}, '"one"', 422),
        ({}, '"1", "2"', 422),
        ({"revision": 0}, None, 422),
    ],
)
def test_an_edit_may_name_the_revision_that_it_began_from(
    call: Call, changes: dict[str, Any], header: str | None, status: int
) -> None:
    path = f"{SCENARIOS}/1"
    assert call("GET", path).headers["ETag"] == '"1"'

    answer = call("PATCH", path, {"name": "again", **changes}, **({"If_Match": header} if header else {}))

    assert answer.status_code == status
    assert (answer.json.get("revision") == 2) is (status == 200)
    assert ("name: again" in answer.json.get("mine", "")) is (status in {409, 412})


def test_scenarios_are_listed_by_incident(call: Call, told: str) -> None:
    listed = call("GET", f"{SCENARIOS}?incident={told}").json
    assert [one["kind"] for one in listed["scenarios"]] == ["bad", "good"]
    assert call("GET", f"{SCENARIOS}?incident=none").json == {"scenarios": [], "next": ""}
    first = call("GET", f"{SCENARIOS}?limit=1").json
    second = call("GET", f"{SCENARIOS}?limit=1&after={first['next']}").json
    assert [one["scenarios"][0]["kind"] for one in (first, second)] == ["bad", "good"]


def test_a_drill_says_what_each_guard_said(call: Call) -> None:
    drilled = call("POST", f"{SCENARIOS}/1/drill")
    assert drilled.status_code == 200
    assert drilled.json["is_as_expected"]
    assert {one["verdict"] for one in drilled.json["results"]} == {"fail"}


@pytest.mark.parametrize(
    "method,path,body",
    [
        (
            "POST",
            SCENARIOS,
            {"incident": "2018-01-25-accidental-merge", "name": "x", "kind": "bad", "facts": BAD},
        ),
        ("PATCH", f"{SCENARIOS}/1", {"kind": "good"}),
        ("DELETE", f"{SCENARIOS}/1", None),
        ("POST", f"{SCENARIOS}/1/drill", None),
    ],
)
def test_a_viewer_changes_nothing(call: Call, method: str, path: str, body: Any) -> None:
    assert call(method, path, body, by="cy").status_code == 403
    with db.reading():
        assert queries.scenario(1).kind == "bad"


@pytest.mark.parametrize(
    "method,path",
    [
        ("GET", f"{SCENARIOS}/99"),
        ("PATCH", f"{SCENARIOS}/99"),
        ("DELETE", f"{SCENARIOS}/99"),
        ("POST", f"{SCENARIOS}/99/drill"),
    ],
)
def test_what_is_not_there_is_not_found(call: Call, method: str, path: str) -> None:
    body = {"kind": "good"} if method == "PATCH" else None
    assert call(method, path, body).status_code == 404
