"""Sign-offs and policies through both doors: by people in their own name, never by a pipeline."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.decisions import ask as decisions_ask
from postmortems.gate.enforcement import guard_changes
from postmortems.guards.models import Evidence
from tests.artifacts import digest
from tests.runtimes import RUNTIME, VAULT
from tests.world import World

LINE = "I have opened the hub"
GUARD = {
    "slug": "opened-by-hand",
    "kind": "signoff",
    "config": {"checklist": [LINE]},
    "targets": ["data8/prod"],
}
SIGNED = {
    "guard": "opened-by-hand",
    "service": "data8",
    "target": "prod",
    "artifact": {"digest": digest("1")},
    "result": "approved",
    "checklist": [LINE],
}


@pytest.fixture
def guarded(app: Flask, world: World) -> World:
    with db.transaction():
        guard_changes.create(GUARD, actor=world.system, vault=VAULT)
    return world


def ask(world: World, digest: str = digest("1"), actor: str = "ada") -> dict[str, Any]:
    asked = {"service": "data8", "target": "prod", "artifact": {"digest": digest}, "actor": actor}
    return decisions_ask.ask(asked, actor=world.ada, runtime=RUNTIME)


def verdict(answer: dict[str, Any]) -> str:
    return str(answer["guards"][0]["verdict"])


def post(world: World, body: dict[str, Any], headers: dict[str, str]) -> Any:
    assert world.app is not None
    return world.app.test_client().post("/api/v1/evidence/signoffs", json=body, headers=headers)


def test_a_deploy_waits_until_somebody_else_has_approved_it(guarded: World) -> None:
    assert verdict(ask(guarded)) == "pending"

    answer = post(guarded, SIGNED, guarded.headers("ben"))
    assert (answer.status_code, answer.json["kind"], answer.json["trust"]) == (201, "signoff", "person")
    assert verdict(ask(guarded)) == "pass"
    assert verdict(ask(guarded, digest("2"))) == "pending"


def test_what_is_asked_for_shows_up_where_people_look(guarded: World) -> None:
    ask(guarded)
    ben, ada = guarded.browser("ben"), guarded.browser("ada")

    assert "opened-by-hand" in ben.get("/").text
    assert "digest=sha256%3A1" in ben.get("/signoffs").text
    assert "asks for this deploy" in ada.get("/signoffs").text
    assert "Sign-offs asked of you" not in ada.get("/").text

    form = {name: SIGNED[name] for name in ("guard", "service", "target", "result")}
    form |= {"digest": digest("1"), "checklist": LINE}
    assert (
        LINE
        in ben.get("/signoffs/new?guard=opened-by-hand&service=data8&target=prod&digest=" + digest("1")).text
    )
    assert ben.send("/signoffs/new", form).status_code == 303
    assert verdict(ask(guarded)) == "pass"
    assert "digest=sha256%3A1" not in ben.get("/signoffs").text


def test_pending_sign_offs_cost_the_same_number_of_queries_however_many(
    guarded: World, count_queries: Any
) -> None:
    def cost() -> int:
        with count_queries() as statements:
            assert client.get("/api/v1/signoffs", headers=guarded.headers("ben")).status_code == 200
        return len([text for text in statements if text.startswith("SELECT")])

    assert guarded.app is not None
    client = guarded.app.test_client()
    ask(guarded)
    cost()
    few = cost()
    for number in range(10):
        ask(guarded, digest(f"{number}"))
    assert cost() == few
    listed = client.get("/api/v1/signoffs", headers=guarded.headers("ben")).json["signoffs"]
    assert len(listed) == 10
    assert listed[0]["why_not"] == ""


@pytest.mark.parametrize(
    "changes, status, pointer",
    [
        ({"guard": "unknown"}, 404, None),
        ({"guard": "No Slug"}, 422, "/guard"),
        ({"target": "staging"}, 422, "/target"),
        ({"service": "nowhere"}, 422, "/target"),
        ({"artifact": {}}, 422, "/artifact"),
        ({"result": "maybe"}, 422, "/result"),
        ({"checklist": []}, 422, "/checklist"),
        ({"checklist": [LINE, "I like it"]}, 422, "/checklist"),
        ({"result": "rejected", "checklist": []}, 422, "/note"),
        ({"note": "x" * 2001}, 422, "/note"),
        ({"person": "ada"}, 422, "/person"),
    ],
)
def test_a_wrong_sign_off_names_the_field(
    changes: dict[str, Any], status: int, pointer: str | None, guarded: World
) -> None:
    answer = post(guarded, {**SIGNED, **changes}, guarded.headers("ben"))

    assert answer.status_code == status
    if pointer:
        assert [wrong["pointer"] for wrong in answer.json["errors"]] == [pointer]


def test_no_pipeline_can_sign_and_that_it_tried_is_told(guarded: World) -> None:
    pipeline = {"Authorization": f"Bearer {guarded.token('ben', 'gate:read', 'evidence:write')}"}

    assert post(guarded, SIGNED, pipeline).status_code == 403
    assert post(guarded, SIGNED, guarded.headers("cy")).status_code == 403
    with db.reading():
        assert session().scalar(select(func.count()).select_from(Evidence)) == 0
        assert [event.verb for event in audit.latest(limit=2)] == ["evidence.not_allowed"] * 2


def test_a_persons_token_signs_in_their_name(guarded: World) -> None:
    token = {"Authorization": f"Bearer {guarded.token('ben', 'sign')}"}

    assert post(guarded, SIGNED, token).json["issuer"] == "ben"


def test_who_is_not_asked_cannot_sign(guarded: World) -> None:
    with db.transaction():
        changed = {**GUARD, "slug": "by-admins", "config": {"from_roles": ["admin"]}}
        guard_changes.create(changed, actor=guarded.system, vault=VAULT)

    answer = post(guarded, {**SIGNED, "guard": "by-admins", "checklist": []}, guarded.headers("ada"))
    assert (answer.status_code, answer.json["detail"]) == (403, "ada is no admin")


# Policies.


def publish(client: FlaskClient, world: World, who: str = "ben", **fields: Any) -> Any:
    body = {"title": "Deployment policy", "text": "Open it on staging first.", **fields}
    return client.put("/api/v1/policies/deploys", json=body, headers=world.headers(who))


def test_a_policy_is_published_read_and_acknowledged(client: FlaskClient, world: World) -> None:
    with db.transaction():
        config = {"mode": "policy", "policy": "deploys", "valid_s": 86_400}
        guard_changes.create({**GUARD, "config": config}, actor=world.system, vault=VAULT)
    assert verdict(ask(world)) == "error"

    assert publish(client, world).json["newest"]["number"] == 1
    assert verdict(ask(world)) == "pending"
    ada = world.browser("ada")
    assert "I have read version 1" in ada.get("/policies/deploys").text
    assert ada.send("/policies/deploys/acknowledge", {"version": "1"}).status_code == 303
    assert verdict(ask(world)) == "pass"
    shown = ada.get("/policies/deploys").text
    assert "opened-by-hand" in shown
    assert "counts until" in shown

    assert publish(client, world, text="Anew.").json["newest"]["number"] == 2
    assert verdict(ask(world)) == "pending"
    path, headers = "/api/v1/policies/deploys/acknowledgements", world.headers("ada")
    assert client.post(path, json={"version": 1}, headers=headers).status_code == 409
    assert client.post(path, json={"version": 2}, headers=headers).status_code == 201
    assert verdict(ask(world)) == "pass"


@pytest.mark.parametrize(
    "fields, status, pointer",
    [
        ({"text": "", "url": ""}, 422, "/text"),
        ({"text": "", "url": "ftp://x"}, 422, "/url"),
        ({"url": "javascript:alert(1)"}, 422, "/url"),
        ({"title": ""}, 422, "/title"),
        ({"text": "x" * 200_001}, 422, "/text"),
        ({"after": 7}, 409, None),
        ({"version": 7}, 422, "/version"),
    ],
)
def test_a_wrong_policy_names_the_field(
    fields: dict[str, Any], status: int, pointer: str | None, client: FlaskClient, world: World
) -> None:
    answer = publish(client, world, **fields)

    assert answer.status_code == status
    if pointer:
        assert [wrong["pointer"] for wrong in answer.json["errors"]] == [pointer]


def test_only_admins_publish_and_no_pipeline_acknowledges(client: FlaskClient, world: World) -> None:
    assert publish(client, world, "ada").status_code == 403
    publish(client, world)
    pipeline = {"Authorization": f"Bearer {world.token('ada', 'read', 'gate:read', 'evidence:write')}"}

    path = "/api/v1/policies/deploys/acknowledgements"
    assert client.post(path, json={"version": 1}, headers=pipeline).status_code == 403
    assert client.get("/api/v1/policies", headers=pipeline).json["policies"][0]["slug"] == "deploys"


def test_an_admin_publishes_by_page(client: FlaskClient, world: World) -> None:
    ben = world.browser("ben")
    form = {"slug": "deploys", "title": "Deployment policy", "url": "https://wiki.example.org/deploys"}
    assert ben.send("/policies", form).status_code == 303
    assert ben.send("/policies", form).status_code == 422
    assert ben.send("/policies", {**form, "slug": "No Slug"}).status_code == 422

    assert ben.send("/policies/deploys", {**form, "text": "Here now.", "after": "1"}).status_code == 303
    assert ben.send("/policies/deploys", {**form, "text": "Late.", "after": "1"}).status_code == 422
    assert "Version 2" in ben.get("/policies/deploys").text
    assert "Deployment policy" in world.browser("cy").get("/policies").text
    assert world.browser("cy").send("/policies", form).status_code == 403
