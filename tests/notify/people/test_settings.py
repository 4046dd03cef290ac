"""What somebody hears of: chosen on a page, confirmed by mail, switched off by one click."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.errors import Invalid, NotAllowed, NotFound, TooMany, Unavailable
from postmortems.notify.mail import delivery
from postmortems.notify.models import Message
from postmortems.notify.people import operations, queries
from postmortems.notify.people.links import Links
from postmortems.notify.people.models import NotificationSettings
from postmortems.notify.retry_schedule import Lent
from postmortems.web import csrf
from tests.conftest import Clock
from tests.world import PASSWORD, World


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"smtp_url": "smtp://127.0.0.1:25", "mail_from": "pm@example.org"}


@pytest.fixture
def links(app: Flask) -> Links:
    settings: Settings = app.extensions["settings"]
    return Links(settings)


def path(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8000")


def mine(world: World) -> NotificationSettings:
    with db.reading():
        return queries.of_user(world.ada.user_id or 0)


def set_address(world: World, address: str = "ada@example.org", **more: Any) -> None:
    with db.transaction():
        operations.set_address("ada", address, **{"actor": world.ada, "sends_mail": True, **more})


def test_ones_own_address_is_confirmed_by_the_button_of_the_page_in_the_mail(
    any_database: str, world: World, links: Links, client: FlaskClient
) -> None:
    set_address(world)
    assert mine(world).mail_to == ""
    link = path(links.confirm(world.ada.user_id or 0, "ada@example.org"))

    assert client.get(link).status_code == 200
    assert mine(world).mail_to == ""
    browser = world.browser("cy")
    assert browser.send(link).status_code == 200
    assert mine(world).mail_to == "ada@example.org"


def test_a_link_confirms_only_the_address_it_was_made_for(world: World, links: Links) -> None:
    set_address(world)
    link = path(links.confirm(world.ada.user_id or 0, "ada@example.org"))
    set_address(world, "other@example.org")

    assert world.browser().send(link).status_code == 404
    assert mine(world).mail_to == ""


@pytest.mark.parametrize("days, status", [(2.9, 200), (3.1, 404)])
def test_a_confirmation_ends_after_three_days(
    world: World, links: Links, monkeypatch: pytest.MonkeyPatch, days: float, status: int
) -> None:
    import itsdangerous.timed

    set_address(world)
    link = path(links.confirm(world.ada.user_id or 0, "ada@example.org"))
    now = itsdangerous.timed.time.time()
    monkeypatch.setattr(itsdangerous.timed.time, "time", lambda: now + days * 86_400)

    assert world.browser("cy").get(link).status_code == status


def test_an_admin_vouches_for_somebody_elses_address_and_nobody_else_sets_it(world: World) -> None:
    set_address(world, actor=world.ben)
    assert mine(world).mail_to == "ada@example.org"

    with db.transaction(), pytest.raises(NotAllowed):
        operations.set_address("ada", "cy@example.org", actor=world.cy, sends_mail=True)


def test_an_address_can_be_taken_away(world: World) -> None:
    set_address(world, actor=world.ben)
    set_address(world, "")

    assert (mine(world).mail_to, mine(world).address) == ("", "")


def test_nobody_floods_a_mailbox_by_confirmations(world: World, clock: Clock) -> None:
    for number in range(operations.MOST_CONFIRMATIONS):
        clock.advance(seconds=1)
        set_address(world, f"victim+{number}@example.org")
    with pytest.raises(TooMany):
        set_address(world, "victim@example.org")

    clock.advance(hours=2)
    set_address(world, "victim@example.org")


def test_without_a_mail_server_an_address_cannot_be_confirmed(world: World) -> None:
    with pytest.raises(Unavailable, match="POSTMORTEMS_SMTP_URL"):
        set_address(world, sends_mail=False)


BAD = [
    ({"zone": "Mars/Olympus"}, "/zone"),
    ({"quiet_from": "25:00"}, "/quiet_from"),
    ({"quiet_until": ""}, "/quiet_until"),
    ({"off": ["reminder:pigeon"]}, "/off"),
    ({"off": ["nothing:mail"]}, "/off"),
]


@pytest.mark.parametrize("fields, pointer", BAD)
def test_what_cannot_be_is_refused_at_its_field(world: World, fields: dict[str, Any], pointer: str) -> None:
    good: dict[str, Any] = {"zone": "UTC", "quiet_from": "22:00", "quiet_until": "07:00", "off": []}
    with db.transaction(), pytest.raises(Invalid) as refused:
        operations.change(**{**good, **fields}, actor=world.ada)

    assert [problem.pointer for problem in refused.value.problems] == [pointer]


def test_the_page_saves_switches_and_quiet_hours(world: World) -> None:
    browser = world.browser()
    form = {
        "do": "switches",
        "zone": "Europe/Berlin",
        "quiet_from": "22:00",
        "quiet_until": "07:30",
        "on": ["reminder:mail"],
    }

    assert browser.send("/settings/notifications", form).status_code == 303
    row = mine(world)
    assert (row.zone, row.quiet_from, row.quiet_until) == ("Europe/Berlin", 1320, 450)
    assert "reminder:mail" not in row.off
    assert {"mention:mail", "reminder:inbox"} <= set(row.off)
    assert 'value="22:00"' in browser.get("/settings/notifications").text


def test_the_page_keeps_what_was_typed_where_it_is_refused(world: World) -> None:
    answer = world.browser().send("/settings/notifications", {"do": "address", "address": "not an address"})

    assert answer.status_code == 422
    assert 'value="not an address"' in answer.text


def test_whose_browser_stood_open_has_no_new_password_mailed_elsewhere(world: World, clock: Clock) -> None:
    browser = world.browser()
    form = {"do": "address", "address": "eve@example.org"}
    clock.advance(minutes=15)
    refused = browser.send("/settings/notifications", form)

    assert refused.status_code == 422
    assert "show who you are under Settings → Second step" in refused.text
    assert mine(world).address == ""
    assert browser.send("/settings/second-step/confirm", {"proof": PASSWORD}).status_code == 303
    assert browser.send("/settings/notifications", form).status_code == 303


def test_one_click_switches_a_kind_off_without_signing_in(
    any_database: str, world: World, links: Links, client: FlaskClient
) -> None:
    """RFC 8058 §3.1: the mailer posts `List-Unsubscribe=One-Click`, with no cookie and no form of ours."""
    link = path(links.off(world.ada.user_id or 0, "reminder"))

    shown = client.get(link)
    assert (shown.status_code, mine(world).off) == (200, [])
    assert "Send me no more of them" in shown.text
    posted = client.post(
        link, data={"List-Unsubscribe": "One-Click"}, headers={"Origin": "https://mail.example"}
    )
    assert posted.status_code == 200
    assert mine(world).off == ["reminder:mail"]
    assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert mine(world).off == ["reminder:mail"]


@pytest.mark.parametrize(
    "spoil", [lambda link: link[:-1], lambda link: link + "x", lambda link: f"{link[:30]}A{link[31:]}"]
)
def test_a_link_that_we_did_not_sign_switches_nothing_off(
    world: World, links: Links, client: FlaskClient, spoil: Any
) -> None:
    link = spoil(path(links.off(world.ada.user_id or 0, "reminder")))

    assert client.get(link).status_code == 404
    assert client.post(link).status_code == 404
    assert mine(world).off == []


def test_a_link_of_one_sort_is_none_of_another(world: World, links: Links, client: FlaskClient) -> None:
    confirm = path(links.confirm(world.ada.user_id or 0, "reminder"))
    assert client.post(confirm.replace("/confirm/", "/off/")).status_code == 404


def test_a_link_of_an_account_that_is_gone_is_none(world: World, links: Links, client: FlaskClient) -> None:
    assert client.post(path(links.off(10_000, "reminder"))).status_code == 404
    with db.transaction(), pytest.raises(NotFound):
        operations.confirm(10_000, "ada@example.org")


def test_an_admin_sets_somebody_elses_address_by_page_and_api(world: World, client: FlaskClient) -> None:
    page = "/settings/people/ada/mail"
    assert world.browser("ben").send(page, {"address": "ada@example.org"}).status_code == 303
    assert mine(world).mail_to == "ada@example.org"
    assert world.browser("ben").send(page, {"address": "no address"}).status_code == 422
    assert world.browser("ada").get(page).status_code == 403

    path = "/api/v1/people/ada/mail-address"
    body = {"address": "other@example.org"}
    assert client.put(path, json=body, headers=world.headers("ada")).status_code == 403
    assert client.put(path, json=body, headers=world.headers("ben")).status_code == 403
    assert mine(world).mail_to == "ada@example.org"
    browser = world.browser("ben")
    found = browser.put(path, json=body, headers={csrf.HEADER: browser.form_token()}).get_json()
    assert (found["address"], mine(world).mail_to) == ("other@example.org", "other@example.org")


def test_no_token_says_where_anybodys_mail_goes(world: World) -> None:
    token = replace(world.ben, kind="token")

    for name in ("ada", "ben"):
        with db.transaction(), pytest.raises(NotAllowed, match="a token cannot"):
            operations.set_address(name, "other@example.org", actor=token, sends_mail=True)


def told_of_moving() -> list[Message]:
    with db.reading() as session:
        found = session.scalars(select(Message).order_by(Message.id))
        return [message for message in found if message.payload["letter"] == operations.MOVED]


@pytest.mark.parametrize(
    "actor, address", [("ada", "other@example.org"), ("ben", "other@example.org"), ("ada", "")]
)
def test_the_address_before_is_told_that_mail_goes_elsewhere(
    any_database: str, world: World, links: Links, clock: Clock, actor: str, address: str
) -> None:
    set_address(world, actor=world.ben)
    clock.advance(seconds=1)
    set_address(world, address, actor=getattr(world, actor))

    (message,) = told_of_moving()
    assert message.payload["to"] == "ada@example.org"
    with db.reading():
        lent = Lent(message.id, message.channel, message.receiver, message.about, message.payload, 0)
        ready = delivery.ready(lent, links, clock.now())
    assert isinstance(ready, delivery.Ready)
    assert (ready.to, "The account ada has another mail address" in ready.notice.said) == (
        "ada@example.org",
        True,
    )


def test_an_address_that_nobody_confirmed_or_that_stays_is_told_nothing(world: World, clock: Clock) -> None:
    set_address(world)
    clock.advance(seconds=1)
    set_address(world, "other@example.org")
    set_address(world, "ben@example.org", actor=world.ben)
    set_address(world, "ben@example.org", actor=world.ben)

    assert told_of_moving() == []
