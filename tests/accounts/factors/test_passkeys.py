"""Passkeys: whose they are, which answers count, and how often."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from postmortems.accounts import operations as account_operations
from postmortems.accounts import queries as accounts
from postmortems.accounts.factors import ceremony, operations, passkeys, queries, second_step
from postmortems.accounts.factors.models import Passkey
from postmortems.accounts.factors.passkeys import Challenge
from postmortems.accounts.factors.relying_party import RelyingParty
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.accounts.factors.security_keys import ORIGIN, SecurityKey
from tests.world import World

PARTY = RelyingParty("localhost", ORIGIN)


def ada() -> User:
    return accounts.account("ada")


def register(actor: Actor, clock: Any, key: SecurityKey | None = None, name: str = "my phone") -> SecurityKey:
    key = key or SecurityKey()
    with db.transaction():
        user, asked = accounts.account(actor.name), passkeys.challenge("register", clock.now())
        sent = key.create(passkeys.to_register(user, asked, PARTY))
        passkeys.register(user, name, sent, asked, PARTY, clock.now(), actor=actor)
    return key


def answered(key: SecurityKey, clock: Any) -> tuple[str, Challenge]:
    asked = passkeys.challenge("sign in", clock.now())
    return key.get(passkeys.to_sign_in(asked, PARTY)), asked


def taken(sent: str, asked: Challenge, clock: Any) -> str:
    with db.transaction():
        return passkeys.take(sent, asked, PARTY, clock.now()).name


def refused(sent: str, asked: Challenge, clock: Any) -> str:
    with pytest.raises(NotAllowed) as refusal:
        taken(sent, asked, clock)
    return refusal.value.detail


def test_a_passkey_signs_its_person_in(any_database: str, world: World, clock: Any) -> None:
    key, other = register(world.ada, clock), register(world.ben, clock)

    assert taken(*answered(key, clock), clock) == "ada"
    assert taken(*answered(other, clock), clock) == "ben"
    assert taken(*answered(key, clock), clock) == "ada"
    with db.reading():
        (kept,) = queries.of(ada().id).passkeys
        assert (kept.name, kept.sign_count, kept.last_used_at) == ("my phone", 2, clock.now())


def test_a_kind_of_device_that_nobody_knows_yet_signs_in(world: World, clock: Any) -> None:
    # WebAuthn Level 3 §5.1: such a kind counts as none. py_webauthn 3.0.1 refuses an answer that names one.
    key = register(world.ada, clock, SecurityKey(attachment="ring"))

    assert taken(*answered(key, clock), clock) == "ada"


def test_with_the_first_factor_come_recovery_codes(world: World, clock: Any) -> None:
    key = SecurityKey()
    with db.transaction():
        asked = passkeys.challenge("register", clock.now())
        sent = key.create(passkeys.to_register(ada(), asked, PARTY))
        codes = passkeys.register(ada(), "key", sent, asked, PARTY, clock.now(), actor=world.ada)

    assert len(codes) == 10
    with db.reading():
        assert second_step.is_needed(ada(), "optional")
        assert queries.having([ada().id, 999]) == {ada().id}


def test_all_of_a_persons_passkeys_say_the_same_random_handle(world: World, clock: Any) -> None:
    first, second = register(world.ada, clock), register(world.ada, clock, name="the drawer")
    bens = register(world.ben, clock)

    assert first.user_handle == second.user_handle != bens.user_handle
    assert len(first.user_handle) == 32


def test_a_device_is_told_which_passkeys_there_are(world: World, clock: Any) -> None:
    register(world.ada, clock)
    with db.reading():
        asked = passkeys.challenge("register", clock.now())
        mine, bens = (
            json.loads(passkeys.to_register(u, asked, PARTY)) for u in (ada(), accounts.account("ben"))
        )

    assert len(mine["excludeCredentials"]) == 1
    assert bens["excludeCredentials"] == []
    chosen = mine["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")


def test_an_answer_counts_once(any_database: str, world: World, clock: Any) -> None:
    sent, asked = answered(register(world.ada, clock, SecurityKey(counts_by=0)), clock)
    assert taken(sent, asked, clock) == "ada"

    assert "sent twice" in refused(sent, asked, clock)


def test_a_passkey_that_never_counts_is_taken_again(world: World, clock: Any) -> None:
    key = register(world.ada, clock, SecurityKey(counts_by=0))

    assert [taken(*answered(key, clock), clock) for _ in range(3)] == ["ada"] * 3


def test_an_answer_that_is_late_is_refused(world: World, clock: Any) -> None:
    sent, asked = answered(register(world.ada, clock), clock)
    clock.advance(seconds=passkeys.CHALLENGE_LASTS.total_seconds())

    assert "took too long" in refused(sent, asked, clock)


def test_an_answer_to_another_challenge_is_refused(world: World, clock: Any) -> None:
    sent, _ = answered(register(world.ada, clock), clock)

    assert "was refused" in refused(sent, passkeys.challenge("sign in", clock.now()), clock)


def test_a_copy_shows_by_its_counter(any_database: str, world: World, clock: Any) -> None:
    key = register(world.ada, clock)
    copy = replace(key)
    for _ in range(3):
        taken(*answered(key, clock), clock)

    assert "there may be a copy" in refused(*answered(copy, clock), clock)


WRONG: dict[str, Callable[[SecurityKey], object]] = {
    "another site": lambda key: setattr(key, "origin", "https://evil.example"),
    "our name on another port": lambda key: setattr(key, "origin", "http://localhost:9999"),
    "another name": lambda key: setattr(key, "rp_id", "evil.example"),
    "nobody unlocked it": lambda key: setattr(key, "is_verified", False),
    "another key": lambda key: setattr(key, "key", SecurityKey().key),
    "another person": lambda key: setattr(key, "user_handle", b"x" * 32),
    "unknown": lambda key: setattr(key, "credential_id", b"x" * 32),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_answer_signs_nobody_in(world: World, clock: Any, what: str) -> None:
    key = register(world.ada, clock)
    WRONG[what](key)

    refused(*answered(key, clock), clock)


@pytest.mark.parametrize(
    "what", ["another site", "our name on another port", "another name", "nobody unlocked it"]
)
def test_a_wrong_answer_makes_no_passkey(world: World, clock: Any, what: str) -> None:
    key = SecurityKey()
    WRONG[what](key)

    with pytest.raises(NotAllowed, match="is not a passkey"):
        register(world.ada, clock, key)


def answer(**response: object) -> str:
    return json.dumps({"id": "eA", "rawId": "eA", "type": "public-key", "response": response})


RUBBISH = [
    *("", "{", "null", "[]", "1", '"x"', "{}", "x" * 20_000, "[" * 5_000, "\ud800"),
    '{"id": 1, "rawId": 1, "type": 1, "response": 1}',
    '{"id": "\\u0000", "rawId": "é", "type": "public-key", "response": {"clientDataJSON": "é"}}',
    answer(),
    answer(clientDataJSON="e30", authenticatorData="", signature="", attestationObject="oA"),
    answer(clientDataJSON="bnVsbA", authenticatorData="AAAA", signature="AA", attestationObject="9g"),
    answer(clientDataJSON="bnVsbA", authenticatorData="AAAA", signature="AA", userHandle=7),
]


@pytest.mark.parametrize("place", range(len(RUBBISH)))
def test_rubbish_is_refused(world: World, clock: Any, place: int) -> None:
    asked = passkeys.challenge("sign in", clock.now())

    refused(RUBBISH[place], asked, clock)
    with pytest.raises(NotAllowed):
        ceremony.registered(RUBBISH[place], PARTY, asked.value)
    with db.transaction():
        passkeys.note_refused(RUBBISH[place], "x")


def test_a_passkey_that_was_taken_away_signs_nobody_in(any_database: str, world: World, clock: Any) -> None:
    key = register(world.ada, clock)
    with db.transaction():
        number = session().scalars(select(Passkey.id)).one()
        with pytest.raises(NotFound):
            passkeys.remove(number, accounts.account("ben"), actor=world.ben)
        passkeys.remove(number, ada(), actor=world.ada)

    assert "not known here" in refused(*answered(key, clock), clock)
    with db.reading():
        assert not second_step.is_needed(ada(), "optional")
        assert queries.of(ada().id).codes_left == 0


@pytest.mark.parametrize("how", ["off", "reset", "factors"])
def test_what_an_admin_ends_no_passkey_opens(any_database: str, world: World, clock: Any, how: str) -> None:
    key = register(world.ada, clock)
    with db.transaction():
        if how == "off":
            account_operations.change_user("ada", role="author", is_active=False, actor=world.ben)
        elif how == "reset":
            account_operations.reset("ada", actor=world.ben)
        else:
            operations.reset("ada", actor=world.ben)

    refused(*answered(key, clock), clock)


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\nb", "\x00"])
def test_a_passkey_needs_a_name_to_know_it_by(world: World, clock: Any, name: str) -> None:
    with pytest.raises(Invalid, match="give it a name that you will recognise"):
        register(world.ada, clock, name=name)


def test_the_same_passkey_is_registered_once(any_database: str, world: World, clock: Any) -> None:
    key = register(world.ada, clock)

    with pytest.raises(Conflict, match="known already"):
        register(world.ben, clock, key)


def test_only_the_owner_in_person_registers(world: World, clock: Any) -> None:
    token = Actor(
        kind="token", name="ada", role="author", user_id=world.ada.user_id, scopes=frozenset({"admin"})
    )

    with pytest.raises(NotAllowed, match="their own account"):
        register(token, clock)
