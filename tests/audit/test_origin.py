"""Each event tells from where: the way in, the credential and the address."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit import origin
from postmortems.audit.models import Event
from postmortems.audit.origin import Origin
from postmortems.db import session as db
from tests.apps import app_on
from tests.world import World

FROM = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}


def newest(verb: str) -> tuple[str, str, str]:
    with db.reading() as session:
        found = session.scalars(select(Event).where(Event.verb == verb).order_by(Event.id.desc())).first()
    assert found is not None
    return found.way, found.credential.rstrip("0123456789"), found.address


def test_what_is_done_in_a_browser_tells_its_session_and_address(app: Flask, world: World) -> None:
    world.browser("ben").send("/settings/people", {"name": "dee", "role": "viewer"}, **FROM)

    assert newest("user.added") == ("web", "session ", "192.0.2.7")


def test_what_is_done_by_a_token_tells_which(app: Flask, world: World) -> None:
    body: dict[str, Any] = {"name": "hub", "issuer": "https://ci.example.org", "claims": {"sub": "hub"}}
    answer = app.test_client().post("/api/v1/ci-identities", json=body, headers=world.headers("ben"), **FROM)

    assert answer.status_code == 201, answer.text
    assert newest("identity.added") == ("api", "token ", "192.0.2.7")


def test_behind_a_proxy_the_address_is_the_one_that_it_saw(database: str, world: World) -> None:
    client = app_on(database, trusted_proxies=1).test_client()
    headers = {**world.headers("ben"), "X-Forwarded-For": "203.0.113.5, 198.51.100.7"}
    body = {"name": "hub", "issuer": "https://ci.example.org", "claims": {"sub": "hub"}}
    client.post("/api/v1/ci-identities", json=body, headers=headers)

    assert newest("identity.added") == ("api", "token ", "198.51.100.7")


def test_what_nobody_asked_for_comes_from_the_service_itself(app: Flask, world: World) -> None:
    app.test_client().get("/api/v1/incidents", headers=world.headers("ben"), **FROM)

    with db.transaction():
        audit.record(Actor.system("worker"), "item.reopened", "item", "AI-1")

    assert newest("item.reopened") == ("worker", "", "")


@pytest.mark.parametrize("address", ["", "2001:db8::1", "x" * 80])
def test_an_address_is_kept_as_far_as_an_address_goes(database: str, address: str) -> None:
    with db.transaction(), origin.coming_from(Origin("web", address)):
        audit.record(Actor.nobody(), "user.sign_in_failed", "user", "ada")

    assert newest("user.sign_in_failed") == ("web", "", address[:45])
    assert origin.current() is origin.ITSELF
