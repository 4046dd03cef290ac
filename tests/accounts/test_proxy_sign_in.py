"""Sign-in by the header of a proxy in front: believed from the proxy's addresses, and from nowhere else."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

from postmortems.accounts import operations, queries
from postmortems.accounts.models import User
from postmortems.accounts.proxy_sign_in import believed
from postmortems.accounts.teams import operations as teams
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.errors import Misconfigured
from tests.world import Browser, World

HEADER, PROXY = "X-Forwarded-User", "10.0.0.7"
NETWORKS = (ip_network(PROXY), ip_network("fd00::/64"))


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"proxy_user_header": HEADER, "proxy_networks": NETWORKS}


@pytest.fixture
def browser(app: Flask, world: World) -> Browser:
    return Browser(app)


def ask(browser: Browser, name: str, path: str = "/sign-in", peer: str = PROXY, **headers: str) -> Any:
    named = {HEADER: name} if name else {}
    return browser.get(path, headers={**named, **headers}, environ_base={"REMOTE_ADDR": peer})


def last_event(verb: str) -> Event | None:
    with db.reading():
        found = select(Event).where(Event.verb == verb).order_by(Event.id.desc())
        return db.session().scalars(found).first()


def test_whom_the_proxy_names_is_signed_in(any_database: str, browser: Browser) -> None:
    asked = ask(browser, "ada", "/settings/tokens")
    answer = ask(browser, "ada", asked.headers["Location"])

    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/tokens")
    assert "ada" in ask(browser, "ada", "/settings").text
    event = last_event("user.signed_in")
    assert event is not None
    assert event.subject == "ada"


@pytest.mark.parametrize(
    "peer",
    [
        "10.0.0.8",
        "127.0.0.1",
        "::1",
        "fd00:1::1",
        "::ffff:10.0.0.8",
        "",
        "unix:",
        "10.0.0.7, 10.0.0.8",
        "10.0.0.7:80",
    ],
)
def test_the_header_of_anybody_else_is_passed_over(browser: Browser, peer: str) -> None:
    answer = ask(browser, "ben", peer=peer)

    assert answer.status_code == 200
    assert not any(cookie.startswith("postmortems=") for cookie in answer.headers.getlist("Set-Cookie"))
    assert ask(browser, "ben", "/settings", peer=peer).status_code == 303


@pytest.mark.parametrize("peer", [PROXY, f"::ffff:{PROXY}", "fd00::3"])
def test_the_proxy_is_believed_in_either_family(peer: str) -> None:
    assert believed(" ada ", peer, NETWORKS) == "ada"


def test_without_the_setting_the_header_means_nothing() -> None:
    assert believed("ada", PROXY, ()) == ""


class TestBehindAnotherProxy:
    @pytest.fixture
    def app_settings(self) -> dict[str, Any]:
        return {"proxy_user_header": HEADER, "proxy_networks": NETWORKS, "trusted_proxies": 1}

    def test_an_address_in_a_header_makes_nobody_the_proxy(self, browser: Browser) -> None:
        spoofed = ask(browser, "ben", peer="192.0.2.1", **{"X-Forwarded-For": PROXY})

        assert spoofed.status_code == 200

    def test_the_proxy_may_say_for_whom_it_asks(self, browser: Browser) -> None:
        answer = ask(browser, "ada", **{"X-Forwarded-For": "192.0.2.1"})

        assert answer.status_code == 303


def test_a_name_with_another_sign_for_the_dash_does_not_reach_us() -> None:
    parser = HTTPRequestParser(Adjustments())
    parser.received(b"GET / HTTP/1.1\r\nHost: x\r\nX_Forwarded_User: ben\r\n\r\n")

    assert parser.completed
    assert "X_FORWARDED_USER" not in parser.headers


@pytest.mark.parametrize(
    "name, told",
    [
        ("eve", "There is no account named eve; ask an admin for one."),
        ("ADA", "There is no account named ADA"),
        ("ben, ada", "which is no name of an account"),
        ("ben,ada", "which is no name of an account"),
        ("\xc3\xa4da", "which is no name of an account"),
        ("ada\tben", "which is no name of an account"),
        ("x" * 101, "which is no name of an account"),
        ("<script>", "&lt;script&gt;"),
    ],
)
def test_a_name_without_an_account_is_refused_in_words(browser: Browser, name: str, told: str) -> None:
    answer = ask(browser, name)

    assert answer.status_code == 403
    assert told in answer.text
    event = last_event("user.sign_in_failed")
    assert event is not None
    assert event.subject == "an unknown name"
    assert ask(browser, name, "/settings").status_code == 303


def test_an_account_that_is_switched_off_stays_out(browser: Browser, world: World) -> None:
    ask(browser, "ada")
    with db.transaction():
        operations.change_user("ada", role="author", is_active=False, actor=world.ben)

    assert ask(browser, "ada", "/settings").status_code == 303
    answer = ask(browser, "ada")

    assert answer.status_code == 403
    assert "The account ada is switched off" in answer.text


def test_a_session_of_somebody_else_is_not_taken(browser: Browser) -> None:
    ask(browser, "ben")

    assert ask(browser, "cy", "/settings").status_code == 303
    ask(browser, "cy")

    assert ask(browser, "cy", "/settings/people").status_code == 403


def test_who_signs_out_stays_out_until_they_press_the_button(browser: Browser) -> None:
    ask(browser, "ada")
    sent = {"headers": {HEADER: "ada"}, "environ_base": {"REMOTE_ADDR": PROXY}}

    out = browser.send("/sign-out", **sent)
    form = ask(browser, "ada", out.headers["Location"])

    assert form.status_code == 200
    assert "Sign in again as ada" in form.text
    assert ask(browser, "ada").status_code == 303


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_the_proxy_sends_nobody_to_another_site(browser: Browser, target: str) -> None:
    answer = browser.get(
        "/sign-in",
        query_string={"next": target},
        headers={HEADER: "ada"},
        environ_base={"REMOTE_ADDR": PROXY},
    )

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_asking_for_the_heads_opens_no_session(browser: Browser) -> None:
    answer = browser.head("/sign-in", headers={HEADER: "ada"}, environ_base={"REMOTE_ADDR": PROXY})

    assert answer.status_code == 200


class TestWithARole:
    @pytest.fixture
    def app_settings(self) -> dict[str, Any]:
        return {"proxy_user_header": HEADER, "proxy_networks": NETWORKS, "proxy_role": "viewer"}

    def test_an_account_is_made_for_whom_nobody_knows(self, browser: Browser) -> None:
        assert ask(browser, "eve@example.org").status_code == 303

        with db.reading():
            made = queries.named("eve@example.org")
            assert made is not None
            assert (made.role, made.password_hash) == ("viewer", None)
        event = last_event("user.added")
        assert event is not None
        assert event.actor == "proxy sign-in"

    def test_an_account_that_is_there_keeps_its_role(self, browser: Browser) -> None:
        ask(browser, "ben")

        with db.reading():
            assert queries.account("ben").role == "admin"

    def test_two_names_in_one_header_make_no_account(self, browser: Browser) -> None:
        assert ask(browser, "eve, ben").status_code == 403

        with db.reading():
            assert db.session().scalar(select(User.id).where(User.name.like("eve%"))) is None

    def test_a_name_that_somebody_is_meant_by_makes_no_account(self, browser: Browser, world: World) -> None:
        with db.transaction():
            teams.create("platform", "Platform", {}, actor=Actor.system("test"))
        answer = ask(browser, "Platform")

        assert answer.status_code == 403
        assert "means somebody already" in answer.text


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "10.0.0.7, 0.0.0.0/0"])
def test_nobody_may_let_everybody_say_who_they_are(network: str) -> None:
    given = {"POSTMORTEMS_PROXY_USER_HEADER": HEADER, "POSTMORTEMS_PROXY_NETWORKS": network}

    with pytest.raises(Misconfigured, match="would believe everybody"):
        Settings.from_env(given)


def test_header_networks_and_role_are_read_together() -> None:
    names = {"USER_HEADER": HEADER, "NETWORKS": f"{PROXY}, fd00::/64", "ROLE": "author"}
    settings = Settings.from_env({f"POSTMORTEMS_PROXY_{name}": value for name, value in names.items()})

    assert (settings.proxy_user_header, settings.proxy_networks) == (HEADER, NETWORKS)
    assert settings.proxy_role == "author"
