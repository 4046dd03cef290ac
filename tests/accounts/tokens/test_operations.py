"""Replacing a token, and lists of those that are unused or about to end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from postmortems import clock as the_clock
from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.models import Token
from postmortems.accounts.tokens import operations, queries
from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.conftest import Clock
from tests.world import World

DAY_S = 86_400
WEEK = timedelta(days=7)


def made(world: World, name: str = "deploys", days: int | None = 90) -> tuple[int, str]:
    seconds = None if days is None else days * DAY_S
    networks = ["10.0.0.0/8"]
    with db.transaction():
        token, secret = accounts.add_token(
            "ada", name, ["gate:read"], seconds, networks=networks, actor=world.ada
        )
        return token.id, secret


def acts(secret: str) -> bool:
    with db.reading():
        return accounts_queries.actor_of_token(secret, the_clock.now(), "10.1.2.3").kind == "token"


def test_a_new_one_has_the_same_rights_while_the_old_one_lives_on(
    any_database: str, world: World, clock: Clock
) -> None:
    number, old = made(world)
    clock.advance(days=30)

    with db.transaction():
        token, new = operations.rotate(number, WEEK, actor=world.ada)
        assert (token.name, token.scopes, token.networks) == ("deploys", ["gate:read"], ["10.0.0.0/8"])
        assert token.expires_at == clock.now() + timedelta(days=90)
        event = audit.latest(limit=1)[0]
        assert (event.verb, event.subject, event.data["by"]) == ("token.rotated", str(number), str(token.id))

    assert (acts(old), acts(new)) == (True, True)
    clock.advance(days=7)
    assert (acts(old), acts(new)) == (False, True)


def test_the_old_one_lives_no_longer_than_it_was_to(world: World, clock: Clock) -> None:
    number, old = made(world)
    clock.advance(days=88)

    with db.transaction():
        operations.rotate(number, WEEK, actor=world.ada)

    clock.advance(days=2)
    assert not acts(old)


def test_of_one_that_never_ends_the_new_one_never_ends_and_the_old_one_does(
    world: World, clock: Clock
) -> None:
    number, old = made(world, days=None)

    with db.transaction():
        assert operations.rotate(number, timedelta(0), actor=world.ben)[0].expires_at is None

    assert not acts(old)


@pytest.mark.parametrize("days", [-1, 31, 10_000])
def test_the_old_one_lives_on_for_a_month_at_most(world: World, clock: Clock, days: int) -> None:
    number, _ = made(world)

    with db.transaction(), pytest.raises(Invalid, match="30 days at most"):
        operations.rotate(number, timedelta(days=days), actor=world.ada)


def test_one_that_has_ended_is_not_replaced(world: World, clock: Clock) -> None:
    number, _ = made(world)
    with db.transaction():
        accounts.revoke_token(number, actor=world.ada)
    expired, _ = made(world, days=1)
    clock.advance(days=1)

    for each in (number, expired):
        with db.transaction(), pytest.raises(Conflict, match="has ended"):
            operations.rotate(each, WEEK, actor=world.ada)


def test_others_replace_none_and_no_token_does(world: World, clock: Clock) -> None:
    number, _ = made(world)
    token = Actor("token", "ada", "author", world.ada.user_id, number, frozenset({"admin"}))

    with db.transaction():
        with pytest.raises(NotFound):
            operations.rotate(number, WEEK, actor=world.cy)
        with pytest.raises(NotFound):
            operations.rotate(10_000, WEEK, actor=world.ben)
        with pytest.raises(NotAllowed, match="a token cannot"):
            operations.rotate(number, WEEK, actor=token)


def test_an_admin_sees_which_are_unused_about_to_end_or_endless(
    any_database: str, world: World, clock: Clock
) -> None:
    with db.transaction():
        for token in session().query(Token):
            token.revoked_at = clock.now()
    old, _ = made(world, "unused", None)
    clock.advance(days=40)
    soon, _ = made(world, "soon", 10)
    used, _ = made(world, "used", 90)
    with db.transaction():
        accounts.note_use(Actor("token", "ada", token_id=used), clock.now(), "10.1.2.3")

    def shown(word: str) -> list[int]:
        with db.reading():
            return [token.id for token in queries.listing(word, clock.now())]

    assert shown("live") == shown("what") == [used, soon, old]
    assert shown("unused") == [old]
    assert shown("expiring") == [soon]
    assert shown("endless") == [old]
    with db.reading():
        assert [one.id for one in queries.listing("live", clock.now(), before=soon, limit=1)] == [old]
        assert session().get_one(Token, used).last_used_from == "10.1.2.3"
