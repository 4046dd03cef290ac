"""Sign-in by an identity provider on loopback: whom it lets in, and what of its answers is not taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from postmortems.accounts import oidc_keys, operations, queries
from postmortems.audit.models import Event
from postmortems.db import session as db
from tests.accounts.company.conftest import come_back, leave
from tests.conftest import Clock
from tests.identity_provider import CLIENT, IdentityProvider
from tests.issuer import public
from tests.world import Browser, World

SignIn = Callable[..., TestResponse]


def events(verb: str) -> list[Event]:
    with db.reading():
        return list(db.session().scalars(select(Event).where(Event.verb == verb).order_by(Event.id)))


def is_in(browser: Browser) -> bool:
    return browser.get("/settings").status_code == 200


def test_somebody_new_has_an_account_from_then_on(
    any_database: str, browser: Browser, sign_in: SignIn
) -> None:
    answer = sign_in("?next=/settings/tokens")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/tokens")
    assert "eve" in browser.get("/settings").text
    with db.reading():
        made = queries.account("eve")
        assert (made.role, made.password_hash) == ("viewer", None)
    assert [event.actor for event in events("user.added")][-1] == "identity provider"
    assert events("user.connected")[0].data["provider_subject"] == "248289"


def test_another_name_at_the_provider_is_the_same_account(
    any_database: str, browser: Browser, provider: IdentityProvider, sign_in: SignIn
) -> None:
    sign_in()
    browser.send("/sign-out")
    provider.person["preferred_username"] = "eve-married"

    assert sign_in().status_code == 303
    assert "eve-married" not in browser.get("/settings").text
    assert len(events("user.connected")) == 1


def test_the_name_of_an_account_that_is_there_takes_nothing_over(
    browser: Browser, provider: IdentityProvider, sign_in: SignIn
) -> None:
    for name, told in [("ben", "users connect ben --subject=248289"), ("BEN", "no account can be made")]:
        provider.person["preferred_username"] = name
        answer = sign_in()

        assert answer.status_code == 403
        assert told in answer.text.replace("No account", "no account")
        assert not is_in(browser)


@pytest.mark.parametrize(
    "person, told",
    [
        ({"preferred_username": None}, "does not say &#39;preferred_username&#39; of you"),
        ({"preferred_username": ["ben"]}, "does not say &#39;preferred_username&#39; of you"),
        ({"preferred_username": "EXAMPLE\\eve"}, "which is no name of an account"),
        ({"preferred_username": "eve smith"}, "which is no name of an account"),
        ({"preferred_username": "<script>"}, "&lt;script&gt;"),
    ],
)
def test_a_name_that_no_account_can_have_is_refused_in_words(
    browser: Browser, provider: IdentityProvider, sign_in: SignIn, person: dict[str, Any], told: str
) -> None:
    provider.person |= person
    answer = sign_in()

    assert answer.status_code == 403
    assert told in answer.text


def test_an_account_that_is_switched_off_stays_out(browser: Browser, world: World, sign_in: SignIn) -> None:
    sign_in()
    with db.transaction():
        operations.change_user("eve", role="viewer", is_active=False, actor=world.ben)
    answer = sign_in()

    assert answer.status_code == 403
    assert "The account eve is switched off" in answer.text
    assert not is_in(browser)


@pytest.mark.parametrize("changed", [{"nonce": "of another"}, {"iss": "https://id.example.org"}, {"exp": 1}])
def test_what_was_not_signed_for_this_sign_in_is_not_taken(
    browser: Browser, provider: IdentityProvider, sign_in: SignIn, changed: dict[str, Any]
) -> None:
    provider.changed = changed
    answer = sign_in()

    assert answer.status_code == 403
    assert "what Example ID said is not taken" in answer.text.replace("What", "what")
    assert not is_in(browser)
    assert "is not taken" in events("user.sign_in_failed")[-1].data["why"]


def test_a_new_key_is_asked_for_when_a_token_names_it(
    provider: IdentityProvider, sign_in: SignIn, browser: Browser, clock: Clock
) -> None:
    sign_in()
    browser.send("/sign-out")
    provider.keys, provider.signs_with = [public("two")], "two"
    clock.advance(minutes=1)

    assert sign_in().status_code == 303
    assert provider.asked.count("/keys") == 2


class TestTheWayBack:
    """Only the browser that left comes back, once, soon, with the state that it was given."""

    def test_it_counts_once(self, any_database: str, browser: Browser, provider: IdentityProvider) -> None:
        address = provider.authorize(leave(browser))
        cookie = browser.get_cookie("postmortems-oidc")
        assert cookie is not None
        assert come_back(browser, address).status_code == 303
        assert browser.get_cookie("postmortems-oidc") is None
        browser.send("/sign-out")
        browser.set_cookie("postmortems-oidc", cookie.value)
        provider.codes = {code: {} for code in provider.codes}
        asked = provider.asked.count("/token")
        answer = come_back(browser, address)

        assert answer.status_code == 403
        assert "was answered already" in answer.text
        assert provider.asked.count("/token") == asked

    def test_another_browser_does_not_come_back(
        self, app: Flask, browser: Browser, provider: IdentityProvider
    ) -> None:
        other = Browser(app)
        answer = come_back(other, provider.authorize(leave(browser)))

        assert answer.status_code == 403
        assert "begun in another browser" in answer.text
        leave(other)
        answer = come_back(other, provider.authorize(leave(browser)))
        assert "answers another sign-in" in answer.text
        assert "/token" not in provider.asked

    @pytest.mark.parametrize("state", ["", "x", "ä", "%ED%B2%80", "a" * 43])
    def test_another_state_is_refused(self, browser: Browser, provider: IdentityProvider, state: str) -> None:
        provider.authorize(leave(browser))
        answer = browser.get("/auth/oidc/callback", query_string={"code": "code-0-0", "state": state})

        assert answer.status_code == 403
        assert "/token" not in provider.asked

    def test_it_is_open_for_ten_minutes(
        self, browser: Browser, provider: IdentityProvider, clock: Clock
    ) -> None:
        address = provider.authorize(leave(browser))
        clock.advance(minutes=10)
        assert come_back(browser, address).status_code == 303
        browser.send("/sign-out")
        address = provider.authorize(leave(browser))
        clock.advance(minutes=10, seconds=1)

        assert "too long ago" in come_back(browser, address).text

    @pytest.mark.parametrize("value", ["", "x", "W10.x", "WyJhIl0.AAAA"])
    def test_a_cookie_that_is_not_ours_is_refused(
        self, browser: Browser, provider: IdentityProvider, value: str
    ) -> None:
        address = provider.authorize(leave(browser))
        browser.set_cookie("postmortems-oidc", value)

        assert come_back(browser, address).status_code == 403

    def test_another_issuer_does_not_answer_for_this_one(
        self, browser: Browser, provider: IdentityProvider
    ) -> None:
        address = provider.authorize(leave(browser)).partition("&iss=")[0]
        answer = come_back(browser, f"{address}&iss=https://evil.example")

        assert "another issuer answered" in answer.text
        assert "/token" not in provider.asked

    @pytest.mark.parametrize(
        "sent, told",
        [
            ("error=access_denied", "did not sign you in: access denied"),
            ("error=<script>", "something that is no error of its kind"),
            ("error=access_denied&error_description=Call+0800+evil", "did not sign you in: access denied."),
            ("", "sent no code"),
            ("code=", "sent no code"),
            ("code=of-another", "it answered &#39;invalid_grant&#39;"),
        ],
    )
    def test_what_brings_no_code_is_said_in_words(
        self, browser: Browser, provider: IdentityProvider, sent: str, told: str
    ) -> None:
        state = provider.authorize(leave(browser)).partition("&state=")[2].partition("&")[0]
        answer = browser.get(f"/auth/oidc/callback?state={state}&{sent}")

        assert answer.status_code == 403
        assert told in answer.text
        assert "0800" not in answer.text

    def test_a_code_for_another_browsers_sign_in_is_refused_by_the_provider(
        self, app: Flask, browser: Browser, provider: IdentityProvider
    ) -> None:
        stolen = provider.authorize(leave(Browser(app))).partition("code=")[2].partition("&")[0]
        state = provider.authorize(leave(browser)).partition("&state=")[2]
        answer = browser.get(f"/auth/oidc/callback?code={stolen}&state={state}")

        assert "invalid_grant" in answer.text

    @pytest.mark.parametrize(
        "target",
        [
            *(
                "https://evil.example/",
                "//evil.example/",
                "/\\evil.example",
                "\\\\evil.example",
                "evil.example",
            ),
            *("/\t/evil.example", "javascript:alert(1)", "http:evil.example", "https:///evil.example", ""),
        ],
    )
    def test_it_leads_to_no_other_site(self, browser: Browser, sign_in: SignIn, target: str) -> None:
        answer = sign_in(f"?{urlencode({'next': target})}")

        assert (answer.status_code, answer.headers["Location"]) == (303, "/")

    def test_a_session_that_was_there_ends(self, app: Flask, world: World, sign_in: SignIn) -> None:
        browser = world.browser("ada")
        before = browser.get_cookie("postmortems")
        assert before is not None
        other = Browser(app)
        other.set_cookie("postmortems-oidc", "x")
        leave_as_nobody = Browser(app)
        sign_in(by=leave_as_nobody)

        assert leave_as_nobody.get_cookie("postmortems") != before
        assert browser.get("/auth/oidc/login?next=/settings").headers["Location"] == "/settings"


class TestAProviderInTrouble:
    def test_one_that_is_down_is_said_to_be(self, browser: Browser, provider: IdentityProvider) -> None:
        provider.raw["/.well-known/openid-configuration"] = (503, b"")
        answer = browser.get("/auth/oidc/login")

        assert answer.status_code == 503
        assert "Example ID cannot be asked at this moment" in answer.text
        assert 'action="/sign-in"' in answer.text

    def test_one_that_went_down_meanwhile(self, browser: Browser, provider: IdentityProvider) -> None:
        address = provider.authorize(leave(browser))
        provider.raw["/token"] = (502, b"<h1>Bad gateway</h1>")
        answer = come_back(browser, address)

        assert answer.status_code == 503
        assert "it answered 502" in answer.text

    def test_one_that_is_slow_is_not_waited_for(
        self, browser: Browser, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(oidc_keys, "TIMEOUT_S", 0.2)
        provider.waits_s = 0.5

        answer = browser.get("/auth/oidc/login")
        assert answer.status_code == 503
        assert "it cannot be reached from here" in answer.text

    def test_its_description_outlives_its_sleep(
        self, browser: Browser, provider: IdentityProvider, clock: Clock, sign_in: SignIn
    ) -> None:
        sign_in()
        browser.send("/sign-out")
        provider.raw["/.well-known/openid-configuration"] = (503, b"")
        clock.advance(days=1)

        assert sign_in().status_code == 303

    @pytest.mark.parametrize(
        "body", [b"", b"<html>", b"[]", b"null", b"\xff", b"[" * 60_000, b"{}", b"x" * 70_000]
    )
    def test_a_description_that_is_none(
        self, browser: Browser, provider: IdentityProvider, body: bytes
    ) -> None:
        provider.raw["/.well-known/openid-configuration"] = (200, body)

        assert browser.get("/auth/oidc/login").status_code == 503

    @pytest.mark.parametrize(
        "described",
        [
            {"issuer": "https://evil.example"},
            {"issuer": None},
            {"authorization_endpoint": None},
            {"authorization_endpoint": "javascript:alert(1)"},
            {"authorization_endpoint": "//evil.example"},
            {"authorization_endpoint": "https://u:p@evil.example/"},
            {"token_endpoint": None},
            {"token_endpoint": "ftp://evil.example"},
            {"token_endpoint": 7},
            {"jwks_uri": None},
        ],
    )
    def test_a_description_that_is_not_right(
        self, browser: Browser, provider: IdentityProvider, described: dict[str, Any]
    ) -> None:
        provider.described = described
        answer = browser.get("/auth/oidc/login")

        assert answer.status_code == 503
        assert "Location" not in answer.headers

    @pytest.mark.parametrize(
        "status, body, told",
        [
            (200, b"<html>", "no JSON object"),
            (200, b"[]", "no JSON object"),
            (200, b"[" * 60_000, "no JSON object"),
            (200, b"{}", "it gave no id_token"),
            (200, b'{"id_token": 7}', "it gave no id_token"),
            (401, b'{"error": "invalid_client"}', "invalid_client"),
            (429, b"slow down", "no JSON object"),
            (302, b"", "no JSON object"),
        ],
    )
    def test_an_answer_that_is_no_token(
        self, browser: Browser, provider: IdentityProvider, status: int, body: bytes, told: str
    ) -> None:
        address = provider.authorize(leave(browser))
        provider.raw["/token"] = (status, body)
        answer = come_back(browser, address)

        assert answer.status_code == 403
        assert told in answer.text

    def test_a_place_inside_the_network_is_not_asked_for_its_sake(
        self, browser: Browser, provider: IdentityProvider
    ) -> None:
        provider.described = {"token_endpoint": "http://127.0.0.1:1/token"}
        answer = come_back(browser, provider.authorize(leave(browser)))

        assert answer.status_code == 503
        assert "it cannot be reached from here" in answer.text

    def test_a_secret_in_the_form_is_sent_where_that_alone_is_taken(
        self, provider: IdentityProvider, sign_in: SignIn
    ) -> None:
        provider.described = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

        assert sign_in().status_code == 303


class TestByMail:
    """The account is named by a mail address, which counts where it is verified."""

    @pytest.fixture
    def besides(self) -> dict[str, Any]:
        return {"oidc_role": "viewer", "oidc_claim": "email"}

    @pytest.mark.parametrize("is_verified", [True, "true"])
    def test_one_that_is_verified(
        self, provider: IdentityProvider, browser: Browser, sign_in: SignIn, is_verified: object
    ) -> None:
        provider.person |= {"email": "eve@example.org", "email_verified": is_verified}

        assert sign_in().status_code == 303
        assert "eve@example.org" in browser.get("/settings").text

    @pytest.mark.parametrize("is_verified", [False, "false", None, 0, "yes", []])
    def test_one_that_is_not(self, provider: IdentityProvider, sign_in: SignIn, is_verified: object) -> None:
        provider.person |= {"email": "eve@example.org", "email_verified": is_verified}

        assert "does not say" in sign_in().text

    def test_what_the_token_lacks_is_asked_for(self, provider: IdentityProvider, sign_in: SignIn) -> None:
        provider.info = {"sub": "248289", "email": "eve@example.org", "email_verified": True}

        assert sign_in().status_code == 303

    @pytest.mark.parametrize("sub", ["248290", None, 248289])
    def test_what_is_told_of_somebody_else_is_not_taken(
        self, provider: IdentityProvider, sign_in: SignIn, sub: object
    ) -> None:
        provider.info = {"sub": sub, "email": "ben@example.org", "email_verified": True}

        assert "told of somebody else" in sign_in().text


class TestByItAlone:
    @pytest.fixture
    def besides(self) -> dict[str, Any]:
        return {"oidc_role": "viewer", "oidc_only": True}

    def test_a_password_lets_nobody_in(self, browser: Browser, sign_in: SignIn) -> None:
        assert 'name="password"' not in browser.get("/sign-in").text
        answer = browser.send("/sign-in", {"name": "ben", "password": "a long enough password"})

        assert answer.status_code == 403
        assert "sign in with Example ID" in answer.text
        assert sign_in().status_code == 303


def test_signing_out_shows_the_way_out_at_the_provider(
    browser: Browser, world: World, provider: IdentityProvider, sign_in: SignIn
) -> None:
    sign_in()
    page = browser.get(browser.send("/sign-out").headers["Location"])
    there = browser.get("/auth/oidc/logout").headers["Location"]

    assert "Sign out of Example ID, too" in page.text
    assert there.startswith(f"{provider.url}/logout?client_id={CLIENT}&post_logout_redirect_uri=http")
    assert world.browser("ada").send("/sign-out").headers["Location"] == "/sign-in"


def test_without_such_a_place_one_is_signed_out_here(browser: Browser, provider: IdentityProvider) -> None:
    provider.described = {"end_session_endpoint": None}

    assert browser.get("/auth/oidc/logout").headers["Location"] == "/sign-in?out=1"


class TestWithoutAProvider:
    @pytest.fixture
    def app_settings(self) -> dict[str, Any]:
        return {}

    @pytest.mark.parametrize("name", ["login", "callback", "logout"])
    def test_there_is_no_such_way(self, browser: Browser, name: str) -> None:
        assert browser.get(f"/auth/oidc/{name}").status_code == 404
        assert "/auth/oidc" not in browser.get("/sign-in").text


def test_no_secret_is_in_what_is_recorded(
    browser: Browser, provider: IdentityProvider, sign_in: SignIn
) -> None:
    provider.changed = {"aud": "another"}
    sign_in()
    provider.changed = {}
    sign_in()

    with db.reading():
        told = json.dumps([[event.verb, event.data] for event in db.session().scalars(select(Event))])
    for secret in ("what-the-provider-gave-out", "an-access-token", "code-", "eyJ"):
        assert secret not in told


def test_two_tabs_that_come_back_at_once_make_one_account(
    any_database: str, app: Flask, browser: Browser, provider: IdentityProvider
) -> None:
    tabs = [browser, Browser(app), Browser(app)]
    ways = [provider.authorize(leave(tab)) for tab in tabs]
    with ThreadPoolExecutor(len(tabs)) as at_once:
        answers = list(at_once.map(come_back, tabs, ways))

    assert [answer.status_code for answer in answers] == [303] * len(tabs)
    assert len(events("user.connected")) == 1


def test_of_two_that_come_back_with_the_same_answer_one_is_in(
    any_database: str, app: Flask, browser: Browser, provider: IdentityProvider
) -> None:
    address = provider.authorize(leave(browser))
    cookie = browser.get_cookie("postmortems-oidc")
    assert cookie is not None
    copy = Browser(app)
    copy.set_cookie("postmortems-oidc", cookie.value)
    with ThreadPoolExecutor(2) as at_once:
        answers = list(at_once.map(come_back, [browser, copy], [address, address]))

    assert sorted(answer.status_code for answer in answers) == [303, 403]
    assert provider.asked.count("/token") == 1
