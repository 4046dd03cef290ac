"""Tokens on pages and at the doors: bound to networks, replaced, listed for admins."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from postmortems.accounts import operations as accounts
from postmortems.accounts.models import Token
from postmortems.audit import queries as audit
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from tests.conftest import Clock
from tests.gate import founding
from tests.world import World

NEAR, FAR = {"REMOTE_ADDR": "10.1.2.3"}, {"REMOTE_ADDR": "203.0.113.9"}
SECRET = re.compile(r"pm_[\w-]+")


def bound(world: World, *scopes: str) -> dict[str, str]:
    with db.transaction():
        _, secret = accounts.add_token(
            "ada", "runner", [*scopes], 90 * 86_400, networks=["10.0.0.0/8"], actor=world.ada
        )
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize(
    "method, path, body, works",
    [
        ("GET", "/api/v1/incidents", None, 200),
        ("GET", "/api/v1/gate/decisions", None, 200),
        ("POST", "/api/v1/gate/decisions", founding.request(dry_run=True), 200),
        ("POST", "/api/v1/incidents", {"title": "x"}, 201),
        ("GET", "/metrics", None, 200),
    ],
)
def test_a_token_is_accepted_from_its_networks_alone(
    any_database: str, world: World, client: FlaskClient, method: str, path: str, body: Any, works: int
) -> None:
    headers = bound(world, "read", "write", "gate:read", "metrics")

    refused = client.open(path, method=method, json=body, headers=headers, environ_overrides=FAR)
    assert refused.status_code == 403, refused.text
    assert "not accepted from 203.0.113.9" in refused.text
    assert "10.0.0.0" not in refused.text
    with db.reading():
        event = audit.latest(limit=1)[0]
        assert (event.verb, event.actor, event.data["address"]) == ("token.refused", "ada", "203.0.113.9")
        assert session().scalars(select(Token.last_used_at).where(Token.name == "runner")).one() is None
    taken = client.open(path, method=method, json=body, headers=headers, environ_overrides=NEAR)
    assert taken.status_code in {works, 201}, taken.text


def test_who_goes_on_trying_fills_no_log(world: World, client: FlaskClient, clock: Clock) -> None:
    headers = bound(world, "read")

    for _ in range(20):
        client.get("/api/v1/incidents", headers=headers, environ_overrides=FAR)

    with db.reading():
        events = session().scalars(select(Event).where(Event.verb == "token.refused")).all()
    assert 0 < len(events) < 20


def test_from_where_it_was_used_is_noted_with_the_time(world: World, client: FlaskClient) -> None:
    client.get("/api/v1/incidents", headers=bound(world, "read"), environ_overrides=NEAR)

    assert "from 10.1.2.3" in world.browser("ada").get("/settings/tokens").text


def test_a_form_says_which_network_is_none(world: World) -> None:
    form = {"name": "ci", "scopes": "read", "days": "90", "networks": "10.0.0.0/8, 10.0.0.1/8"}

    answer = world.browser("ada").send("/settings/tokens", form)

    assert answer.status_code == 422
    assert "&#39;10.0.0.1/8&#39; is no network" in answer.text
    made = world.browser("ada").send("/settings/tokens", form | {"networks": "10.0.0.0/8, fd00::/8"})
    assert "from 10.0.0.0/8, fd00::/8 only" in made.text


def test_a_token_is_replaced_on_its_page(world: World, client: FlaskClient) -> None:
    browser = world.browser("ada")
    old = bound(world, "read")
    number = re.search(r"tokens/(\d+)/rotate", browser.get("/settings/tokens").text)
    assert number is not None
    path = f"/settings/tokens/{number[1]}/rotate"

    assert browser.send(path, {"days": "soon"}).status_code == 422
    assert browser.send(path, {"days": "31"}).status_code == 422
    assert world.browser("cy").send(path, {"days": "7"}).status_code == 404
    secret = SECRET.search(browser.send(path, {"days": "7"}).text)
    assert secret is not None
    for headers in (old, {"Authorization": f"Bearer {secret[0]}"}):
        assert client.get("/api/v1/incidents", headers=headers, environ_overrides=NEAR).status_code == 200


def test_admins_alone_see_everybodys(world: World) -> None:
    bound(world, "read")

    assert "runner" in world.browser("ben").get("/settings/tokens/all").text
    assert "runner" not in world.browser("ben").get("/settings/tokens/all?show=endless").text
    assert "No such token" in world.browser("ben").get("/settings/tokens/all?show=expiring").text
    assert world.browser("ada").get("/settings/tokens/all").status_code == 403
