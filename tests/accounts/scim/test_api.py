"""SCIM's door: who comes in, and what it says of itself."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError, OperationalError

from postmortems.db import session as db
from postmortems.limits import Rate
from postmortems.web.watching import rates
from postmortems.web.watching.rates import Counts
from tests.accounts.scim.directory import GROUP, TOKEN, USER, Directory
from tests.world import World

PATHS = ("/Users", "/Users/1", "/Groups", "/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/", "/x/y")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "é" * 40])
def test_nobody_comes_in_by_another_token(app: Flask, world: World, path: str, token: str) -> None:
    answer = Directory(app.test_client(), token.encode().decode("latin-1")).ask("GET", path)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_neither_a_browser_nor_an_admins_token_comes_in(world: World) -> None:
    browser = world.browser("ben")

    assert browser.get("/scim/v2/Users").status_code == 401
    assert browser.get("/scim/v2/Users", headers=world.headers("ben")).status_code == 401
    assert browser.send("/scim/v2/Users", {"userName": "eve"}).status_code == 401


def test_the_token_is_good_for_nothing_else(app: Flask, world: World) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}

    assert app.test_client().get("/api/v1/incidents", headers=headers).status_code == 401


class TestWithoutAToken:
    @pytest.fixture
    def app_settings(self) -> dict[str, Any]:
        return {}

    @pytest.mark.parametrize("path", PATHS)
    def test_there_is_nothing(self, client: FlaskClient, world: World, path: str) -> None:
        assert Directory(client, "").ask("GET", path).status_code == 404
        assert Directory(client).ask("GET", path).status_code == 404


def test_it_says_what_it_does(directory: Directory) -> None:
    said = directory.ask("GET", "/ServiceProviderConfig").get_json()

    done = {name: said[name]["supported"] for name in ("patch", "bulk", "filter", "sort", "etag")}
    assert done == {"patch": True, "bulk": False, "filter": True, "sort": False, "etag": True}


@pytest.mark.parametrize(
    "method, path, ways",
    [
        ("POST", "/Schemas", "GET"),
        ("DELETE", f"/Schemas/{USER}", "GET"),
        ("PATCH", "/ServiceProviderConfig", "GET"),
        ("PUT", "/ResourceTypes", "GET"),
        ("DELETE", "/Users", "GET, POST"),
        ("PUT", "/Groups", "GET, POST"),
        ("POST", "/Users/1", "GET, PUT, PATCH, DELETE"),
    ],
)
def test_what_is_there_says_how_it_may_be_asked(
    directory: Directory, method: str, path: str, ways: str
) -> None:
    answer = directory.ask(method, path, {} if method != "DELETE" else None)

    assert (answer.status_code, answer.headers["Allow"]) == (405, ways)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_what_is_not_there_is_not_found(directory: Directory, method: str) -> None:
    assert directory.ask(method, "/Users/1/x").status_code == 404
    assert directory.ask(method, "/Bulk").status_code == 404


def test_accounts_and_teams_are_not_looked_for_at_once(directory: Directory) -> None:
    for method, path in (("GET", "/"), ("POST", "/.search")):
        answer = directory.ask(method, path, {} if method == "POST" else None)

        assert answer.status_code == 501
        assert "/scim/v2/Groups" in answer.get_json()["detail"]


def test_it_says_which_attributes_are_kept(directory: Directory) -> None:
    types = directory.ask("GET", "/ResourceTypes").get_json()["Resources"]
    schemas = directory.ask("GET", "/Schemas").get_json()["Resources"]

    assert [(one["endpoint"], one["schema"]) for one in types] == [("/Users", USER), ("/Groups", GROUP)]
    assert {one["id"]: [each["name"] for each in one["attributes"]] for one in schemas} == {
        USER: ["userName", "active", "emails", "groups"],
        GROUP: ["displayName", "members"],
    }
    assert directory.ask("GET", f"/Schemas/{USER}").get_json()["id"] == USER
    assert directory.ask("GET", "/ResourceTypes/Group").get_json()["id"] == "Group"


@pytest.mark.parametrize(
    "failure, status",
    [
        (OperationalError("COMMIT", {}, Exception("database is locked")), 503),
        (IntegrityError("COMMIT", {}, Exception("UNIQUE constraint failed")), 409),
        (RuntimeError("a bug"), 500),
    ],
)
def test_what_fails_behind_the_view_is_told_as_directories_read_it(
    directory: Directory, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int
) -> None:
    really_finish = db.finish

    def finish(*, keep: bool) -> None:
        really_finish(keep=False)
        raise failure

    monkeypatch.setattr(db, "finish", finish)
    answer = directory.ask("POST", "/Users", {"schemas": [USER], "userName": "dora"})

    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (status == 503)


class TestWithLimits:
    @pytest.fixture
    def app_settings(self) -> dict[str, Any]:
        return {"scim_token": TOKEN, "limits_percent": 100}

    def test_too_much_is_told_as_directories_read_it(
        self, directory: Directory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rates, "BY_NAME", {name: Rate(name, 1, 1, 1) for name in rates.BY_NAME})
        monkeypatch.setattr(rates, "counts", Counts())
        answers = [directory.ask("GET", "/Users") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [200, 429]
        assert int(answers[1].headers["Retry-After"]) > 0
