"""A form that came after its session had ended goes on from where it was, for its writer and nobody else."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from postmortems.web import auth
from tests.world import PASSWORD, Browser, World

FIELD = re.compile(
    r'<(?:input|textarea)[^>]* name="([^"]+)"(?:[^>]* value="([^"]*)")?[^>]*>(?:\n([^<]*)</textarea>)?'
)
TITLE = 'The "proxy" <stopped> &c'
ORIGIN = {"Origin": "http://localhost"}


def fields(page: str, form: str) -> dict[str, str]:
    """The fields of the form with this action."""
    inside = page.split(f'action="{form}"', 1)[1].split("</form>", 1)[0]
    return {name: html.unescape(value or text) for name, value, text in FIELD.findall(inside)}


def writes(browser: Browser) -> dict[str, str]:
    form = fields(browser.get("/incidents/new").text, "/incidents/new")
    return form | {"title": TITLE, "do": "save"}


def sign_out_elsewhere(browser: Browser, app: Flask) -> None:
    with app.test_request_context():
        browser.delete_cookie(auth.cookie_name())


def after_signing_in(
    browser: Browser, sign_in_page: str, name: str, password: str = PASSWORD
) -> TestResponse:
    sent = fields(sign_in_page, "/sign-in") | {"name": name, "password": password}
    return browser.post("/sign-in", data=sent)


def test_who_signs_in_again_sends_what_they_wrote(app: Flask, world: World) -> None:
    browser = world.browser("ben")
    form = writes(browser)
    sign_out_elsewhere(browser, app)
    refused = browser.post("/incidents/new", data=form)
    assert refused.status_code == 401
    assert "Your session has ended" in refused.text
    assert TITLE not in html.unescape(refused.text)

    wrong = after_signing_in(browser, refused.text, "ben", "wrong")
    kept = after_signing_in(browser, wrong.text, "ben")
    again = fields(kept.text, "/incidents/new")
    saved = browser.post("/incidents/new", data=again)

    assert again["title"] == TITLE
    assert saved.status_code == 303
    assert TITLE in html.unescape(browser.get(saved.headers["Location"]).text)


def test_another_person_on_the_same_browser_does_not_get_it(app: Flask, world: World) -> None:
    browser = world.browser("ben")
    form = writes(browser)
    sign_out_elsewhere(browser, app)
    refused = browser.post("/incidents/new", data=form)

    answer = after_signing_in(browser, refused.text, "ada")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("sealed", ["x", "gAAAAA", "\u00e9", "a" * 5000])
def test_what_we_did_not_seal_is_passed_over(app: Flask, world: World, sealed: str) -> None:
    answer = Browser(app).send("/sign-in", {"name": "ben", "password": PASSWORD, "unsent": sealed})

    assert answer.status_code == 303


def test_a_form_from_before_one_signed_in_again_can_be_sent_once_more(app: Flask, world: World) -> None:
    browser = world.browser("ben")
    form = writes(browser) | {"csrf_token": "of another session"}

    refused = browser.post("/incidents/new", data=form, headers=ORIGIN)
    saved = browser.post("/incidents/new", data=fields(refused.text, "/incidents/new"), headers=ORIGIN)

    assert refused.status_code == 403
    assert "What you wrote is still here" in refused.text
    assert saved.status_code == 303


@pytest.mark.parametrize(
    "changed, headers",
    [({}, {}), ({"written_by": ""}, ORIGIN), ({"written_by": "ImFkYSI.forged"}, ORIGIN)],
)
def test_a_form_that_may_be_anothers_is_not_shown_again(
    app: Flask, world: World, changed: dict[str, str], headers: dict[str, str]
) -> None:
    browser = world.browser("ben")
    form = writes(browser) | {"csrf_token": "of another session"} | changed

    refused = browser.post("/incidents/new", data=form, headers=headers)

    assert refused.status_code == 403
    assert TITLE not in html.unescape(refused.text)


def test_a_form_shown_to_another_person_is_not_shown_to_who_is_signed_in(app: Flask, world: World) -> None:
    form = writes(world.browser("ada")) | {"csrf_token": "of another session"}

    refused = world.browser("ben").post("/incidents/new", data=form, headers=ORIGIN)

    assert refused.status_code == 403
    assert TITLE not in html.unescape(refused.text)
