"""The settings of the GitHub App and its environments, on their page: what is kept, not shown and refused."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from postmortems.db import session as db
from postmortems.github import apps
from tests.apps import KEY
from tests.github.hub import APP_ID, PEM
from tests.runtimes import VAULT
from tests.world import World, build

APP = {"app_id": APP_ID, "api": "", "private_key": PEM, "webhook_secret": "sixteen-or-more-letters"}
ENVIRONMENT = {
    "repository": "data8/infrastructure",
    "repository_id": "123",
    "environment": "prod",
    "target": "data8/prod",
    "posts_statuses": "yes",
}


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (KEY,)}


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


def test_the_secrets_are_kept_encrypted_and_not_shown(world: World) -> None:
    ben = world.browser("ben")

    assert ben.send("/settings/github", APP).status_code == 303

    shown = ben.get("/settings/github").text
    assert "sixteen-or-more-letters" not in shown
    assert "PRIVATE KEY-----\n" not in shown
    with db.reading():
        app = apps.current()
        assert app is not None
        assert app.api == apps.API
        assert "PRIVATE KEY" not in app.private_key
        assert apps.value(app, vault=VAULT).key.strip() == PEM.strip()


def test_an_empty_field_keeps_what_there_is(world: World) -> None:
    ben = world.browser("ben")
    ben.send("/settings/github", APP)

    changed = {**APP, "app_id": "4712", "private_key": "", "webhook_secret": ""}
    assert ben.send("/settings/github", changed).status_code == 303

    with db.reading():
        app = apps.current()
        assert app is not None
        assert app.app_id == "4712"
        assert apps.webhook_secret(app, vault=VAULT) == "sixteen-or-more-letters"


def test_another_address_takes_the_secrets_anew(world: World) -> None:
    """Else whoever may edit the address could have the key's signatures sent to himself."""
    ben = world.browser("ben")
    ben.send("/settings/github", APP)

    elsewhere = {**APP, "api": "https://evil.example", "private_key": "", "webhook_secret": ""}
    assert ben.send("/settings/github", elsewhere).status_code == 422


@pytest.mark.parametrize(
    "changed",
    [
        {"app_id": ""},
        {"app_id": "4711x"},
        {"app_id": "0"},
        {"api": "api.github.com"},
        {"api": "ftp://api.github.com"},
        {"api": "https://api.github.com?x=1"},
        {"private_key": ""},
        {"private_key": "not a key"},
        {"private_key": "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----"},
        {"webhook_secret": ""},
        {"webhook_secret": "short"},
        {"webhook_secret": "x" * 300},
    ],
)
def test_a_wrong_app_is_shown_again(world: World, changed: dict[str, str]) -> None:
    assert world.browser("ben").send("/settings/github", {**APP, **changed}).status_code == 422


@pytest.mark.parametrize(
    "changed",
    [
        {"repository_id": ""},
        {"repository_id": "data8"},
        {"repository": "infrastructure"},
        {"repository": "a/b/c"},
        {"environment": ""},
        {"environment": "x" * 300},
        {"target": ""},
        {"target": "data8/nowhere"},
    ],
)
def test_a_wrong_environment_is_shown_again(world: World, changed: dict[str, str]) -> None:
    answer = world.browser("ben").send("/settings/github/environments", {**ENVIRONMENT, **changed})

    assert answer.status_code == 422


def test_an_environment_is_added_once_and_removed(world: World) -> None:
    ben = world.browser("ben")
    assert ben.send("/settings/github/environments", ENVIRONMENT).status_code == 303
    assert ben.send("/settings/github/environments", ENVIRONMENT).status_code == 422
    with db.reading():
        (row,) = apps.environments()

    assert ben.send(f"/settings/github/environments/{row.id}/remove").status_code == 303
    assert ben.send(f"/settings/github/environments/{row.id}/remove").status_code == 404


@pytest.mark.parametrize("path", ["/settings/github", "/settings/github/environments"])
def test_only_admins_may(world: World, path: str) -> None:
    forms: dict[str, Any] = {"/settings/github": APP, "/settings/github/environments": ENVIRONMENT}
    assert world.browser("ada").send(path, forms[path]).status_code == 403
    assert world.browser("ada").get("/settings/github").status_code == 403
