"""Where somebody is signed in: what the lists say, who may see and end it, and when it is noted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from postmortems.accounts.models import BrowserSession
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.notify.models import Message
from postmortems.notify.people import operations as people
from tests.world import PASSWORD, Browser, World

FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
SAFARI = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17 Safari/604.1"}


def signed_in(app: Flask, headers: dict[str, str], name: str = "ada", address: str = "192.0.2.7") -> Browser:
    browser = Browser(app)
    browser.environ_base["REMOTE_ADDR"] = address
    answer = browser.send("/sign-in", {"name": name, "password": PASSWORD}, headers=headers)
    assert answer.status_code == 303
    return browser


def seen() -> list[tuple[datetime | None, str]]:
    with db.reading():
        rows = session().execute(
            select(BrowserSession.last_seen_at, BrowserSession.address).order_by(BrowserSession.id)
        )
        return [(at, address) for at, address in rows]


def told() -> list[dict[str, Any]]:
    with db.reading():
        return [message.payload for message in session().scalars(select(Message).order_by(Message.id))]


def test_the_list_says_which_browser_from_where_and_how(app: Flask, world: World) -> None:
    signed_in(app, FIREFOX)
    page = signed_in(app, SAFARI, address="2001:db8::9").get("/settings").text

    for said in ("Firefox on Linux", "192.0.2.7", "Safari on iPhone", "2001:db8::9", "by password"):
        assert said in page


def test_what_a_browser_says_of_itself_is_not_repeated(app: Flask, world: World) -> None:
    page = signed_in(app, {"User-Agent": "<img src=x onerror=alert(1)> Firefox/1"}).get("/settings").text

    assert "onerror" not in page


def test_when_it_was_seen_is_noted_every_five_minutes(
    any_database: str, app: Flask, world: World, clock: Any
) -> None:
    began = clock.now()
    browser = signed_in(app, FIREFOX)
    for _ in range(4):
        clock.advance(minutes=1)
        browser.get("/settings")
    assert seen() == [(began, "192.0.2.7")]

    clock.advance(minutes=1)
    browser.environ_base["REMOTE_ADDR"] = "198.51.100.1"
    browser.get("/settings")
    assert seen() == [(clock.now(), "198.51.100.1")]

    clock.advance(minutes=6)
    browser.send("/settings/tokens", {"name": ""})
    assert seen()[0][0] == clock.now()


def test_an_admin_sees_and_ends_one_or_all(any_database: str, app: Flask, world: World) -> None:
    here, there, third = (signed_in(app, FIREFOX) for _ in range(3))
    admin = world.browser("ben")
    page = admin.get("/settings/people/ada/sessions").text
    assert page.count("Firefox on Linux") == 3
    number = page.partition('name="session" value="')[2].partition('"')[0]

    assert admin.send("/settings/people/ada/sessions", {"session": number}).status_code == 303
    assert [one.get("/settings").status_code for one in (here, there, third)] == [200, 200, 303]

    admin.send("/settings/people/ada/sessions")
    assert [one.get("/settings").status_code for one in (here, there)] == [303, 303]
    assert admin.get("/settings").status_code == 200
    assert "signed in with no browser" in admin.get("/settings/people/ada/sessions").text


def test_nobody_else_sees_or_ends_them(app: Flask, world: World) -> None:
    ada = signed_in(app, FIREFOX)
    for name in ("cy", "ada"):
        other = world.browser(name)
        assert other.get("/settings/people/ada/sessions").status_code == 403
        assert other.send("/settings/people/ada/sessions").status_code == 403

    assert ada.get("/settings").status_code == 200


@pytest.mark.parametrize("number", ["999", "0", "x", "-1", "9" * 30, "1 OR 1=1", "²"])
def test_a_browser_that_is_not_theirs_is_not_there(app: Flask, world: World, number: str) -> None:
    ada, admin = signed_in(app, FIREFOX), world.browser("ben")

    assert admin.send("/settings/people/ada/sessions", {"session": number}).status_code == 404
    assert admin.get("/settings/people/nobody/sessions").status_code == 404
    assert ada.get("/settings").status_code == 200


def test_a_browser_of_a_new_kind_is_told_by_mail(app: Flask, world: World) -> None:
    with db.transaction():
        people.set_address("ada", "ada@example.org", actor=world.ben, sends_mail=True)
    signed_in(app, FIREFOX)
    signed_in(app, FIREFOX)
    assert told() == []

    signed_in(app, SAFARI)
    (letter,) = told()
    assert (letter["what"], letter["device"], letter["address"]) == (
        "device",
        "Safari on iPhone",
        "192.0.2.7",
    )
    signed_in(app, SAFARI)
    assert len(told()) == 1
