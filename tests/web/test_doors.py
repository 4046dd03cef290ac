"""By no route: nobody comes in, a viewer writes, or another site speaks for a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule

from postmortems.accounts import permissions
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.web.api_permissions import ACTS
from postmortems.web.auth import PUBLIC, SCIM
from tests.world import World

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
# What everybody may do with their own account, whatever their role; and what writes nothing.
OWN = {
    *("settings.set_password", "settings.add_token", "settings.revoke_token", "people.sign_out"),
    "tokens.rotate",
    *("settings.end_session", "settings.end_other_sessions"),
    *("second_step_settings.confirm", "second_step_settings.add_app", "second_step_settings.remove_app"),
    "second_step_settings.renew_recovery_codes",
    *("passkey_settings.options", "passkey_settings.register", "passkey_settings.remove"),
    *("mentions.see", "mentions.untold", "feeds.make", "feeds.remove"),
    *("notification_settings.change", "digests.change", "inbox.read_all", "inbox.open_one"),
    *("views.create", "views.change", "views.choose", "views.remove", "views_api.choose_none"),
    *("chat_settings.make_code", "chat_settings.unlink"),
}
# Mailers post there for their readers with no form of ours, and the address is the proof (RFC 8058); and the
# identity provider posts what it signed, where there is one.
SIGNED = {"notification_settings.switch_off", "oidc.backchannel_logout"} | SCIM
# Asking the gate is a viewer's right, and a preview or a paste stores nothing.
HARMLESS = re.compile(r"preview|paste|/gate/decisions$|/gate/decisions/[^/]+/verify$|^/gate$|^/gate/ask$")


@dataclass(frozen=True)
class Route:
    """One method of one address, with something in each of its gaps."""

    endpoint: str
    method: str
    path: str


GAP = re.compile(r"<(?:([a-z]+)(?:\(([^:<>]*)\))?:)?[^<>]+>")


def routes(app: Flask, methods: set[str], word: str = "x", number: str = "1") -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & methods):
            yield Route(rule.endpoint, method, filled(rule, word, number))


def filled(rule: Rule, word: str, number: str) -> str:
    def fitting(gap: re.Match[str]) -> str:
        if gap[1] == "any":
            return gap[2].split(",")[0].strip()
        return number if gap[1] == "int" else word

    return GAP.sub(fitting, rule.rule)


def events() -> int:
    """How much was done; that somebody was refused is recorded, too, and is none of it."""
    done = select(func.count()).select_from(Event).where(Event.verb != "evidence.not_allowed")
    with db.reading():
        return session().scalar(done) or 0


def latest() -> str:
    """What was recorded last, to say it where nothing should have been."""
    with db.reading():
        return session().scalar(select(Event.verb).order_by(Event.id.desc()).limit(1)) or ""


def test_nobody_sees_anything_but_the_way_in(app: Flask, client: FlaskClient) -> None:
    for route in routes(app, {"GET"}):
        if route.endpoint in PUBLIC:
            continue
        answer = client.get(route.path)
        if route.path.startswith("/api/"):
            assert answer.status_code == 401, route
        else:
            assert answer.status_code == 303, route
            assert answer.headers["Location"].startswith("/sign-in?next="), route


def test_nobody_writes_by_any_route(app: Flask, client: FlaskClient) -> None:
    for route in routes(app, UNSAFE):
        if route.endpoint not in PUBLIC:
            answer = client.open(route.path, method=route.method, json={})
            assert answer.status_code in {401, 403}, route


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_cannot_write_by_any_route(app: Flask, world: World, headers: dict[str, str]) -> None:
    browser = world.browser("ben")
    token = browser.form_token()
    before = events()

    for route in routes(app, UNSAFE):
        answer = browser.open(route.path, method=route.method, headers={**headers, "X-CSRFToken": token})
        assert answer.status_code == (404 if route.endpoint in SIGNED else 403), route

    assert events() == before


@pytest.mark.parametrize("token", [None, "", "wrong", "ImFiYyI.aaaa.bbbb"])
def test_a_form_without_our_token_is_refused_by_every_route(
    app: Flask, world: World, token: str | None
) -> None:
    browser = world.browser("ben")
    browser.form_token()
    before = events()

    for route in routes(app, UNSAFE):
        headers = {} if token is None else {"X-CSRFToken": token}
        answer = browser.open(route.path, method=route.method, headers=headers)
        assert answer.status_code == (404 if route.endpoint in SIGNED else 403), route

    assert events() == before


def test_anothers_form_token_is_refused(app: Flask, world: World) -> None:
    browser, token = world.browser("ben"), world.browser("cy").form_token()
    browser.form_token()

    answer = browser.post("/settings/people", data={"csrf_token": token, "name": "eve", "role": "admin"})

    assert answer.status_code == 403


def test_a_viewer_writes_by_no_route_of_the_api(app: Flask, world: World) -> None:
    before = events()

    for route in routes(app, UNSAFE):
        if not route.path.startswith("/api/") or HARMLESS.search(route.path) or route.endpoint in OWN:
            continue
        answer = app.test_client().open(route.path, method=route.method, json={}, headers=world.headers("cy"))
        assert answer.status_code in {403, 404, 415, 422}, route

    assert events() == before


RUBBISH = [
    {"json": {}},
    {"data": "{", "content_type": "application/json"},
    {"data": b"\xff\x00", "content_type": "application/octet-stream"},
    {"json": {"colour": 1}, "query_string": {"colour": 1}},
    {"data": "[" * 5000, "content_type": "application/json"},
]


def written(app: Flask) -> Iterator[Route]:
    """What writes by the API and asks who it is; a key in its address or a signature proves the rest."""
    for route in routes(app, UNSAFE):
        if route.path.startswith("/api/") and route.endpoint not in PUBLIC:
            yield route


def test_for_every_address_that_writes_it_is_settled_who_may(app: Flask) -> None:
    known = {rule.endpoint for rule in app.url_map.iter_rules()}

    assert {route.endpoint for route in written(app)} <= set(ACTS) <= known
    assert set(ACTS.values()) <= set(permissions.ALLOWED)


@pytest.mark.parametrize("rubbish", RUBBISH)
@pytest.mark.parametrize("name, scope", [("cy", "admin"), ("ada", "admin"), ("ben", "read")])
def test_who_may_not_is_told_so_before_the_body_is_read(
    app: Flask, world: World, name: str, scope: str, rubbish: dict[str, Any]
) -> None:
    headers = {"Authorization": f"Bearer {world.token(name, scope)}"}
    role = {"cy": "viewer", "ada": "author", "ben": "admin"}[name]
    refused = 0

    for route in written(app):
        roles, needs, _ = permissions.ALLOWED[ACTS[route.endpoint]]
        if role not in roles or scope not in {needs, "admin"}:
            answer = app.test_client().open(route.path, method=route.method, headers=headers, **rubbish)
            assert answer.status_code == 403, route
            assert answer.content_type == "application/problem+json"
            refused += 1

    assert refused > 10


def test_a_query_that_is_wrong_tells_nothing_to_who_may_not_read(app: Flask, world: World) -> None:
    for route in routes(app, {"GET"}):
        act = ACTS.get(route.endpoint, "incident.read")
        if "viewer" not in permissions.ALLOWED[act].roles:
            path = f"{route.path}?colour=1"
            assert app.test_client().get(path, headers=world.headers("cy")).status_code == 403, route


def test_a_viewer_writes_by_no_page(app: Flask, world: World) -> None:
    browser = world.browser("cy")
    token = browser.form_token()
    before = events()

    for route in routes(app, UNSAFE):
        if route.path.startswith("/api/") or HARMLESS.search(route.path) or route.endpoint in OWN | PUBLIC:
            continue
        answer = browser.open(route.path, method=route.method, data={"csrf_token": token})
        # Who may not is told so, and not what is wrong with what they sent.
        assert answer.status_code in {403, 404}, (route, answer.status_code)

    assert events() == before, latest()


def test_no_route_fails_on_an_empty_request_of_an_admin(any_database: str, app: Flask, world: World) -> None:
    browser = world.browser("ben")
    token = browser.form_token()

    for route in routes(app, UNSAFE | {"GET"}):
        if route.endpoint == "people.sign_out":
            continue
        answer = browser.open(route.path, method=route.method, headers={"X-CSRFToken": token})
        assert answer.status_code < 500, route


STRANGE = [
    ("%00", "0", ""),
    ("a%00b", "9223372036854775808", "?q=%00&limit=0"),
    ("x" * 3000, "9" * 300, "?after=%ff&before=x&limit=9999999999999999999999"),
    ("%ff%fe", "4294967296", "?after=%00&before=-1&status=x&due_before=never"),
    ("AI-99999999999999999999", "007", "?year=99999999999999999999&kind=%27"),
    ("..%2f..%2fetc%2fpasswd", "1", "?next=//evil.example&page=x"),
    ("%7B%7B7*7%7D%7D", "1", "?severity=%F0%9F%98%80"),
]


def test_no_page_fails_on_strange_addresses(any_database: str, app: Flask, world: World) -> None:
    browser = world.browser("ben")

    for word, number, query in STRANGE:
        for route in routes(app, {"GET"}, word, number):
            answer = browser.get(route.path + query, buffered=True)
            assert answer.status_code < 500, (route.endpoint, word, query)


@pytest.mark.parametrize("word, number", [("a%00b", "9223372036854775808"), ("AI-99999999999999999999", "1")])
def test_no_form_fails_on_strange_addresses_and_values(
    any_database: str, app: Flask, world: World, word: str, number: str
) -> None:
    browser = world.browser("ben")
    names = (
        "name",
        "slug",
        "title",
        "q",
        "text",
        "version",
        "do",
        "role",
        "owner",
        "due",
        "status",
        "kind",
        "config",
    )
    form = dict.fromkeys(names, "a\0b \U0001f600") | {"csrf_token": browser.form_token()}

    for route in routes(app, UNSAFE, word, number):
        if route.endpoint == "people.sign_out":
            continue
        answer = browser.open(route.path, method=route.method, data=form)
        assert answer.status_code < 500, (route.endpoint, answer.status_code)
