"""The servers and the places, by their page: what is kept, what is not shown, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from postmortems.db import session as db
from postmortems.errors import Conflict
from postmortems.gitlab import mappings, servers
from postmortems.gitlab.models import GitlabServer
from tests.apps import KEY
from tests.runtimes import VAULT
from tests.world import World, build

SERVER = {
    "name": "gitlab.com",
    "api": "",
    "access_token": "glpat-made-for-this-test",
    "webhook_secret": "sixteen-or-more-letters",
}
PLACE = {
    "server_id": "1",
    "project": "data8/group/infrastructure",
    "project_id": "30",
    "kind": "environment",
    "name": "production",
    "target": "data8/prod",
}
SERVERS, PLACES = "/settings/gitlab/servers", "/settings/gitlab/places"


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (KEY,)}


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


def only() -> GitlabServer:
    with db.reading():
        (server,) = servers.every()
        return server


def test_the_secrets_are_kept_encrypted_and_not_shown(any_database: str, world: World) -> None:
    ben = world.browser("ben")

    assert ben.send(SERVERS, SERVER).status_code == 303

    shown = ben.get("/settings/gitlab").text
    assert SERVER["access_token"] not in shown
    assert SERVER["webhook_secret"] not in shown
    server = only()
    assert server.api == servers.API
    assert SERVER["access_token"] not in server.access_token
    assert servers.value(server, vault=VAULT).token.reveal() == SERVER["access_token"]


def test_an_empty_field_keeps_what_there_is(world: World) -> None:
    ben = world.browser("ben")
    ben.send(SERVERS, SERVER)

    changed = {**SERVER, "name": "ours", "access_token": "", "webhook_secret": ""}
    assert ben.send(f"{SERVERS}/{only().id}", changed).status_code == 303

    assert only().name == "ours"
    with db.reading():
        assert servers.holder(SERVER["webhook_secret"], vault=VAULT) is not None


@pytest.mark.parametrize("kept", ["access_token", "webhook_secret"])
def test_another_address_takes_the_secrets_anew(world: World, kept: str) -> None:
    """Else whoever may edit the address could have the token sent to himself."""
    ben = world.browser("ben")
    ben.send(SERVERS, SERVER)

    elsewhere = {**SERVER, "api": "https://evil.example/api/v4", kept: ""}
    assert ben.send(f"{SERVERS}/{only().id}", elsewhere).status_code == 422
    assert only().api == servers.API
    both = {**elsewhere, kept: "another-sixteen-letters"}
    assert ben.send(f"{SERVERS}/{only().id}", both).status_code == 303


WRONG_SERVERS = [
    {"name": ""},
    {"name": "x" * 101},
    {"name": "a\tb"},
    {"api": "gitlab.com/api/v4"},
    {"api": "ftp://gitlab.com/api/v4"},
    {"api": "https://ben:secret@gitlab.com/api/v4"},
    {"api": "https://gitlab.com/api/v4?x=1"},
    {"api": "https://gitlab.com/api/v4#x"},
    {"api": "https://gitlab.com/" + "x" * 500},
    {"access_token": ""},
    {"access_token": "two\nlines"},
    {"access_token": "schlüssel"},
    {"access_token": "x" * 501},
    {"webhook_secret": ""},
    {"webhook_secret": "short"},
    {"webhook_secret": "x" * 300},
]


def test_a_wrong_server_is_shown_again(world: World) -> None:
    ben = world.browser("ben")

    for changed in WRONG_SERVERS:
        assert ben.send(SERVERS, {**SERVER, **changed}).status_code == 422, changed
    with db.reading():
        assert servers.every() == []


SHARED: list[dict[str, str]] = [{"webhook_secret": "another-sixteen-letters"}, {"name": "another"}, {}]


def test_two_servers_share_neither_name_nor_secret(world: World) -> None:
    ben = world.browser("ben")
    ben.send(SERVERS, SERVER)

    for changed in SHARED:
        assert ben.send(SERVERS, {**SERVER, **changed}).status_code == 422, changed
    other = {**SERVER, "name": "another", "webhook_secret": "another-sixteen-letters"}
    assert ben.send(SERVERS, other).status_code == 303


def test_a_server_whose_key_is_gone_holds_up_no_other(world: World) -> None:
    ben = world.browser("ben")
    ben.send(SERVERS, SERVER)
    with db.transaction():
        server = servers.every()[0]
        server.webhook_secret = "encrypted with a key that is gone"
    ben.send(SERVERS, {**SERVER, "name": "another"})

    with db.reading():
        known = servers.holder(SERVER["webhook_secret"], vault=VAULT)
        assert known is not None
        assert known.name == "another"


def test_there_are_only_so_many_servers(world: World) -> None:
    with db.transaction():
        for number in range(servers.MOST):
            form = {**SERVER, "name": f"n{number}", "webhook_secret": f"sixteen-or-more-{number}"}
            servers.save(form, actor=world.ben, vault=VAULT)
        with pytest.raises(Conflict):
            servers.save(SERVER, actor=world.ben, vault=VAULT)


def test_a_server_goes_with_its_places(any_database: str, world: World) -> None:
    ben = world.browser("ben")
    ben.send(SERVERS, SERVER)
    number = only().id
    assert ben.send(PLACES, {**PLACE, "server_id": str(number)}).status_code == 303

    assert ben.send(f"{SERVERS}/{number}/remove").status_code == 303

    with db.reading():
        assert (servers.every(), mappings.every()) == ([], [])
    assert ben.send(f"{SERVERS}/{number}/remove").status_code == 404
    assert ben.send(f"{SERVERS}/{number}", SERVER).status_code == 404


WRONG_PLACES = [
    {"server_id": ""},
    {"server_id": "99"},
    {"server_id": "one"},
    {"project_id": ""},
    {"project_id": "data8"},
    {"project_id": "0"},
    {"project_id": "9" * 30},
    {"project": "infrastructure"},
    {"project": "data8/infra structure"},
    {"project": "/data8"},
    {"kind": ""},
    {"kind": "tag"},
    {"name": ""},
    {"name": "x" * 300},
    {"name": "a\tb"},
    {"target": ""},
    {"target": "data8/nowhere"},
]


def test_a_wrong_place_is_shown_again(world: World) -> None:
    ben = world.browser("ben")
    ben.send(SERVERS, SERVER)

    for changed in WRONG_PLACES:
        assert ben.send(PLACES, {**PLACE, **changed}).status_code == 422, changed


def test_a_place_is_added_once_and_removed(any_database: str, world: World) -> None:
    ben = world.browser("ben")
    ben.send(SERVERS, SERVER)
    place = {**PLACE, "server_id": str(only().id)}
    assert ben.send(PLACES, place).status_code == 303
    assert ben.send(PLACES, place).status_code == 422
    with db.reading():
        (row,) = mappings.every()

    assert ben.send(f"{PLACES}/{row.id}/remove").status_code == 303
    assert ben.send(f"{PLACES}/{row.id}/remove").status_code == 404


def test_only_admins_may(world: World) -> None:
    ada = world.browser("ada")
    forms: dict[str, Any] = {SERVERS: SERVER, PLACES: PLACE, f"{SERVERS}/1": SERVER}

    for path in (*forms, f"{SERVERS}/1/remove", f"{PLACES}/1/remove"):
        assert ada.send(path, forms.get(path)).status_code == 403, path
    assert ada.get("/settings/gitlab").status_code == 403
