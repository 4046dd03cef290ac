"""Mail that lets somebody in, by a real mail server: invited, forgotten, used once, and told of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from postmortems import clock as the_clock
from postmortems.accounts import credentials, queries, sign_in_limits
from postmortems.accounts import operations as accounts
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotSignedIn, Unavailable
from postmortems.notify.access import operations as access
from postmortems.notify.access.models import MailedLink
from postmortems.notify.delivery import Sender
from postmortems.notify.mail import delivery
from postmortems.notify.models import Message
from postmortems.notify.people import operations as people
from tests.accounts.factors import phones
from tests.apps import KEY, app_on
from tests.notify.mail.sink import Sink, sink
from tests.runtimes import runtime_of
from tests.world import PASSWORD, Browser, World

FROM = "Postmortems <pm@example.org>"
URL = "https://postmortems.example.org"
NEW = "three words nobody expects"
LINK = re.compile(rf"{re.escape(URL)}(/sign-in/mail/[\w.=-]+)")


@pytest.fixture(scope="module")
def server() -> Iterator[Sink]:
    with sink() as found:
        yield found


@pytest.fixture(autouse=True)
def _empty(server: Sink) -> None:
    server.came.clear()


@pytest.fixture
def app_settings(server: Sink) -> dict[str, Any]:
    return {"smtp_url": "smtp://127.0.0.1:25", "mail_from": FROM, "secrets_key": (KEY,)}


@pytest.fixture
def stranger(app: Flask, world: World) -> Browser:
    return Browser(app)


def carried(server: Sink) -> list[str]:
    """What came at the mail server when all that waited was sent: the texts of the mails."""
    server.came.clear()
    runtime = runtime_of(smtp_url=server.url, mail_from=FROM, url=URL)
    with Sender(runtime, "worker", {"mail": (delivery.send, delivery.noted)}) as sender:
        while sender.send_due():
            sender.wait()
    return [text_of(one) for one in server.came]


def text_of(came: Any) -> str:
    body = came.message.get_body(("plain",))
    assert body is not None
    # A long address is folded by no mailer, but words are.
    return str(body.get_content())


def link_in(mail: str) -> str:
    found = LINK.search(mail)
    assert found is not None, mail
    return found[1]


def with_address(world: World, name: str = "ada", address: str = "ada@example.org") -> None:
    with db.transaction():
        people.set_address(name, address, actor=world.ben, sends_mail=True)


def ask(name: str, address: str = "192.0.2.1") -> None:
    with db.transaction():
        access.ask_reset(name, address, the_clock.now())


def mailed_link(world: World, server: Sink) -> str:
    with_address(world)
    ask("ada")
    (mail,) = carried(server)
    return link_in(mail)


def verbs() -> list[str]:
    with db.reading():
        return list(session().scalars(select(Event.verb).order_by(Event.id)))


def test_who_is_invited_chooses_a_password_and_is_in(
    any_database: str, stranger: Browser, world: World, server: Sink
) -> None:
    form = {"name": "dora", "role": "author", "address": "dora@example.org"}
    assert world.browser("ben").send("/settings/people", form).status_code == 303

    (mail,) = carried(server)
    assert server.came[0].recipients == ["dora@example.org"]
    assert "Your account is called dora" in mail
    path = link_in(mail)
    assert "Welcome, dora" in stranger.get(path).text
    assert stranger.send(path, {"password": NEW, "again": NEW}).status_code == 303
    assert "dora" in stranger.get("/settings").text

    again = Browser(stranger.application)
    assert again.get(path).status_code == 403
    assert again.send("/sign-in", {"name": "dora", "password": NEW}).status_code == 303
    assert carried(server) == []


def test_who_is_invited_may_go_on_to_add_a_passkey(stranger: Browser, world: World, server: Sink) -> None:
    with db.transaction():
        access.invite("dora", "author", "dora@example.org", the_clock.now(), actor=world.ben, sends_mail=True)
    path = link_in(carried(server)[0])

    answer = stranger.send(path, {"do": "passkey"})

    assert answer.headers["Location"] == "/settings/second-step"
    assert stranger.get("/settings/second-step").status_code == 200


def test_an_invitation_lasts_a_week(stranger: Browser, world: World, server: Sink, clock: Any) -> None:
    with db.transaction():
        access.invite("dora", "author", "dora@example.org", clock.now(), actor=world.ben, sends_mail=True)
    path = link_in(carried(server)[0])
    clock.advance(days=6, hours=23)
    assert stranger.get(path).status_code == 200

    clock.advance(hours=1)
    assert stranger.get(path).status_code == 403
    assert stranger.send(path, {"password": NEW, "again": NEW}).status_code == 403


@pytest.mark.parametrize(
    "name, role, address, wrong",
    [
        ("dora", "author", "dora", Invalid),
        ("dora", "author", " ", Invalid),
        ("dora", "author", "dora@example.org\nBcc: eve@example.org", Invalid),
        ("dora", "king", "dora@example.org", Invalid),
        ("do ra", "author", "dora@example.org", Invalid),
        ("ada", "author", "dora@example.org", Conflict),
    ],
)
def test_a_wrong_invitation_opens_no_account_and_sends_nothing(
    world: World, server: Sink, name: str, role: str, address: str, wrong: type[Exception]
) -> None:
    with pytest.raises(wrong), db.transaction():
        access.invite(name, role, address, the_clock.now(), actor=world.ben, sends_mail=True)

    with db.reading():
        assert queries.named("dora") is None
    assert carried(server) == []


def test_a_wrong_invitation_is_told_at_its_field(world: World) -> None:
    browser = world.browser("ben")
    answer = browser.send("/settings/people", {"name": "dora", "role": "author", "address": "dora"})

    assert answer.status_code == 422
    assert 'id="f-address-error"' in answer.text
    with db.reading():
        assert queries.named("dora") is None


def test_only_an_admin_invites_and_only_where_mail_is_sent(world: World) -> None:
    for actor in (world.ada, world.cy, Actor.nobody()):
        with db.transaction(), pytest.raises((NotAllowed, NotSignedIn)):
            access.invite("x", "author", "x@example.org", the_clock.now(), actor=actor, sends_mail=True)
    with db.transaction(), pytest.raises(Unavailable, match="POSTMORTEMS_SMTP_URL"):
        access.invite("x", "author", "x@example.org", the_clock.now(), actor=world.ben, sends_mail=False)


def test_who_forgot_their_password_chooses_another_and_all_else_ends(
    any_database: str, stranger: Browser, world: World, server: Sink
) -> None:
    there = world.browser("ada")
    path = mailed_link(world, server)

    assert stranger.send(path, {"password": NEW, "again": NEW}).status_code == 303

    assert "ada" in stranger.get("/settings").text
    assert there.get("/settings").status_code == 303
    assert stranger.get("/api/v1/incidents", headers=world.headers("ada")).status_code == 401
    (told,) = carried(server)
    assert "Your password was changed at the account ada" in told
    assert LINK.search(told) is None
    assert "user.mailed_link_used" in verbs()


def test_a_link_works_once(any_database: str, stranger: Browser, world: World, server: Sink) -> None:
    path = mailed_link(world, server)
    assert stranger.send(path, {"password": NEW, "again": NEW}).status_code == 303

    again = Browser(stranger.application)
    assert again.get(path).status_code == 403
    assert again.send(path, {"password": NEW, "again": NEW}).status_code == 403
    assert again.send(path, {"do": "passkey"}).status_code == 403


def test_a_link_that_was_used_does_not_open_the_next_one(
    stranger: Browser, world: World, server: Sink
) -> None:
    path = mailed_link(world, server)
    stranger.send(path, {"do": "passkey"})
    with_address(world, "cy", "cy@example.org")
    ask("cy")

    # SQLite may give the number of the first anew.
    assert Browser(stranger.application).get(path).status_code == 403


def test_opening_a_link_does_not_use_it(stranger: Browser, world: World, server: Sink) -> None:
    path = mailed_link(world, server)
    for _ in range(3):
        assert "A new password, ada" in stranger.get(path).text

    assert stranger.send(path, {"password": NEW, "again": NEW}).status_code == 303


@pytest.mark.parametrize(
    "form, word",
    [
        ({"password": NEW, "again": "x"}, "the two passwords differ"),
        ({"password": "short", "again": "short"}, "12 to 1024 characters"),
        ({"password": "password1234", "again": "password1234"}, "too easy to guess"),
        ({}, "the two passwords differ"),
    ],
)
def test_a_password_that_will_not_do_leaves_the_link(
    stranger: Browser, world: World, server: Sink, form: dict[str, str], word: str
) -> None:
    path = mailed_link(world, server)

    answer = stranger.send(path, form)

    assert answer.status_code == 422
    assert word in answer.text
    assert stranger.send(path, {"password": NEW, "again": NEW}).status_code == 303


def test_whoever_reads_the_mail_has_not_the_phone(
    stranger: Browser, world: World, server: Sink, clock: Any
) -> None:
    phone = phones.set_up(world.ada)
    path = mailed_link(world, server)

    assert "second step" in stranger.send(path, {"password": NEW, "again": NEW}).text
    assert stranger.get("/settings").status_code == 303
    assert stranger.send("/sign-in/second-step", {"code": phone.code(clock)}).status_code == 303
    assert stranger.get("/settings").status_code == 200


@pytest.mark.parametrize("how", ["off", "reset", "hour"])
def test_a_link_ends_with_what_it_rests_on(
    any_database: str, stranger: Browser, world: World, server: Sink, clock: Any, how: str
) -> None:
    path = mailed_link(world, server)
    with db.transaction():
        if how == "off":
            accounts.change_user("ada", role="author", is_active=False, actor=world.ben)
        elif how == "reset":
            accounts.reset("ada", actor=world.ben)
    if how == "hour":
        clock.advance(hours=1)

    assert stranger.send(path, {"password": NEW, "again": NEW}).status_code == 403


@pytest.mark.parametrize("token", ["x", "WzEsMSwieCJd.x", "..", "a" * 5000, "%00", "é"])
def test_a_link_that_we_did_not_make_is_none(stranger: Browser, world: World, token: str) -> None:
    assert stranger.get(f"/sign-in/mail/{token}").status_code == 403
    assert stranger.send(f"/sign-in/mail/{token}", {"do": "passkey"}).status_code == 403


def test_the_answer_is_the_same_for_known_and_unknown_names(
    stranger: Browser, world: World, server: Sink
) -> None:
    with_address(world)
    texts = {}
    for name in ("ada", "ADA@example.org", "cy", "nobody", "", "x" * 5000, "a\x00b", "' OR 1=1 --"):
        answer = stranger.send("/sign-in/forgotten", {"name": name})
        texts[name] = answer.status_code, re.sub(r"csrf-token\" content=\"[^\"]+", "", answer.text)

    assert len(set(texts.values())) == 1
    assert "If there is an account" in texts["ada"][1]
    # By the name and by the address; Cy has none.
    assert len(carried(server)) == 2
    assert {one.recipients[0] for one in server.came} == {"ada@example.org"}


def test_who_types_anothers_address_keeps_no_link_from_them(world: World, server: Sink) -> None:
    with_address(world)
    with db.transaction():
        people.set_address("cy", "ada@example.org", actor=world.cy, sends_mail=True)
    carried(server)

    ask("ada@example.org")

    (mail,) = carried(server)
    assert link_in(mail)


def test_asking_is_limited_for_unknown_names_alike(stranger: Browser, world: World) -> None:
    with_address(world)
    for name in ("ada", "nobody"):
        for _ in range(sign_in_limits.MOST_OF_ACCOUNT):
            assert stranger.send("/sign-in/forgotten", {"name": name}).status_code == 200
        answer = stranger.send("/sign-in/forgotten", {"name": name})
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0


def test_asking_does_not_hold_up_who_knows_their_password(stranger: Browser, world: World) -> None:
    for _ in range(sign_in_limits.MOST_OF_ACCOUNT):
        stranger.send("/sign-in/forgotten", {"name": "ada"})

    assert stranger.send("/sign-in", {"name": "ada", "password": PASSWORD}).status_code == 303


def test_nobody_fills_a_mailbox_by_asking(any_database: str, world: World, server: Sink, clock: Any) -> None:
    with_address(world)
    for _ in range(8):
        ask("ada")
    assert len(carried(server)) == access.MOST_RESETS

    clock.advance(hours=1, seconds=1)
    ask("ada")
    assert len(carried(server)) == 1


@pytest.mark.parametrize("state", ["unconfirmed", "off", "shared"])
def test_mail_goes_to_a_confirmed_address_of_one_active_account(
    world: World, server: Sink, state: str, any_database: str
) -> None:
    with_address(world, address="same@example.org")
    name = "ada"
    with db.transaction():
        if state == "unconfirmed":
            people.set_address("ada", "new@example.org", actor=world.ada, sends_mail=True)
            session().query(Message).delete()
        elif state == "off":
            accounts.change_user("ada", role="author", is_active=False, actor=world.ben)
        else:
            people.set_address("cy", "same@example.org", actor=world.ben, sends_mail=True)
            name = "same@example.org"
    ask(name)

    assert carried(server) == []


def test_a_mail_that_comes_too_late_is_not_sent(world: World, server: Sink, clock: Any) -> None:
    with_address(world)
    ask("ada")
    clock.advance(hours=1)

    assert carried(server) == []


def test_nothing_that_is_stored_opens_a_door(any_database: str, world: World, server: Sink) -> None:
    path = mailed_link(world, server)

    with db.reading():
        kept = [
            vars(row) for table in (Message, MailedLink, Event) for row in session().scalars(select(table))
        ]
    assert path.rpartition("/")[2] not in str(kept)


def test_two_uses_at_once_are_one(world: World, server: Sink) -> None:
    with_address(world)
    ask("ada")
    with db.transaction():
        link = access.waiting(session().scalars(select(MailedLink.id)).one(), the_clock.now())
        assert link is not None
        access.use(link, None, the_clock.now())
        with pytest.raises(NotAllowed, match="used already"):
            access.use(link, None, the_clock.now())


def test_a_password_that_is_changed_under_settings_is_told_of(world: World, server: Sink) -> None:
    with_address(world)
    form = {"current": PASSWORD, "password": NEW, "again": NEW}

    assert world.browser("ada").send("/settings/password", form).status_code == 303

    assert "Your password was changed" in carried(server)[0]


def test_a_browser_of_a_new_kind_is_named_in_the_mail(world: World, server: Sink) -> None:
    with_address(world)
    with db.transaction():
        user = queries.account("ada")
        access.tell(user, "device", the_clock.now(), device="Safari on iPhone", address="192.0.2.7")

    (mail,) = carried(server)
    assert "It is Safari on iPhone, from 192.0.2.7." in " ".join(mail.split())


def test_without_a_mail_server_the_page_says_whom_to_ask(database: str, world: World) -> None:
    browser = Browser(app_on(database))

    assert "/sign-in/forgotten" not in browser.get("/sign-in").text
    assert "sends no mail" in browser.get("/sign-in/forgotten").text
    assert "sends no mail" in browser.send("/sign-in/forgotten", {"name": "ada"}).text


def test_where_the_company_alone_signs_in_no_password_is_chosen(
    database: str, world: World, server: Sink, app_settings: dict[str, Any]
) -> None:
    provider = {"oidc_issuer": "https://id.example", "oidc_name": "Example ID", "oidc_only": True}
    path = mailed_link(world, server)
    browser = Browser(app_on(database, **app_settings, **provider))

    assert "sign in with Example ID" in browser.send("/sign-in/forgotten", {"name": "ada"}).text
    assert "New password" not in browser.get(path).text
    browser.send(path, {"password": NEW, "again": NEW})
    with db.reading():
        user = queries.account("ada")
        assert user.password_hash is not None
        assert credentials.is_right(PASSWORD, user.password_hash)
