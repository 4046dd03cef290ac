"""Signing in and out through the browser."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from postmortems.accounts import operations, queries, sign_in_limits
from postmortems.accounts import sign_in as accounts_sign_in
from postmortems.accounts.pages import safe_next
from postmortems.db import session as db
from tests.apps import app_on
from tests.world import PASSWORD, Browser, World


@pytest.fixture
def stranger(app: Flask, world: World) -> Browser:
    return Browser(app)


def sign_in(browser: Browser, name: str = "ada", password: str = PASSWORD, **more: str) -> Any:
    return browser.send("/sign-in", {"name": name, "password": password, **more})


def link_for(world: World, clock: Any, name: str = "ada") -> str:
    with db.transaction():
        secret = accounts_sign_in.make_sign_in_link(queries.account(name), clock.now(), actor=world.ben)
    return f"/sign-in/link/{secret}"


def test_the_right_password_signs_in(stranger: Browser) -> None:
    answer = sign_in(stranger)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "ada" in stranger.get("/settings").text


def test_a_monitor_may_ask_for_the_heads_of_the_sign_in_page(client: FlaskClient) -> None:
    assert client.head("/sign-in").status_code == 200


def test_after_signing_in_one_is_where_one_wanted_to_be(stranger: Browser) -> None:
    asked = stranger.get("/settings/tokens?x=1")
    assert asked.headers["Location"] == "/sign-in?next=/settings/tokens?x%3D1"
    form = stranger.get(asked.headers["Location"])
    assert 'value="/settings/tokens?x=1"' in form.text

    answer = sign_in(stranger, next="/settings/tokens?x=1")

    assert answer.headers["Location"] == "/settings/tokens?x=1"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n//evil.example",
        "javascript:alert(1)",
        "evil.example",
        "http:/evil.example",
        "@evil.example",
        "",
        "/a\\b",
        "/\x00",
    ],
)
def test_nobody_is_sent_to_another_site(target: str) -> None:
    assert safe_next(target) == "/"


@pytest.mark.parametrize("target", ["/", "/incidents", "/incidents?q=a%20b&x=//y", "/incidents/größe"])
def test_a_path_of_ours_is_kept(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "name, password", [("ada", "wrong"), ("nobody", PASSWORD), ("", ""), ("ADA", PASSWORD)]
)
def test_wrong_names_and_passwords_are_told_alike(stranger: Browser, name: str, password: str) -> None:
    answer = sign_in(stranger, name, password)

    assert answer.status_code == 403
    assert "Wrong name or password." in answer.text
    assert stranger.get("/settings").status_code == 303


def test_after_ten_wrong_passwords_even_the_right_one_waits(stranger: Browser, clock: Any) -> None:
    for _ in range(sign_in_limits.MOST_OF_ACCOUNT):
        assert sign_in(stranger, password="wrong").status_code == 403

    answer = sign_in(stranger)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0

    clock.advance(minutes=16)
    assert sign_in(stranger).status_code == 303


def test_the_right_password_makes_earlier_errors_good(stranger: Browser, world: World) -> None:
    for _ in range(sign_in_limits.MOST_OF_ACCOUNT - 1):
        sign_in(stranger, password="wrong")
    assert sign_in(stranger).status_code == 303

    again = Browser(stranger.application)
    assert sign_in(again, password="wrong").status_code == 403
    assert sign_in(again).status_code == 303


def test_a_session_that_was_planted_is_worth_nothing_after_signing_in(stranger: Browser) -> None:
    stranger.set_cookie("postmortems", "planted")

    sign_in(stranger)

    cookie = stranger.get_cookie("postmortems")
    assert cookie is not None
    assert cookie.value != "planted"


def test_signing_in_again_ends_the_session_before(stranger: Browser) -> None:
    sign_in(stranger)
    first = stranger.get_cookie("postmortems")
    sign_in(stranger, "ben")
    assert first is not None

    stranger.set_cookie("postmortems", first.value)

    assert stranger.get("/settings").status_code == 303


def test_the_forms_token_changes_when_somebody_signs_in(stranger: Browser) -> None:
    before = stranger.form_token()
    sign_in(stranger)

    answer = stranger.post("/sign-out", data={"csrf_token": before})

    assert answer.status_code == 403


def test_signing_out_ends_it_here_and_on_the_server(stranger: Browser) -> None:
    sign_in(stranger)
    cookie = stranger.get_cookie("postmortems")
    assert cookie is not None

    assert stranger.send("/sign-out").headers["Location"] == "/sign-in"

    assert stranger.get_cookie("postmortems") is None
    stranger.set_cookie("postmortems", cookie.value)
    assert stranger.get("/settings").status_code == 303


def test_a_scanner_that_opens_the_link_does_not_use_it(stranger: Browser, world: World, clock: Any) -> None:
    path = link_for(world, clock)
    for _ in range(3):
        assert stranger.get(path).status_code == 200
        assert stranger.head(path).status_code == 200

    assert "Sign in as ada" in stranger.get(path).text
    assert stranger.send(path).status_code == 303
    assert "ada" in stranger.get("/settings").text


def test_a_link_works_once(stranger: Browser, world: World, clock: Any) -> None:
    path = link_for(world, clock)
    assert stranger.send(path).status_code == 303

    again = Browser(stranger.application)
    assert again.get(path).status_code == 403
    assert again.send(path).status_code == 403
    assert again.get("/settings").status_code == 303


def test_the_page_with_the_link_tells_no_other_site_its_address(
    stranger: Browser, world: World, clock: Any
) -> None:
    # Stricter, `no-referrer`, would make browsers send `Origin: null` with the form, which we refuse.
    assert stranger.get(link_for(world, clock)).headers["Referrer-Policy"] == "same-origin"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: Browser) -> None:
    cookies = sign_in(stranger).headers.getlist("Set-Cookie")

    assert cookies
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


def test_over_https_the_cookie_belongs_to_this_host_alone(database: str, clock: Any) -> None:
    app = app_on(database, url="https://pm.example.org")
    with db.transaction():
        from postmortems.actor import Actor

        user = operations.add_user("ada", "author", actor=Actor.system("test"))
        secret = accounts_sign_in.make_sign_in_link(user, clock.now(), actor=Actor.system("test"))
    browser = Browser(app)
    base = {"base_url": "https://pm.example.org"}
    page = browser.get(f"/sign-in/link/{secret}", **base).text
    token = page.split('name="csrf-token" content="')[1].split('"')[0]

    answer = browser.post(f"/sign-in/link/{secret}", data={"csrf_token": token}, **base)

    ours = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("__Host-postmortems=")]
    assert len(ours) == 1
    assert "Secure" in ours[0]
    assert "Path=/" in ours[0]
    assert "Domain" not in ours[0]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_who_is_signed_in_needs_no_form(stranger: Browser) -> None:
    sign_in(stranger)

    assert stranger.get("/sign-in?next=/settings").headers["Location"] == "/settings"


@pytest.mark.parametrize("name", ["a\x00b", "x" * 100_000, "' OR 1=1 --", "\u202eada"])
def test_a_strange_name_is_a_wrong_name(any_database: str, app: Flask, world: World, name: str) -> None:
    assert sign_in(Browser(app), name).status_code in {403, 422}
