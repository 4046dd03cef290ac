"""Addresses that a key opens, not an account: with all of them switched on, nobody comes in without it.

The table of `test_authorisation` leaves them to the view, which says 404 where its feature is off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask

from postmortems.config import Settings
from postmortems.web import application
from postmortems.web.headers import WithHeaders
from postmortems.web.server.admission import Admission
from postmortems.web.watching.request_log import Watched
from tests.apps import KEY
from tests.conftest import Clock
from tests.kept_rows import kept
from tests.web.authorisation import routes
from tests.web.authorisation.asking import NOBODY, Asking, Route, route, rules
from tests.web.authorisation.objects import PEOPLE, Objects
from tests.world import World

ROWS = routes.table()
# By the beginning of the endpoint, what everybody is told who has no key, or a person's.
KEYED = {
    "chat_api": {401, 403},
    "chat_buttons_api": {401, 403},
    "metrics": {401},
    "scim": {401},
    "feeds": {404},
    "heartbeats_api": {404},
    "tracker_hooks": {403},
    "github_api": {404},
    "gitlab_api": {404},
    "badges": {404},
    "public_site": {404},
}
# For who has not signed in yet: the form, what a mail or another's page leads to, what says nothing of ours.
WITHOUT = {
    "access",
    "flagger_api",
    "gate_client",
    "health",
    "notification_settings",
    "oidc",
    "passkeys",
    "people",
    "reference",
    "second_step",
    "security_contact",
    "static",
}


# What every account reads, too.
ACCOUNTS_TOO = {"metrics"}
# The audit log says that somebody tried.
TOLD_OF = {"chat_api", "chat_buttons_api"}


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {
        "secrets_key": (KEY,),
        "scim_token": "s" * 40,
        "slack_secrets": ("a secret of slack",),
        "mattermost_tokens": ("a token of mattermost",),
        "metrics_token": "m" * 40,
        "metrics_allow": (ip_network("198.51.100.0/24"),),
    }


@pytest.fixture
def asking(app: Flask, world: World, clock: Clock) -> Iterator[Asking]:
    objects = kept("authorisation", lambda: Objects(replace(world, app=None)))
    with Asking(app, replace(objects.world, app=app), objects) as asking:
        yield asking


def keyed(app: Flask, asking: Asking) -> Iterator[tuple[str, Route]]:
    for rule, method in rules(app):
        room = rule.endpoint.partition(".")[0]
        if ROWS[rule.endpoint].act == routes.PUBLIC and room in KEYED:
            yield room, route(asking.objects, rule, method)


def test_each_public_address_is_one_that_a_key_opens_or_one_before_signing_in(app: Flask) -> None:
    rooms = {
        rule.endpoint.partition(".")[0] for rule, _ in rules(app) if ROWS[rule.endpoint].act == routes.PUBLIC
    }

    assert rooms == {*KEYED, *WITHOUT}


@pytest.mark.parametrize("name", [NOBODY, *PEOPLE])
def test_nobody_comes_in_by_an_account_where_a_key_is_asked_for(asking: Asking, name: str) -> None:
    wrong, tried = [], 0
    for room, asked in keyed(asking.app, asking):
        answer = asking.answer(name, asked)
        tried += 1
        expected = {200} if room in ACCOUNTS_TOO and name != NOBODY else KEYED[room]
        if answer.status_code not in expected or (asking.has_told and room not in TOLD_OF):
            wrong.append((asked, answer.status_code, answer.text[:100]))

    assert wrong == [], "\n".join(map(str, wrong))
    assert tried > 40


def test_the_application_is_behind_its_rooms_and_nothing_is_mounted_beside_it(database: str) -> None:
    """What is not in Flask's own table of addresses, the table of who may use them does not see."""
    app = application.create_app(Settings(database_url=database, secret_key="for tests"))
    layer: Any = app.wsgi_app
    layers: list[type] = []
    while not hasattr(layer, "__func__"):
        layers.append(type(layer))
        layer = layer._app

    assert layers == [Watched, Admission, WithHeaders]
    assert layer == Flask.wsgi_app.__get__(app)
