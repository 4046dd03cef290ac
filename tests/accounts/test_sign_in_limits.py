"""How often passwords are tried: the rule as a table, and what the pages make of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from postmortems.accounts import credentials, operations, queries, sign_in, sign_in_limits
from postmortems.accounts.models import BrowserSession
from postmortems.accounts.sign_in_limits import Attempt
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import TooMany
from tests.apps import app_on
from tests.world import PASSWORD, Browser, World

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NEW = "a new and different saying"


def made(count: int, name: str = "", network: str = "", ago_s: float = 60) -> list[Attempt]:
    """Attempts, each by another name and from another place unless told."""
    at = NOON - timedelta(seconds=ago_s)
    return [Attempt(name or f"name {each}", network or f"net {each}", at) for each in range(count)]


@pytest.mark.parametrize(
    "tried, told",
    [
        ([], ""),
        (made(9, "ada"), ""),
        (made(10, "ada"), "for this account"),
        (made(10, "ben"), ""),
        (made(49, network="192.0.2.1"), ""),
        (made(50, network="192.0.2.1"), "from your network"),
        (made(50, network="192.0.2.2"), ""),
        (made(499), ""),
        (made(500), "by everybody together"),
    ],
)
def test_each_limit_holds_for_its_own(tried: list[Attempt], told: str) -> None:
    held = sign_in_limits.held_up(tried, Attempt("ada", "192.0.2.1", NOON))

    assert (told in held.detail) if told and held else (held is None) == (not told)


def test_a_limit_ends_when_the_oldest_that_counts_is_old() -> None:
    tried = [*made(1, "ada", ago_s=800), *made(9, "ada", ago_s=10)]
    held = sign_in_limits.held_up(tried, Attempt("ada", "x", NOON))

    assert held is not None
    assert held.wait_s == 101


@pytest.mark.parametrize(
    "address, network",
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("fe80::1%" + "x" * 500, "fe80::/64"),
        ("0" * 500 + "::1", "0" * 64),
        ("", ""),
        ("unix:", "unix:"),
        ("x" * 500, "x" * 64),
    ],
)
def test_a_place_is_an_address_or_what_one_host_has_of_them(address: str, network: str) -> None:
    assert sign_in_limits.network(address) == network


def note(name: str, address: str, now: datetime) -> None:
    with db.transaction():
        sign_in.note_attempt(name, address, now)


def test_the_limit_of_a_place_is_kept_in_the_database(any_database: str, world: World, clock: Any) -> None:
    for each in range(sign_in_limits.MOST_FROM_NETWORK):
        note(f"name {each}", f"2001:db8::{each:x}", clock.now())
    db.connect(any_database)

    with pytest.raises(TooMany, match="from your network"):
        note("ada", "2001:db8::ffff:1", clock.now())
    note("ada", "2001:db8:0:1::1", clock.now())
    clock.advance(minutes=15)
    note("ada", "2001:db8::1", clock.now())


def test_many_at_once_are_no_more_than_the_limit(any_database: str, world: World, clock: Any) -> None:
    def one(_: int) -> bool:
        try:
            note("ada", "192.0.2.1", clock.now())
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(one, range(3 * sign_in_limits.MOST_OF_ACCOUNT)))

    assert sum(made) == sign_in_limits.MOST_OF_ACCOUNT


def at_home(name: str, address: str, now: datetime) -> None:
    """Let an account be signed in from there."""
    with db.transaction():
        secret = sign_in.open_session(queries.account(name), now)
        opened = BrowserSession.secret_hash == credentials.hashed(secret)
        session().execute(update(BrowserSession).where(opened).values(address=address))


def test_whoever_guesses_elsewhere_locks_nobody_out_of_where_they_are_signed_in(
    any_database: str, world: World, clock: Any
) -> None:
    at_home("ada", "2001:db8:7::1", clock.now())
    at_home("ben", "198.51.100.9", clock.now())
    for place in range(sign_in_limits.MOST_OF_ALL):
        name = "ada" if place < sign_in_limits.MOST_OF_ACCOUNT else f"name {place}"
        note(name, f"192.0.2.{place % 100}", clock.now())

    # At home and at work, but neither from anywhere else nor by the name of somebody else.
    note("ada", "2001:db8:7::2", clock.now())
    with pytest.raises(TooMany, match="for this account"):
        note("ada", "198.51.100.9", clock.now())
    with pytest.raises(TooMany, match="by everybody together"):
        note("cy", "2001:db8:7::2", clock.now())
    # There, too, one does not go on and on.
    for _ in range(sign_in_limits.MOST_OF_ACCOUNT - 1):
        note("ada", "2001:db8:7::2", clock.now())
    with pytest.raises(TooMany, match="for this account"):
        note("ada", "2001:db8:7::2", clock.now())


def test_where_a_session_is_over_an_account_is_known_no_more(
    any_database: str, world: World, clock: Any
) -> None:
    at_home("ada", "198.51.100.9", clock.now())
    clock.advance(days=400)
    for place in range(sign_in_limits.MOST_OF_ACCOUNT):
        note("ada", f"192.0.2.{place}", clock.now())

    with pytest.raises(TooMany, match="for this account"):
        note("ada", "198.51.100.9", clock.now())


def try_to_sign_in(browser: Browser, name: str = "ada", password: str = "wrong", address: str = "") -> Any:
    place = {"X-Forwarded-For": address} if address else {}
    return browser.send("/sign-in", {"name": name, "password": password}, headers=place)


def test_an_office_behind_one_address_is_not_locked_out(app: Flask, world: World) -> None:
    for _ in range(sign_in_limits.MOST_FROM_NETWORK + 1):
        assert try_to_sign_in(Browser(app), password=PASSWORD).status_code == 303


def test_nobody_chooses_their_address_where_no_proxy_is_trusted(app: Flask, world: World) -> None:
    browser = Browser(app)
    try_to_sign_in(browser, address="198.51.100.7")

    assert failures() == [("ada", "127.0.0.1", "wrong name or password")]


def test_behind_a_proxy_the_address_is_the_one_that_it_saw(database: str, world: World) -> None:
    browser = Browser(app_on(database, trusted_proxies=1))
    try_to_sign_in(browser, address="203.0.113.5, 198.51.100.7")

    assert failures() == [("ada", "198.51.100.7", "wrong name or password")]


def failures(verb: str = "user.sign_in_failed") -> list[tuple[str, str, str]]:
    with db.reading():
        found = session().scalars(select(Event).where(Event.verb == verb).order_by(Event.id))
        return [(event.subject, event.address, event.data["why"]) for event in found]


def test_a_failure_is_in_the_audit_trail_without_what_was_typed(
    any_database: str, app: Flask, world: World
) -> None:
    try_to_sign_in(Browser(app), "ada", "hunter2 hunter2")
    try_to_sign_in(Browser(app), "hunter2 hunter2", "")

    assert failures() == [
        ("ada", "127.0.0.1", "wrong name or password"),
        ("an unknown name", "127.0.0.1", "wrong name or password"),
    ]
    page = world.browser("ben").get("/settings/audit").text
    assert "127.0.0.1" in page
    assert "hunter2" not in page


def test_who_goes_on_when_held_up_does_not_flood_the_audit_trail(app: Flask, world: World) -> None:
    browser = Browser(app)
    for _ in range(sign_in_limits.MOST_OF_ACCOUNT + 20):
        try_to_sign_in(browser)

    assert len(failures()) == sign_in_limits.MOST_OF_ACCOUNT
    assert failures("user.held_up") == [("ada", "127.0.0.1", "too many attempts")] * 5


def test_a_link_opens_an_account_that_guesses_have_locked(app: Flask, world: World, clock: Any) -> None:
    for _ in range(sign_in_limits.MOST_OF_ACCOUNT):
        try_to_sign_in(Browser(app))
    assert try_to_sign_in(Browser(app), password=PASSWORD).status_code == 429
    with db.transaction():
        secret = sign_in.make_sign_in_link(queries.account("ada"), clock.now(), actor=world.ben)

    assert Browser(app).send(f"/sign-in/link/{secret}").status_code == 303
    assert try_to_sign_in(Browser(app), password=PASSWORD).status_code == 303


def change(browser: Browser, current: str, password: str = NEW) -> Any:
    return browser.send("/settings/password", {"current": current, "password": password, "again": password})


def test_guesses_of_the_present_password_are_limited(any_database: str, app: Flask, world: World) -> None:
    browser = world.browser("ada")
    for _ in range(sign_in_limits.MOST_OF_ACCOUNT):
        assert change(browser, "wrong").status_code == 422

    held = change(browser, PASSWORD)

    assert held.status_code == 429
    assert int(held.headers["Retry-After"]) > 0
    assert "too many attempts" in held.text
    assert len(failures("user.password_refused")) == sign_in_limits.MOST_OF_ACCOUNT
    assert len(failures("user.held_up")) == 1
    assert try_to_sign_in(Browser(app), password=PASSWORD).status_code == 429


def test_a_new_password_that_will_not_do_costs_no_attempt(app: Flask, world: World) -> None:
    browser = world.browser("ada")
    for _ in range(sign_in_limits.MOST_OF_ACCOUNT + 1):
        assert change(browser, PASSWORD, "short").status_code == 422

    assert change(browser, PASSWORD).status_code == 303
    assert browser.get("/settings").status_code == 200


def test_a_new_password_ends_tokens_and_other_browsers(app: Flask, world: World) -> None:
    other, browser = world.browser("ada"), world.browser("ada")
    api = app.test_client()
    assert api.get("/api/v1/incidents", headers=world.headers("ada")).status_code == 200

    assert change(browser, PASSWORD).status_code == 303

    assert browser.get("/settings").status_code == 200
    assert other.get("/settings").status_code == 303
    assert api.get("/api/v1/incidents", headers=world.headers("ada")).status_code == 401
    assert api.get("/api/v1/incidents", headers=world.headers("ben")).status_code == 200


def test_an_account_that_comes_back_has_no_token_or_session_of_before(app: Flask, world: World) -> None:
    browser = world.browser("ada")
    for is_active in (False, True):
        with db.transaction():
            operations.change_user("ada", role="author", is_active=is_active, actor=world.ben)

    assert browser.get("/settings").status_code == 303
    answer = app.test_client().get("/api/v1/incidents", headers=world.headers("ada"))
    assert answer.status_code == 401
    with db.reading():
        revoked = session().scalars(select(Event).where(Event.verb == "token.revoked")).all()
        assert [(event.data["owner"], event.data["name"]) for event in revoked] == [("ada", "all")]


def by_link(app: Flask, world: World, clock: Any) -> Browser:
    """A browser in which ada has used a link."""
    with db.transaction():
        secret = sign_in.make_sign_in_link(queries.account("ada"), clock.now(), actor=world.ben)
    browser = Browser(app)
    assert browser.send(f"/sign-in/link/{secret}").status_code == 303
    return browser


def test_who_forgot_their_password_chooses_a_new_one_after_a_link(
    any_database: str, app: Flask, world: World, clock: Any
) -> None:
    browser = by_link(app, world, clock)
    assert 'name="current"' not in browser.get("/settings").text
    assert change(browser, "", "short").status_code == 422

    assert change(browser, "").status_code == 303

    assert try_to_sign_in(Browser(app), password=NEW).status_code == 303
    assert try_to_sign_in(Browser(app), password=PASSWORD).status_code == 403
    # It was for one new password.
    assert 'name="current"' in browser.get("/settings").text
    assert change(browser, "", PASSWORD).status_code == 422


def test_after_an_hour_a_link_chooses_no_password_any_more(app: Flask, world: World, clock: Any) -> None:
    browser = by_link(app, world, clock)
    clock.advance(hours=1)

    assert 'name="current"' in browser.get("/settings").text
    assert change(browser, "").status_code == 422
    assert change(browser, PASSWORD).status_code == 303


def test_another_browser_of_the_same_person_is_asked_as_before(app: Flask, world: World, clock: Any) -> None:
    by_link(app, world, clock)

    assert change(world.browser("ada"), "").status_code == 422


def test_guesses_do_not_hold_up_who_came_in_by_a_link(app: Flask, world: World, clock: Any) -> None:
    browser = by_link(app, world, clock)
    for _ in range(sign_in_limits.MOST_OF_ACCOUNT):
        try_to_sign_in(Browser(app))

    assert change(browser, "").status_code == 303
