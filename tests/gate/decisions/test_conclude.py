"""Waiting decisions are judged once more at their own address; a gate that breaks blocks and says so."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient
from jwt import PyJWK
from sqlalchemy import func, select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import NotFound
from postmortems.gate.decisions import ask
from postmortems.gate.models import Decision
from postmortems.gate.verdicts import guard_sets
from postmortems.guards.models import Evaluation
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import CI, change, guards, only, request
from tests.runtimes import RUNTIME
from tests.world import World

RUN = {"provider": "ci", "id": "17", "attempt": 1}
DECISIONS = "/api/v1/gate/decisions"


@pytest.fixture
def waiting(any_database: str, clock: Clock) -> dict[str, Any]:
    """A decision that waits for somebody to type the target."""
    founding.tell(clock.now())
    only("target-confirmed")
    change("target-confirmed", config={"confirm": "typed"})
    answer = ask.ask(request(run=RUN, wait_s=600), actor=CI, runtime=RUNTIME)
    assert answer["decision"] == "wait"
    return answer


def count(table: Any) -> int:
    with db.reading():
        return session().scalar(select(func.count()).select_from(table)) or 0


def test_what_vanishes_while_it_is_asked_for_is_not_there(
    waiting: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    surely = ask._surely

    def vanish(*parts: Any) -> ask.DecisionAnswer:
        with db.transaction():
            session().delete(session().get_one(Decision, waiting["id"]))
        return surely(*parts)

    monkeypatch.setattr(ask, "_surely", vanish)
    with pytest.raises(NotFound, match="any more"):
        ask.poll(waiting["id"], actor=CI, runtime=RUNTIME)


def test_what_waits_is_judged_once_more_in_its_place(waiting: dict[str, Any], clock: Clock) -> None:
    clock.advance(seconds=30)
    again = ask.poll(waiting["id"], actor=CI, runtime=RUNTIME).body
    assert (again["id"], again["decision"], again["wait_deadline"]) == (
        waiting["id"],
        "wait",
        waiting["wait_deadline"],
    )
    assert again["evaluated_at"] > waiting["evaluated_at"]

    change("target-confirmed", config={})
    clock.advance(seconds=30)
    settled = ask.poll(waiting["id"], actor=CI, runtime=RUNTIME).body
    assert settled["decision"] == "allow"
    assert ask.poll(waiting["id"], actor=CI, runtime=RUNTIME).body == settled
    assert count(Decision) == 1
    assert count(Evaluation) == 3


def test_at_its_deadline_it_is_a_block(waiting: dict[str, Any], clock: Clock) -> None:
    clock.advance(seconds=600)
    answer = ask.poll(waiting["id"], actor=CI, runtime=RUNTIME).body
    assert answer["decision"] == "block"
    assert answer["reasons"][0]["reason_code"] == "wait_deadline_passed"


def test_the_same_run_that_waits_polls(waiting: dict[str, Any]) -> None:
    assert ask.ask(request(run=RUN, wait_s=600), actor=CI, runtime=RUNTIME)["id"] == waiting["id"]
    with pytest.raises(NotFound):
        ask.poll("dec_none", actor=CI, runtime=RUNTIME)


def test_the_same_run_gets_its_allow_again_and_a_block_anew(waiting: dict[str, Any], clock: Clock) -> None:
    only("target-confirmed")
    change("target-confirmed", config={})
    run = {**RUN, "attempt": 2}
    blocked = ask.ask(request(run=run, declared_target="x"), actor=CI, runtime=RUNTIME)
    assert ask.ask(request(run=run, declared_target="x"), actor=CI, runtime=RUNTIME)["id"] != blocked["id"]

    allowed = ask.ask(request(run=run), actor=CI, runtime=RUNTIME)
    clock.advance(seconds=599)
    assert ask.ask(request(run=run), actor=CI, runtime=RUNTIME) == allowed
    clock.advance(seconds=1)
    assert ask.ask(request(run=run), actor=CI, runtime=RUNTIME)["id"] != allowed["id"]
    assert ask.ask(request(run={**run, "attempt": 3}), actor=CI, runtime=RUNTIME)["id"] != allowed["id"]


def test_a_key_is_free_again_when_its_answer_holds_no_longer(waiting: dict[str, Any], clock: Clock) -> None:
    change("target-confirmed", config={})
    first = ask.ask(request(), actor=CI, idempotency_key="k", runtime=RUNTIME)
    clock.advance(seconds=600)
    second = ask.ask(request(), actor=CI, idempotency_key="k", runtime=RUNTIME)
    assert first["id"] != second["id"]
    assert ask.ask(request(), actor=CI, idempotency_key="k", runtime=RUNTIME) == second


def test_a_gate_that_breaks_blocks_and_says_so(
    waiting: dict[str, Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise MemoryError("on purpose")

    monkeypatch.setattr(guard_sets, "of_target", broken)
    answer = ask.ask(request(), actor=CI, runtime=RUNTIME)
    assert (answer["decision"], answer["id"], guards(answer)) == ("block", "", {})
    assert [reason["reason_code"] for reason in answer["reasons"]] == ["gate_failed"]
    assert answer["reasons"][0]["remedy"]
    assert ask.poll(waiting["id"], actor=CI, runtime=RUNTIME).body["decision"] == "block"
    assert "could not decide" in caplog.text
    assert not db.is_open()


def test_over_http_waiting_is_202_with_where_to_ask(client: FlaskClient, world: World, clock: Clock) -> None:
    founding.tell(clock.now())
    only("target-confirmed")
    change("target-confirmed", config={"confirm": "typed"})
    asked = client.post(DECISIONS, json=request(wait_s=60), headers=world.headers())
    assert asked.status_code == 202
    place = asked.headers["Location"]
    assert place == f"{DECISIONS}/{asked.json['id']}"
    assert asked.headers["Retry-After"] == "10"

    assert client.get(place, headers=world.headers()).status_code == 202
    change("target-confirmed", config={})
    settled = client.get(place, headers=world.headers())
    assert (settled.status_code, settled.json["decision"]) == (200, "allow")
    assert client.post(DECISIONS, json=request(), headers=world.headers()).status_code == 200
    verdict = client.post(f"{DECISIONS}?http=verdict", json=request(wait_s=60), headers=world.headers())
    assert verdict.status_code == 200


def test_an_answer_is_signed_and_the_published_key_checks_it(
    client: FlaskClient, world: World, clock: Clock
) -> None:
    answer = client.post(DECISIONS, json=request(target="moon"), headers=world.headers()).json
    keys = client.get("/api/v1/gate/keys", headers=world.headers()).json["keys"]

    kid = jwt.get_unverified_header(answer["signature"])["kid"]
    key = PyJWK(next(key for key in keys if key["kid"] == kid))
    options: Any = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(answer["signature"], key, algorithms=["EdDSA"], options=options)

    assert (claims["jti"], claims["decision"], claims["target"]) == (answer["id"], "block", "data8/moon")
    assert claims["artifact"] == answer["artifact"]
    forged = answer["signature"][:-4] + "AAAA"
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(forged, key, algorithms=["EdDSA"], options=options)
