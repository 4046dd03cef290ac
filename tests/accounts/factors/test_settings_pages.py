"""Settings → Second step: set up, recover, take away, and only by who has just shown who they are."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest

from postmortems.accounts import sign_in, sign_in_limits
from postmortems.accounts.factors import apps
from tests.accounts.factors import phones
from tests.accounts.factors.test_pages import CODE, is_in, read_key
from tests.accounts.factors.test_pages import sign_in as by_password
from tests.apps import KEY, app_on
from tests.world import PASSWORD, Browser, World

HERE = "/settings/second-step"


def set_up(browser: Browser, clock: Any) -> list[str]:
    key, sealed = read_key(browser.get(f"{HERE}/app"))
    answer = browser.send(f"{HERE}/app", {"app": sealed, "code": pyotp.TOTP(key).at(clock.now())})
    return CODE.findall(answer.text)


def test_an_app_is_set_up_and_asked_for_from_then_on(world: World, clock: Any) -> None:
    browser = world.browser("ada")

    assert len(set_up(browser, clock)) == 10

    assert "10 of 10 unused" in browser.get(HERE).text
    assert "second step" in by_password(Browser(browser.application)).text


def test_codes_and_secrets_are_shown_once(world: World, clock: Any) -> None:
    browser = world.browser("ada")
    codes = set_up(browser, clock)

    page = browser.get(HERE).text
    assert not any(code in page for code in codes)


def test_a_wrong_first_code_is_told_at_its_field_with_the_same_picture(world: World) -> None:
    browser = world.browser("ada")
    key, sealed = read_key(browser.get(f"{HERE}/app"))

    answer = browser.send(f"{HERE}/app", {"app": sealed, "code": "000000"})

    assert answer.status_code == 422
    assert "the app shows another code now" in answer.text
    assert read_key(answer) == (key, sealed)


@pytest.mark.parametrize("sealed", ["", "x", "gAAAAA"])
def test_a_secret_that_was_not_offered_is_not_taken(world: World, sealed: str) -> None:
    answer = world.browser("ada").send(f"{HERE}/app", {"app": sealed, "code": "123456"})

    assert answer.status_code == 422
    assert "no longer good" in answer.text


def test_new_codes_and_taking_the_app_away(world: World, clock: Any) -> None:
    browser = world.browser("ada")
    codes = set_up(browser, clock)

    fresh = CODE.findall(browser.send(f"{HERE}/recovery-codes").text)
    assert len(fresh) == 10
    assert not set(fresh) & set(codes)

    assert browser.send(f"{HERE}/app/remove").status_code == 303
    assert by_password(Browser(browser.application)).status_code == 303


@pytest.mark.parametrize("path", ["/app", "/app/remove", "/recovery-codes"])
def test_a_while_after_signing_in_nothing_is_changed_unproven(world: World, clock: Any, path: str) -> None:
    browser = world.browser("ada")
    set_up(browser, clock)
    clock.advance(seconds=sign_in.PROOF_LASTS.total_seconds())

    assert browser.send(f"{HERE}{path}").status_code == 403
    assert browser.get(f"{HERE}/app").status_code == 403
    page = browser.get(HERE).text
    assert "confirm who you are" in page
    assert "app/remove" not in page


def test_the_password_or_a_code_proves_it(world: World, clock: Any) -> None:
    phone = phones.set_up(world.ada)
    for proof in (lambda: PASSWORD, lambda: phone.code(clock), lambda: phone.codes[0]):
        browser = world.browser("ada")
        clock.advance(minutes=16)
        assert browser.send(f"{HERE}/confirm", {"proof": proof()}).status_code == 303
        assert "app/remove" in browser.get(HERE).text


def test_wrong_proofs_are_told_and_limited(world: World, clock: Any) -> None:
    browser = world.browser("ada")
    clock.advance(minutes=16)
    for _ in range(sign_in_limits.MOST_OF_ACCOUNT):
        answer = browser.send(f"{HERE}/confirm", {"proof": "wrong"})
        assert answer.status_code == 422
        assert "neither your password nor a valid code" in answer.text

    assert browser.send(f"{HERE}/confirm", {"proof": PASSWORD}).status_code == 429


def test_guesses_at_the_app_count_here_as_at_signing_in(
    world: World, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apps, "MOST_REFUSED", 2)
    phone = phones.set_up(world.ada)
    browser = world.browser("ada")
    clock.advance(minutes=16)
    # The first is no code at all.
    for proof in ("my password", "000000", phone.code(clock), "000 000", "000000"):
        right = proof not in ("my password", "000 000", "000000")
        assert browser.send(f"{HERE}/confirm", {"proof": proof}).status_code == (303 if right else 422)

    assert browser.send(f"{HERE}/confirm", {"proof": phone.code(clock)}).status_code == 422
    assert browser.send(f"{HERE}/confirm", {"proof": PASSWORD}).status_code == 303


def test_a_new_password_keeps_the_second_factor_of_the_session(
    database: str, world: World, clock: Any
) -> None:
    phone = phones.set_up(world.ben)
    browser = Browser(app_on(database, second_factor="admins", secrets_key=(KEY,)))
    by_password(browser, "ben")
    browser.send("/sign-in/second-step", {"code": phone.code(clock)})
    form = {"current": PASSWORD, "password": "another long password", "again": "another long password"}

    assert browser.send("/settings/password", form).status_code == 303
    assert is_in(browser)
