"""Signing in with a second step through the browser."""

from __future__ import annotations

import html
import re
from ipaddress import ip_network
from typing import Any

import pyotp
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from postmortems.accounts import operations as account_operations
from postmortems.accounts import queries as accounts
from postmortems.accounts import sign_in as account_sign_in
from postmortems.accounts import sign_in_limits
from postmortems.accounts.factors import operations, second_step
from postmortems.db import session as db
from tests.accounts.factors import phones
from tests.apps import KEY, app_on
from tests.world import PASSWORD, Browser, World

CODE = re.compile(r"[2-9a-z]{4}(?:-[2-9a-z]{4}){3}")
STEP = "/sign-in/second-step"


@pytest.fixture
def stranger(app: Flask, world: World) -> Browser:
    return Browser(app)


@pytest.fixture
def strict(database: str, world: World) -> Browser:
    """A browser of a server whose admins need a second factor."""
    return Browser(app_on(database, second_factor="admins", secrets_key=(KEY,)))


def sign_in(browser: Browser, name: str = "ada", **more: str) -> TestResponse:
    return browser.send("/sign-in", {"name": name, "password": PASSWORD, **more})


def is_in(browser: Browser) -> bool:
    return browser.get("/settings").status_code == 200


def read_key(page: TestResponse) -> tuple[str, str]:
    """The secret that a page offers an app, and the same sealed."""
    key = re.search(r"<pre[^>]*>([A-Z2-7 ]+)</pre>", page.text)
    sealed = re.search(r'name="app" value="([^"]+)"', page.text)
    assert key is not None
    assert sealed is not None
    return key[1].replace(" ", ""), html.unescape(sealed[1])


def test_the_password_alone_opens_no_session(stranger: Browser, world: World, clock: Any) -> None:
    phone = phones.set_up(world.ada)

    asked = sign_in(stranger, next="/settings/tokens")
    assert asked.status_code == 200
    assert "second step" in asked.text
    assert not is_in(stranger)

    answer = stranger.send(STEP, {"code": phone.code(clock), "next": "/settings/tokens"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/tokens")
    assert is_in(stranger)


def test_a_recovery_code_takes_the_place_of_the_app(stranger: Browser, world: World) -> None:
    phone = phones.set_up(world.ada)
    sign_in(stranger)

    assert stranger.send(STEP, {"code": phone.codes[0]}).status_code == 303
    assert is_in(stranger)


def test_a_reload_asks_again(stranger: Browser, world: World) -> None:
    phones.set_up(world.ada)
    sign_in(stranger)

    assert "Code" in stranger.get(f"{STEP}?next=/incidents").text


def test_whoever_never_gave_the_password_is_sent_to_the_beginning(
    stranger: Browser, world: World, clock: Any
) -> None:
    phone = phones.set_up(world.ada)

    assert stranger.get(STEP).headers["Location"] == "/sign-in"
    assert stranger.send(STEP, {"code": phone.code(clock)}).status_code == 403
    assert stranger.send("/sign-in/set-up", {"code": "000000", "app": "x"}).status_code == 403


def test_the_second_step_goes_on_in_the_browser_of_the_first_alone(
    stranger: Browser, world: World, clock: Any
) -> None:
    phone = phones.set_up(world.ada)
    sign_in(stranger)

    elsewhere = Browser(stranger.application)
    assert elsewhere.send(STEP, {"code": phone.code(clock)}).status_code == 403
    assert stranger.send(STEP, {"code": phone.code(clock)}).status_code == 303


def test_a_second_step_after_a_quarter_of_an_hour_begins_anew(
    stranger: Browser, world: World, clock: Any
) -> None:
    phone = phones.set_up(world.ada)
    sign_in(stranger)
    clock.advance(seconds=second_step.LASTS.total_seconds())

    answer = stranger.send(STEP, {"code": phone.code(clock)})
    assert answer.status_code == 403
    assert "took too long" in answer.text


def test_one_second_step_opens_one_session(stranger: Browser, world: World, clock: Any) -> None:
    phone = phones.set_up(world.ada)
    sign_in(stranger)
    waiting = stranger.get_cookie("postmortems-step")
    assert waiting is not None
    assert stranger.send(STEP, {"code": phone.code(clock)}).status_code == 303
    assert stranger.get_cookie("postmortems-step") is None

    again = Browser(stranger.application)
    again.set_cookie("postmortems-step", waiting.value)
    assert again.send(STEP, {"code": phone.code(clock)}).status_code == 403


def test_the_cookie_is_for_this_server_and_no_script(stranger: Browser, world: World) -> None:
    phones.set_up(world.ada)

    said = next(one for one in sign_in(stranger).headers.getlist("Set-Cookie") if "postmortems-step" in one)
    assert "HttpOnly" in said
    assert "SameSite=Lax" in said


def test_wrong_codes_wait_as_wrong_passwords_do_and_the_password_buys_no_more(
    stranger: Browser, world: World, clock: Any
) -> None:
    phone = phones.set_up(world.ada)
    tries = 0
    while sign_in(stranger).status_code == 200:
        answer = stranger.send(STEP, {"code": "000000"})
        tries += 1
    assert tries == sign_in_limits.MOST_OF_ACCOUNT // 2
    assert answer.status_code == 403

    assert stranger.send(STEP, {"code": phone.code(clock)}).status_code == 429
    clock.advance(minutes=16)
    sign_in(stranger)
    assert stranger.send(STEP, {"code": phone.code(clock)}).status_code == 303


def test_a_link_stands_for_the_password_and_not_for_the_phone(
    stranger: Browser, world: World, clock: Any
) -> None:
    phone = phones.set_up(world.ada)
    with db.transaction():
        secret = account_sign_in.make_sign_in_link(accounts.account("ada"), clock.now(), actor=world.ben)

    assert "second step" in stranger.send(f"/sign-in/link/{secret}").text
    assert not is_in(stranger)
    assert stranger.send(STEP, {"code": phone.code(clock)}).status_code == 303
    assert "present password is not asked for" in stranger.get("/settings").text


def test_a_proxy_that_signs_people_in_has_asked_already(database: str, world: World) -> None:
    phones.set_up(world.ada)
    header = {"proxy_user_header": "X-Forwarded-User", "second_factor": "all"}
    browser = Browser(
        app_on(database, **header, proxy_networks=(ip_network("127.0.0.1"),), secrets_key=(KEY,))
    )

    browser.environ_base["HTTP_X_FORWARDED_USER"] = "ada"
    assert browser.get("/sign-in").status_code == 303
    assert is_in(browser)


def test_what_was_left_unsent_waits_for_the_second_step_too(
    stranger: Browser, world: World, clock: Any
) -> None:
    phone = phones.set_up(world.ada)
    browser = world.browser("ada")
    written = re.search(r'name="written_by" value="([^"]+)"', browser.get("/incidents/new").text)
    assert written is not None
    browser.delete_cookie("postmortems")
    refused = browser.send("/incidents/new", {"written_by": written[1], "title": "An outage"})
    sealed = re.search(r'name="unsent" value="([^"]+)"', refused.text)
    assert sealed is not None

    asked = sign_in(browser, unsent=sealed[1])
    assert sealed[1] in asked.text
    assert (
        "What you wrote is still here"
        in browser.send(STEP, {"code": phone.code(clock), "unsent": sealed[1]}).text
    )


def test_an_admin_without_a_factor_is_led_to_set_one_up_before_anything_else(
    strict: Browser, clock: Any
) -> None:
    page = sign_in(strict, "ben", next="/incidents")
    key, sealed = read_key(page)
    assert not is_in(strict)

    wrong = strict.send("/sign-in/set-up", {"code": "000000", "app": sealed})
    assert wrong.status_code == 422
    assert read_key(wrong) == (key, sealed)

    code = pyotp.TOTP(key).at(clock.now())
    codes = strict.send("/sign-in/set-up", {"code": code, "app": sealed, "next": "/incidents"})
    assert len(CODE.findall(codes.text)) == 10
    assert 'href="/incidents"' in codes.text
    assert is_in(strict)


def test_who_needs_none_is_not_asked(strict: Browser) -> None:
    assert sign_in(strict, "ada").status_code == 303


def test_who_becomes_an_admin_is_led_to_set_one_up(strict: Browser, world: World) -> None:
    sign_in(strict, "ada")
    assert is_in(strict)
    with db.transaction():
        account_operations.change_user("ada", role="admin", is_active=True, actor=world.ben)

    assert not is_in(strict)
    assert "Set up a second step" in sign_in(strict, "ada").text


def test_nobody_sets_up_an_app_for_an_account_that_has_one(strict: Browser, world: World, clock: Any) -> None:
    key, sealed = read_key(sign_in(strict, "ben"))
    phones.set_up(world.ben)

    code = pyotp.TOTP(key).at(clock.now())
    assert strict.send("/sign-in/set-up", {"code": code, "app": sealed}).status_code == 403
    assert not is_in(strict)


def test_after_an_admin_has_reset_it_the_password_suffices(stranger: Browser, world: World) -> None:
    phones.set_up(world.ada)
    bens = world.browser("ben")
    assert "Reset second step" in bens.get("/settings/people").text
    assert bens.send("/settings/people/ada", {"do": "reset-factors"}).status_code == 303

    assert sign_in(stranger).status_code == 303
    assert "Reset second step" not in bens.get("/settings/people").text


def test_only_an_admin_resets(world: World) -> None:
    phones.set_up(world.ben)

    assert world.browser("ada").send("/settings/people/ben", {"do": "reset-factors"}).status_code == 403
    with db.transaction():
        assert operations.reset("ben", actor=world.system)
