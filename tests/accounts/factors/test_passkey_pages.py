"""Passkeys through the pages, by a security key in software: what the script does, these tests do."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask

from postmortems.accounts import queries as accounts
from postmortems.accounts import sign_in as account_sign_in
from postmortems.db import session as db
from tests.accounts.factors import phones
from tests.accounts.factors.security_keys import SecurityKey
from tests.accounts.factors.test_pages import is_in
from tests.accounts.factors.test_pages import sign_in as by_password
from tests.apps import KEY, app_on
from tests.world import Browser, World

HERE, SIGN_IN = "/settings/second-step", "/sign-in/passkey"
URL = "http://localhost:8000"


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (KEY,), "url": URL}


@pytest.fixture
def stranger(app: Flask, world: World) -> Browser:
    return Browser(app)


def registered(browser: Browser, name: str = "my phone") -> SecurityKey:
    key = SecurityKey(origin=URL)
    made = key.create(browser.send(f"{HERE}/passkeys/options").text)
    answer = browser.send(f"{HERE}/passkeys", {"name": name, "answer": made})
    assert answer.status_code in {200, 303}, answer.text
    return key


def asked(browser: Browser, key: SecurityKey, step: bool = False) -> str:
    return key.get(browser.send(f"{SIGN_IN}/options{'?step=1' if step else ''}").text)


def test_a_passkey_signs_in_without_name_and_password(stranger: Browser, world: World) -> None:
    key = registered(world.browser("ada"))

    answer = stranger.send(SIGN_IN, {"answer": asked(stranger, key), "next": "/incidents"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/incidents")
    assert "ada" in stranger.get("/settings").text


def test_after_the_password_it_is_the_second_step(stranger: Browser, world: World) -> None:
    key = registered(world.browser("ada"))
    assert "Use a passkey" in by_password(stranger).text
    assert not is_in(stranger)

    sent = asked(stranger, key, step=True)
    assert stranger.send(SIGN_IN, {"answer": sent, "step": "1"}).status_code == 303
    assert is_in(stranger)


def test_in_the_second_step_only_ones_own_are_asked_for_and_taken(stranger: Browser, world: World) -> None:
    adas, bens = registered(world.browser("ada")), registered(world.browser("ben"))
    by_password(stranger)

    options = json.loads(stranger.send(f"{SIGN_IN}/options?step=1").text)
    assert len(options["allowCredentials"]) == 1
    answer = stranger.send(SIGN_IN, {"answer": asked(stranger, bens, step=True), "step": "1"})
    assert answer.status_code == 403
    assert "not of the account whose password you gave" in answer.text
    assert not is_in(stranger)
    sent = asked(stranger, adas, step=True)
    assert stranger.send(SIGN_IN, {"answer": sent, "step": "1"}).status_code == 303


def test_a_link_and_a_passkey_let_one_choose_a_password(stranger: Browser, world: World, clock: Any) -> None:
    key = registered(world.browser("ada"))
    with db.transaction():
        secret = account_sign_in.make_sign_in_link(accounts.account("ada"), clock.now(), actor=world.ben)
    stranger.send(f"/sign-in/link/{secret}")

    stranger.send(SIGN_IN, {"answer": asked(stranger, key, step=True), "step": "1"})

    assert "present password is not asked for" in stranger.get("/settings").text


def test_an_answer_works_in_the_browser_that_was_asked_and_once(stranger: Browser, world: World) -> None:
    key = registered(world.browser("ada"))
    sent = asked(stranger, key)

    elsewhere = Browser(stranger.application)
    assert elsewhere.send(SIGN_IN, {"answer": sent}).status_code == 403
    forms_cookie = stranger.get_cookie("postmortems-forms")
    assert forms_cookie is not None
    assert stranger.send(SIGN_IN, {"answer": sent}).status_code == 303

    # Whoever has kept the cookie of then, and the answer, comes too late.
    thief = Browser(stranger.application)
    thief.set_cookie("postmortems-forms", forms_cookie.value)
    answer = thief.send(SIGN_IN, {"answer": sent})
    assert answer.status_code == 403
    assert "sent twice" in answer.text


def test_an_answer_to_make_one_signs_nobody_in(stranger: Browser, world: World) -> None:
    browser = world.browser("ada")
    key = registered(browser)
    sent = key.get(browser.send(f"{HERE}/passkeys/options").text)

    assert browser.send(SIGN_IN, {"answer": sent}).status_code == 403


@pytest.mark.parametrize("sent", ["", "{}", "null", "x" * 20_000])
def test_rubbish_signs_nobody_in(stranger: Browser, world: World, sent: str) -> None:
    stranger.send(f"{SIGN_IN}/options")

    assert stranger.send(SIGN_IN, {"answer": sent}).status_code == 403
    assert world.browser("ada").send(f"{HERE}/passkeys", {"answer": sent, "name": "x"}).status_code == 422


def test_one_is_named_listed_and_taken_away(world: World) -> None:
    browser = world.browser("ada")
    key = registered(browser, "the one of titanium")
    page = browser.get(HERE).text
    assert "the one of titanium" in page
    found = re.search(r"/passkeys/\d+/remove", page)
    assert found is not None

    assert browser.send(f"{HERE}{found[0]}").status_code == 303

    # The first page tells that it is gone.
    browser.get(HERE)
    assert "the one of titanium" not in browser.get(HERE).text
    again = Browser(browser.application)
    assert again.send(SIGN_IN, {"answer": asked(again, key)}).status_code == 403


def test_a_while_after_signing_in_none_is_made_unproven(world: World, clock: Any) -> None:
    browser = world.browser("ada")
    clock.advance(minutes=16)

    assert browser.send(f"{HERE}/passkeys/options").status_code == 403
    assert browser.send(f"{HERE}/passkeys", {"name": "x", "answer": "{}"}).status_code == 403


def test_another_persons_is_not_even_there(world: World) -> None:
    browser = world.browser("ada")
    registered(browser)

    assert world.browser("ben").send(f"{HERE}/passkeys/1/remove").status_code == 404
    assert world.browser("ben").send(f"{HERE}/passkeys/999/remove").status_code == 404


def test_where_the_company_alone_signs_in_a_passkey_does_not(database: str, world: World) -> None:
    key = registered(world.browser("ada"))
    provider = {"oidc_issuer": "https://id.example", "oidc_only": True}
    browser = Browser(app_on(database, url=URL, secrets_key=(KEY,), **provider))

    assert "passkey" not in browser.get("/sign-in").text
    assert browser.send(SIGN_IN, {"answer": asked(browser, key)}).status_code == 403


def test_at_an_address_without_a_name_none_is_offered(database: str, world: World) -> None:
    browser = Browser(app_on(database, url="http://192.0.2.7"))

    assert "passkey" not in browser.get("/sign-in").text
    assert browser.send(f"{SIGN_IN}/options").status_code == 403


def test_a_session_opened_by_one_has_its_second_factor(database: str, world: World) -> None:
    key = registered(world.browser("ben"))
    browser = Browser(app_on(database, url=URL, secrets_key=(KEY,), second_factor="admins"))

    browser.send(SIGN_IN, {"answer": asked(browser, key)})

    assert is_in(browser)


def test_beside_an_app_either_does(stranger: Browser, world: World, clock: Any) -> None:
    phone, key = phones.set_up(world.ada), registered(world.browser("ada"))
    page = by_password(stranger).text

    assert "Use a passkey" in page
    assert "six figures" in page
    assert stranger.send("/sign-in/second-step", {"code": phone.code(clock)}).status_code == 303
    again = Browser(stranger.application)
    assert again.send(SIGN_IN, {"answer": asked(again, key)}).status_code == 303


class TestWhereOneIsRequired:
    """Ben, an admin, has no second factor, and the operator asks admins for one."""

    @pytest.fixture(params=[(KEY,), ()], ids=["with keys", "without keys, so without apps"])
    def strict(self, request: pytest.FixtureRequest, database: str, world: World) -> Browser:
        app = app_on(database, second_factor="admins", secrets_key=request.param, url=URL)
        return Browser(app)

    def made(self, browser: Browser) -> tuple[SecurityKey, str]:
        key = SecurityKey(origin=URL)
        return key, key.create(browser.send(f"{SIGN_IN}/options?set-up=1").text)

    def test_a_passkey_does_in_place_of_an_app(self, strict: Browser) -> None:
        page = by_password(strict, "ben")
        assert "Add a passkey" in page.text
        assert not is_in(strict)
        key, answer = self.made(strict)

        done = strict.send("/sign-in/set-up", {"name": "my key", "answer": answer, "next": "/incidents"})

        assert done.status_code == 200
        assert "Recovery codes" in done.text or "recovery codes" in done.text
        assert is_in(strict)
        strict.send("/sign-out")
        assert strict.send(SIGN_IN, {"answer": asked(strict, key)}).status_code == 303
        assert is_in(strict)

    def test_a_refused_one_leaves_the_page_and_the_sign_in_open(self, strict: Browser) -> None:
        by_password(strict, "ben")
        _, answer = self.made(strict)
        unnamed = strict.send("/sign-in/set-up", {"name": "", "answer": answer})
        assert unnamed.status_code == 422
        assert "ive it a name that you will recognise" in unnamed.text
        again = strict.send("/sign-in/set-up", {"name": "my key", "answer": answer})
        assert again.status_code == 422
        assert "was not asked for a passkey" in again.text
        _, answer = self.made(strict)

        assert strict.send("/sign-in/set-up", {"name": "my key", "answer": answer}).status_code == 200
        assert is_in(strict)

    def test_who_has_a_factor_or_gave_no_password_is_asked_for_none(self, strict: Browser) -> None:
        assert strict.send(f"{SIGN_IN}/options?set-up=1").status_code == 403
        by_password(strict, "ben")
        _, answer = self.made(strict)
        strict.send("/sign-in/set-up", {"name": "my key", "answer": answer})
        strict.send("/sign-out")
        by_password(strict, "ben")

        assert strict.send(f"{SIGN_IN}/options?set-up=1").status_code == 403
        assert strict.send("/sign-in/set-up", {"name": "another", "answer": answer}).status_code == 403
        assert not is_in(strict)

    def test_what_was_made_to_sign_in_sets_nothing_up(self, strict: Browser) -> None:
        by_password(strict, "ben")
        key, _ = self.made(strict)
        strict.send(f"{SIGN_IN}/options")
        answer = key.create(strict.send(f"{SIGN_IN}/options?set-up=1").text)
        strict.send(f"{SIGN_IN}/options")

        assert strict.send("/sign-in/set-up", {"name": "my key", "answer": answer}).status_code == 422
        assert not is_in(strict)
