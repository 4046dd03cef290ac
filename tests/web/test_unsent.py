"""A form that came after its session had ended goes on from where it was, for its writer and nobody else."""

from __future__ import annotations

import html
import re
import time
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from postmortems import errors, limits
from postmortems.web import auth, unsent
from tests.world import PASSWORD, Browser, World

FIELD = re.compile(
    r'<(?:input|textarea)[^>]* name="([^"]+)"(?:[^>]* value="([^"]*)")?[^>]*>(?:\n([^<]*)</textarea>)?'
)
TITLE = 'The "proxy" <stopped> &c'
ORIGIN = {"Origin": "http://localhost"}


def fields(page: str, form: str) -> dict[str, str]:
    """The fields of the form with this action, the last of its page."""
    inside = page.split(f'action="{form}"')[-1].split("</form>", 1)[0]
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
    assert "The session has ended" in refused.text
    assert TITLE not in html.unescape(refused.text)

    wrong = after_signing_in(browser, refused.text, "ben", "wrong")
    kept = after_signing_in(browser, wrong.text, "ben")
    again = fields(kept.text, "/incidents/new")
    saved = browser.post("/incidents/new", data=again)

    assert again["title"] == TITLE
    assert saved.status_code == 303
    assert TITLE in html.unescape(browser.get(saved.headers["Location"]).text)


def test_another_person_on_the_same_browser_leaves_it_to_its_writer(app: Flask, world: World) -> None:
    browser = world.browser("ben")
    form = writes(browser)
    sign_out_elsewhere(browser, app)
    refused = browser.post("/incidents/new", data=form)

    others = after_signing_in(browser, refused.text, "ada")
    left = browser.post("/sign-out", data=fields(others.text, "/sign-out"))
    kept = after_signing_in(browser, left.text, "ben")

    assert "ben wrote it, so it was not sent" in others.text
    assert TITLE not in html.unescape(others.text + left.text)
    assert fields(kept.text, "/incidents/new")["title"] == TITLE


@pytest.mark.parametrize(
    "name, told",
    [
        ("", "sign in as ben to send it"),
        ("ben", "What you wrote is still here"),
        ("ada", "ben wrote it, so it was not sent"),
    ],
)
def test_who_came_in_by_a_link_in_another_tab_goes_on_in_this_one(
    app: Flask, world: World, name: str, told: str
) -> None:
    browser = world.browser("ben")
    form = writes(browser)
    sign_out_elsewhere(browser, app)
    refused = browser.post("/incidents/new", data=form)
    here = world.browser(name) if name else Browser(app)

    sent = fields(refused.text, "/sign-in") | {"go_on": "yes", "csrf_token": "of another session"}
    answer = here.post("/sign-in", data=sent, headers=ORIGIN)

    assert answer.status_code == 403
    assert told in answer.text


def test_a_text_pasted_for_an_import_is_kept_and_a_token_beside_it_is_not(app: Flask, world: World) -> None:
    browser = world.browser("ben")
    paste, tracker = browser.get("/import").text.split('action="/import"')[1:]
    assert 'name="token"' not in paste
    form = fields(f'action="/import"{paste}', "/import") | {"text": f"# {TITLE}", "name": "proxy.md"}
    secret = fields(f'action="/import"{tracker}', "/import") | {"tracker": "github:o/r", "token": "ghp_x"}
    # A browser sends a field for files that nobody filled in as a file without a name.
    nothing = {"files": (BytesIO(b""), ""), "folder": (BytesIO(b""), "")}
    sign_out_elsewhere(browser, app)

    refused = browser.post("/import", data=form | nothing, content_type="multipart/form-data")
    lost = browser.post("/import", data=secret)
    kept = after_signing_in(browser, refused.text, "ben")
    again = fields(kept.text, "/import")
    given = browser.post("/import", data=again)

    assert refused.status_code == lost.status_code == 401
    assert (again["text"], again["name"]) == (f"# {TITLE}", "proxy.md")
    assert given.status_code == 303
    assert 'name="unsent"' not in lost.text


def test_a_password_is_in_no_form_that_is_kept() -> None:
    forms = [
        form.partition("</form>")[0]
        for path in Path("templates").rglob("*.html")
        for form in path.read_text().split("<form")[1:]
    ]
    secret = [form for form in forms if 'type="password"' in form]

    assert len(secret) > 4
    assert [form for form in secret if "is_secret=true" not in form] == []


@pytest.mark.parametrize(
    "sent_as, changed, is_told",
    [
        ("0123456789abcdef", {}, True),
        ("0123456789abcdef", {"title": ""}, False),
        ("", {}, False),
        ("x; path=/", {}, False),
        ("0" * 400, {}, False),
    ],
)
def test_a_script_is_told_what_was_carried_out(
    app: Flask, world: World, sent_as: str, changed: dict[str, str], is_told: bool
) -> None:
    browser = world.browser("ben")

    answer = browser.post("/incidents/new", data=writes(browser) | {"sent_as": sent_as} | changed)

    cookies = [value.split("=")[0] for value in answer.headers.getlist("Set-Cookie")]
    assert [name for name in cookies if name.startswith("sent-")] == [f"sent-{sent_as}"] * is_told


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


REFUSALS = [
    (RuntimeError("broken"), 500),
    (OperationalError("save", {}, Exception("away")), 503),
    (errors.OutOfReach("another server is away"), 503),
    (errors.NotAllowed("not any more"), 403),
    (errors.NotFound("it is gone"), 404),
    (errors.Conflict("somebody was quicker"), 409),
    (errors.Invalid("that cannot be"), 422),
]


@pytest.fixture
def refusing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, Exception]:
    """Where a test puts what the server meets while it saves."""
    met: dict[str, Exception] = {}

    def save() -> None:
        if "error" in met:
            raise met["error"]

    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    # The application is kept for other tests.
    monkeypatch.setitem(app.view_functions, "writing.create", save)
    return met


@pytest.mark.parametrize("error, status", REFUSALS)
def test_a_page_that_refuses_holds_what_was_sent_and_sends_it_again(
    app: Flask, world: World, refusing: dict[str, Exception], error: Exception, status: int
) -> None:
    browser = world.browser("ben")
    form = writes(browser)
    refusing["error"] = error

    refused = browser.post("/incidents/new", data=form, headers=ORIGIN)
    again = fields(refused.text, "/incidents/new")

    assert refused.status_code == status
    assert again.pop("csrf_token")
    assert again == {name: text for name, text in form.items() if name != "csrf_token"}


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://elsewhere.example"}])
def test_a_page_that_refuses_shows_no_form_that_another_site_may_have_sent(
    app: Flask, world: World, refusing: dict[str, Exception], headers: dict[str, str]
) -> None:
    browser = world.browser("ben")
    form = writes(browser)
    refusing["error"] = errors.Conflict("somebody was quicker")

    refused = browser.post("/incidents/new", data=form, headers=headers)

    assert refused.status_code in {403, 409}
    assert TITLE not in html.unescape(refused.text)


def test_a_form_that_is_too_large_is_told_the_way_back(app: Flask, world: World) -> None:
    browser = world.browser("ben")
    form = writes(browser) | {"message": "x" * limits.BODY}

    refused = browser.post("/incidents/new", data=form, headers=ORIGIN)

    assert refused.status_code == 413
    assert "What you typed is not lost: go back" in refused.text


def test_a_form_that_is_too_long_to_be_kept_says_so(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = world.browser("ben")
    form = writes(browser)
    sign_out_elsewhere(browser, app)
    monkeypatch.setattr(unsent, "LONGEST", 100)

    refused = browser.post("/incidents/new", data=form)

    assert refused.status_code == 401
    assert "too long to be kept" in refused.text
    assert 'name="unsent"' not in refused.text


@pytest.mark.parametrize("age_s, is_kept", [(unsent.KEPT_S - 60, True), (unsent.KEPT_S + 60, False)])
def test_a_form_is_kept_for_a_day(
    app: Flask, monkeypatch: pytest.MonkeyPatch, age_s: int, is_kept: bool
) -> None:
    left = unsent.Unsent("/incidents/new", "ben", (("title", TITLE),))
    with app.app_context():
        sealed = unsent.seal(left)
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + age_s)

        assert unsent.opened(sealed, "ben") == (left if is_kept else None)
