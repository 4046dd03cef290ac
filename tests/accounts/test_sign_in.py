"""Sessions, one-time links, and how often a password may be tried."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from postmortems.accounts import credentials, operations, queries, sign_in, sign_in_limits
from postmortems.accounts.models import BrowserSession, SignInAttempt
from postmortems.accounts.programs import operations as programs
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import NotAllowed, TooMany
from tests.statements import counted
from tests.world import PASSWORD, Browser, World

RANDOM = re.compile(r'(content|value)="[\w.=-]{40,}"')


def attempt(name: str, now: Any) -> None:
    with db.transaction():
        sign_in.note_attempt(name, "192.0.2.1", now)


def test_a_session_knows_its_person_until_it_ends(any_database: str, world: World, clock: Any) -> None:
    with db.transaction():
        secret = sign_in.open_session(queries.account("ada"), clock.now())
    with db.reading():
        assert queries.actor_of_session(secret, clock.now()) == world.ada

    clock.advance(days=sign_in.SESSION_DAYS)
    with db.reading():
        assert queries.actor_of_session(secret, clock.now()).kind == "nobody"


def test_of_a_session_only_the_hash_is_kept(world: World, clock: Any) -> None:
    with db.transaction():
        secret = sign_in.open_session(queries.account("ada"), clock.now())

        assert session().scalars(select(BrowserSession.secret_hash)).all() == [credentials.hashed(secret)]


def test_signing_out_ends_the_session_on_the_server(any_database: str, world: World, clock: Any) -> None:
    with db.transaction():
        secret = sign_in.open_session(queries.account("ada"), clock.now())
        sign_in.sign_out(secret)

        assert queries.actor_of_session(secret, clock.now()).kind == "nobody"


@pytest.mark.parametrize("secret", ["", "x", "\ud800", "' OR 1=1 --", "x" * 10_000])
def test_an_unknown_secret_is_nobodys(world: World, clock: Any, secret: str) -> None:
    with db.reading():
        assert queries.actor_of_session(secret, clock.now()).kind == "nobody"
        assert queries.actor_of_token(secret, clock.now()).kind == "nobody"
        assert queries.link(secret, clock.now()) is None


def test_expired_sessions_are_swept_when_someone_signs_in(world: World, clock: Any) -> None:
    with db.transaction():
        sign_in.open_session(queries.account("ada"), clock.now())
    clock.advance(days=sign_in.SESSION_DAYS + 1)
    with db.transaction():
        sign_in.open_session(queries.account("ben"), clock.now())

        assert session().scalar(select(func.count()).select_from(BrowserSession)) == 1


def test_a_link_signs_in_once(any_database: str, world: World, clock: Any) -> None:
    with db.transaction():
        secret = sign_in.make_sign_in_link(queries.account("ada"), clock.now(), actor=world.ben)
    with db.transaction():
        assert sign_in.use_link(secret, clock.now()).name == "ada"
    with db.transaction(), pytest.raises(NotAllowed):
        sign_in.use_link(secret, clock.now())


def test_a_link_expires(world: World, clock: Any) -> None:
    with db.transaction():
        secret = sign_in.make_sign_in_link(queries.account("ada"), clock.now(), actor=world.ben)
    clock.advance(hours=1)

    with db.transaction(), pytest.raises(NotAllowed):
        sign_in.use_link(secret, clock.now())


def test_a_second_link_ends_the_first(world: World, clock: Any) -> None:
    with db.transaction():
        first = sign_in.make_sign_in_link(queries.account("ada"), clock.now(), actor=world.ben)
        sign_in.make_sign_in_link(queries.account("ada"), clock.now(), actor=world.ben)
        with pytest.raises(NotAllowed):
            sign_in.use_link(first, clock.now())


def test_a_link_to_an_account_that_is_off_signs_nobody_in(world: World, clock: Any) -> None:
    with db.transaction():
        secret = sign_in.make_sign_in_link(queries.account("ada"), clock.now(), actor=world.ben)
        operations.change_user("ada", role="author", is_active=False, actor=world.ben)
        with pytest.raises(NotAllowed):
            sign_in.use_link(secret, clock.now())


def test_ten_attempts_in_a_quarter_of_an_hour_are_enough(any_database: str, world: World, clock: Any) -> None:
    for _ in range(sign_in_limits.MOST_OF_ACCOUNT):
        attempt("ada", clock.now())
        clock.advance(seconds=30)

    with pytest.raises(TooMany) as refusal:
        attempt("ada", clock.now())
    assert 0 < refusal.value.retry_after_s <= sign_in_limits.WINDOW.total_seconds()

    clock.advance(seconds=refusal.value.retry_after_s)
    attempt("ada", clock.now())


def test_attempts_on_one_account_leave_the_others_alone(world: World, clock: Any) -> None:
    for _ in range(sign_in_limits.MOST_OF_ACCOUNT):
        attempt("ada", clock.now())

    attempt("ben", clock.now())


def test_unknown_names_are_limited_alike(database: str, clock: Any) -> None:
    for _ in range(sign_in_limits.MOST_OF_ACCOUNT):
        attempt("x" * 5000, clock.now())

    with pytest.raises(TooMany):
        attempt("x" * 5000, clock.now())


def test_old_attempts_are_swept(world: World, clock: Any) -> None:
    attempt("ada", clock.now())
    clock.advance(minutes=16)
    attempt("ben", clock.now())

    with db.reading():
        assert session().scalar(select(func.count()).select_from(SignInAttempt)) == 1


def test_the_right_password_is_right(world: World) -> None:
    with db.reading():
        sign_in.check(PASSWORD, queries.named("ada"))


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD.upper(), "x" * 5000, "\ud800"])
def test_any_other_is_not(world: World, password: str) -> None:
    with db.reading(), pytest.raises(NotAllowed):
        sign_in.check(password, queries.named("ada"))


def test_an_unknown_name_costs_the_same_hash(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes: list[str] = []
    verify = credentials._hasher.verify

    class Counting:
        def verify(self, stored: str, password: bytes) -> bool:
            hashes.append(stored)
            return verify(stored, password)

    monkeypatch.setattr(credentials, "_hasher", Counting())
    with db.reading():
        for user in (queries.named("ada"), None):
            with pytest.raises(NotAllowed):
                sign_in.check("wrong", user)

    assert len(hashes) == 2
    assert all(stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for stored in hashes)


def test_a_name_that_nobody_has_makes_as_much_work_as_one_that_lets_in(
    any_database: str, app: Flask, world: World, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody learns by a clock who has an account here, nor by the page: also where they are held up."""
    with db.transaction():
        operations.add_user("dora", "author", actor=world.ben)
        operations.change_user("cy", role="viewer", is_active=False, actor=world.ben)
        programs.add({"name": "robot", "role": "author", "owner": "ben"}, actor=world.ben)
    hashes: list[str] = []
    verify = credentials._hasher.verify

    class Counting:
        def verify(self, stored: str, password: bytes) -> bool:
            hashes.append(stored.rpartition("p=1$")[0])
            return bool(verify(stored, password))

    monkeypatch.setattr(credentials, "_hasher", Counting())
    browser = Browser(app)
    form = {"csrf_token": browser.form_token(), "password": "a wrong password"}

    def work(name: str, place: int) -> list[Any]:
        done = []
        # The last ones are held up.
        for _ in range(sign_in_limits.MOST_OF_ACCOUNT + 2):
            hashes.clear()
            with counted() as statements:
                from_there = {"REMOTE_ADDR": f"192.0.2.{place}"}
                answer = browser.post("/sign-in", data=form | {"name": name}, environ_base=from_there)
            page = RANDOM.sub("", answer.text).replace(f'value="{name}"', "")
            done.append((answer.status_code, answer.headers.get("Retry-After"), page, [*hashes], statements))
        return done

    # What a process does once is done by the first.
    work("nobody at all", 1)
    of_nobody = work("somebody", 2)
    statuses = [403] * sign_in_limits.MOST_OF_ACCOUNT + [429] * 2
    assert [(done[0], len(done[3])) for done in of_nobody] == [(status, status == 403) for status in statuses]
    for place, name in enumerate(("ada", "cy", "dora", "robot"), 3):
        assert work(name, place) == of_nobody, name


def test_an_account_without_a_password_has_no_right_one(world: World) -> None:
    with db.transaction():
        user = operations.add_user("dora", "author", actor=world.ben)
        for password in ("", "None", PASSWORD):
            with pytest.raises(NotAllowed):
                sign_in.check(password, user)


def test_an_account_that_is_off_has_no_right_password(world: World) -> None:
    with db.transaction():
        user = operations.change_user("ada", role="author", is_active=False, actor=world.ben)
        with pytest.raises(NotAllowed):
            sign_in.check(PASSWORD, user)


def test_a_link_lasts_an_hour() -> None:
    assert timedelta(hours=1) == sign_in.LINK_LASTS
