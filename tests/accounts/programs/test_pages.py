"""The page and the API of service accounts: what each role sees there and may do."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from postmortems.accounts import operations as accounts
from postmortems.db import session as db
from tests.world import World

PAGE = "/settings/service-accounts"
FORM = {"name": "data8-deploys", "role": "author", "purpose": "deploys of data8", "owner": "ada", "team": ""}
API = "/api/v1/service-accounts"


@pytest.fixture
def otto(world: World) -> World:
    """The world, with an operator and a token of theirs."""
    with db.transaction():
        accounts.add_user("otto", "operator", actor=world.system)
        world.tokens["otto"] = accounts.add_token("otto", "all", ["admin"], None, actor=world.system)[1]
    return world


def test_an_admin_makes_one_and_a_token_that_asks_the_gate(world: World) -> None:
    browser = world.browser("ben")

    made = browser.send(PAGE, FORM)
    assert made.headers["Location"] == f"{PAGE}/data8-deploys"
    token = browser.send(
        f"{PAGE}/data8-deploys/tokens", {"token": "runner", "scopes": ["gate:read"], "days": "90"}
    ).text
    secret = re.search(r"pm_[\w-]+", token)
    assert secret is not None
    headers = {"Authorization": f"Bearer {secret[0]}"}
    assert browser.get("/api/v1/gate/decisions", headers=headers).status_code == 200

    shown = browser.get(f"{PAGE}/data8-deploys").text
    assert secret[0] not in shown
    assert "runner" in shown
    number = re.search(r"tokens/(\d+)/revoke", shown)
    assert number is not None
    assert browser.send(f"{PAGE}/data8-deploys/tokens/{number[1]}/revoke").status_code == 303
    assert browser.get("/api/v1/gate/decisions", headers=headers).status_code == 401


def test_what_is_wrong_is_said_at_the_field_and_nothing_is_stored(world: World) -> None:
    browser = world.browser("ben")

    answer = browser.send(PAGE, FORM | {"owner": ""})

    assert answer.status_code == 422
    assert "name the person or the team that answers for it" in answer.text
    assert "There is no service account yet" in browser.get(PAGE).text


def test_an_operator_makes_viewers_and_leaves_tokens_to_admins(otto: World) -> None:
    browser = otto.browser("otto")

    assert 'value="author"' not in browser.get(PAGE).text
    assert browser.send(PAGE, FORM).status_code == 403
    assert browser.send(PAGE, FORM | {"role": "viewer"}).status_code == 303
    shown = browser.get(f"{PAGE}/data8-deploys").text
    assert "An admin makes and revokes its tokens" in shown
    assert browser.send(f"{PAGE}/data8-deploys/tokens", {"token": "x"}).status_code == 403
    assert browser.send(f"{PAGE}/data8-deploys", {"do": "switch-off"}).status_code == 303
    assert "Switch on" in browser.get(f"{PAGE}/data8-deploys").text


def test_it_is_not_among_people(world: World) -> None:
    world.browser("ben").send(PAGE, FORM)

    assert "data8-deploys" not in world.browser("ben").get("/settings/people").text
    assert world.browser("ben").send("/settings/people/data8-deploys", {"do": "link"}).status_code == 409


def test_programs_list_and_change_them(app: Flask, otto: World) -> None:
    client, headers = app.test_client(), otto.headers("otto")
    body = FORM | {"role": "viewer"}

    made = client.post(API, json=body, headers=headers)
    assert made.status_code == 201, made.text
    assert made.json["owner"] == "ada"
    assert client.post(API, json=body, headers=headers).status_code == 409
    changed = client.patch(f"{API}/data8-deploys", json={"is_active": False}, headers=headers)
    assert (changed.status_code, changed.json["is_active"]) == (200, False)
    listed = client.get(API, headers=headers).json
    assert [(one["name"], one["role"]) for one in listed["service_accounts"]] == [("data8-deploys", "viewer")]
    assert client.patch(f"{API}/ada", json={"is_active": False}, headers=headers).status_code == 404


@pytest.mark.parametrize(
    "body, status",
    [
        ({}, 422),
        ({"name": "x"}, 422),
        ({"name": "x", "owner": "ada", "role": "admin"}, 422),
        ({"name": "x", "owner": "ada", "kind": "person"}, 422),
        ({"name": "x", "owner": "ada", "team": "lab"}, 422),
        ({"name": "x", "owner": "ada", "role": "author"}, 403),
    ],
)
def test_what_a_program_sends_wrong_is_refused(
    app: Flask, otto: World, body: dict[str, str], status: int
) -> None:
    answer = app.test_client().post(API, json=body, headers=otto.headers("otto"))

    assert answer.status_code == status, answer.text
