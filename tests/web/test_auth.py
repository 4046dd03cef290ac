"""A token opens what its scopes and its owner's role allow, as long as it lives, and only from the header."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.models import Token
from postmortems.db import session as db
from postmortems.db.session import session
from tests.world import World


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def status(client: FlaskClient, token: str, path: str = "/api/v1/incidents") -> int:
    return client.get(path, headers=bearer(token)).status_code


def token_row(secret: str) -> Token:
    with db.reading():
        actor = accounts_queries.actor_of_token(secret, db_now())
        assert actor.token_id is not None
        return session().get_one(Token, actor.token_id)


def db_now() -> Any:
    from postmortems import clock

    return clock.now()


def test_a_token_opens_the_api(world: World, client: FlaskClient) -> None:
    assert status(client, world.token("cy", "read")) == 200


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer pm_unknown",
        "Bearer {token}x",
        "Bearer {token} {token}",
        "Basic {token}",
        "{token}",
        "Token {token}",
        "Bearer \xff\xfe",
    ],
)
def test_what_is_no_token_of_ours_opens_nothing(world: World, client: FlaskClient, header: str) -> None:
    answer = client.get(
        "/api/v1/incidents", headers={"Authorization": header.format(token=world.tokens["ben"])}
    )

    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("name", ["token", "access_token", "Authorization", "api_key"])
def test_a_token_in_the_query_string_opens_nothing(world: World, client: FlaskClient, name: str) -> None:
    answer = client.get("/api/v1/incidents", query_string={name: world.tokens["ben"]})

    assert answer.status_code == 401


def test_an_expired_token_opens_nothing(world: World, client: FlaskClient, clock: Any) -> None:
    token = world.token("ada", "read", expires_s=60)
    assert status(client, token) == 200

    clock.advance(seconds=60)

    assert status(client, token) == 401


def test_a_revoked_token_opens_nothing(world: World, client: FlaskClient) -> None:
    token = world.token("ada", "read")
    with db.transaction():
        accounts.revoke_token(accounts_queries.tokens_of(world.ada.user_id or 0)[0].id, actor=world.ada)

    assert status(client, token) == 401


def test_the_token_of_an_account_that_is_off_opens_nothing(world: World, client: FlaskClient) -> None:
    with db.transaction():
        accounts.change_user("ada", role="author", is_active=False, actor=world.ben)

    assert status(client, world.tokens["ada"]) == 401


def test_a_token_follows_its_owners_role(world: World, client: FlaskClient) -> None:
    body = {"name": "biology", "title": "", "targets": ["prod"]}
    headers = bearer(world.tokens["ben"])
    with db.transaction():
        accounts.change_user("ada", role="admin", is_active=True, actor=world.ben)
        accounts.change_user("ben", role="viewer", is_active=True, actor=world.ben)

    assert client.post("/api/v1/services", json=body, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "scopes, path, expected",
    [
        (["read"], "/api/v1/incidents", 200),
        (["read"], "/api/v1/guards", 200),
        (["read"], "/api/v1/reports/process-fixes", 200),
        (["read"], "/api/v1/gate/decisions", 403),
        (["gate:read"], "/api/v1/gate/decisions", 200),
        (["gate:read"], "/api/v1/incidents", 403),
        (["gate:read"], "/api/v1/guards", 403),
        (["gate:read"], "/api/v1/action-items", 403),
        (["gate:read"], "/api/v1/reports/process-fixes", 403),
        (["gate:read"], "/api/v1/scenarios", 403),
        (["evidence:write"], "/api/v1/incidents", 403),
        (["evidence:write"], "/api/v1/gate/decisions", 403),
        (["write"], "/api/v1/incidents", 403),
        (["admin"], "/api/v1/incidents", 200),
        (["admin"], "/api/v1/gate/decisions", 200),
    ],
)
def test_a_token_reads_within_its_scopes(
    world: World, client: FlaskClient, scopes: list[str], path: str, expected: int
) -> None:
    assert status(client, world.token("ada", *scopes), path) == expected


@pytest.mark.parametrize(
    "path, body",
    [
        ("/api/v1/incidents", {}),
        ("/api/v1/evidence/attestations", {}),
        ("/api/v1/scenarios", {}),
        ("/api/v1/guards", {}),
        ("/api/v1/services", {}),
    ],
)
def test_a_token_that_only_reads_writes_nothing(
    world: World, client: FlaskClient, path: str, body: dict[str, Any]
) -> None:
    token = world.token("ben", "read", "gate:read")

    assert client.post(path, json=body, headers=bearer(token)).status_code in {403, 422}


def test_beside_a_token_the_cookie_counts_for_nothing(world: World) -> None:
    browser = world.browser("ben")

    assert browser.get("/api/v1/incidents").status_code == 200
    assert browser.get("/api/v1/incidents", headers=bearer("pm_unknown")).status_code == 401
    assert browser.get("/api/v1/guards", headers=bearer(world.token("cy", "gate:read"))).status_code == 403


def test_a_token_opens_no_page(world: World, client: FlaskClient) -> None:
    assert client.get("/settings", headers=bearer(world.tokens["ben"])).status_code == 303


def test_a_token_makes_no_tokens(world: World, client: FlaskClient) -> None:
    answer = client.post(
        "/settings/tokens", data={"name": "x", "scopes": "admin"}, headers=bearer(world.tokens["ben"])
    )

    assert answer.status_code in {401, 403}


def test_the_last_use_is_noted_once_a_minute(world: World, client: FlaskClient, clock: Any) -> None:
    token = world.token("ada", "read")
    first = clock.now()
    assert status(client, token) == 200
    clock.advance(seconds=59)
    assert status(client, token) == 200
    assert token_row(token).last_used_at == first

    clock.advance(seconds=1)
    assert status(client, token) == 200
    assert token_row(token).last_used_at == clock.now()


def test_a_use_that_cannot_be_noted_is_answered_all_the_same(
    world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    def locked(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(accounts, "note_use", locked)

    assert status(client, world.token("ada", "read")) == 200


@pytest.mark.parametrize("networks", [[], ["127.0.0.0/8", "::1"]])
def test_who_asks_costs_one_query(world: World, client: FlaskClient, networks: list[str]) -> None:
    with db.transaction():
        token = accounts.add_token("ada", "x", ["read"], None, networks=networks, actor=world.ada)[1]
    status(client, token)
    statements: list[str] = []
    event.listen(db.engine(), "before_cursor_execute", lambda *args: statements.append(args[2]))

    client.get("/api/v1/guard-kinds", headers=bearer(token))

    assert len([each for each in statements if "FROM tokens" in each]) == 1
