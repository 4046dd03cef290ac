"""Accounts and tokens: who may make them, what they may be, and what is written down about it."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems import clock as the_clock
from postmortems.accounts import credentials, operations, queries, sign_in
from postmortems.accounts.models import Token
from postmortems.actor import ROLES, SCOPES, Actor
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from tests.world import PASSWORD, World

CLI = Actor.system("cli")


def pointers(refusal: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [wrong.pointer for wrong in refusal.value.problems]


def newest_verb() -> str:
    return audit.latest(limit=1)[0].verb


def test_an_admin_opens_an_account(any_database: str, world: World) -> None:
    with db.transaction():
        user = operations.add_user("dora", "author", "a long enough password", actor=world.ben)

        assert (user.name, user.role, user.is_active) == ("dora", "author", True)
        assert credentials.is_right("a long enough password", user.password_hash)
        assert newest_verb() == "user.added"


@pytest.mark.parametrize(
    "name, role, password, pointer",
    [
        ("", "author", None, "/name"),
        ("a b", "author", None, "/name"),
        (".hidden", "author", None, "/name"),
        ("x" * 101, "author", None, "/name"),
        ("a/b", "author", None, "/name"),
        ("a\nb", "author", None, "/name"),
        ("dora\n", "author", None, "/name"),
        ("dora", "owner", None, "/role"),
        ("dora", "", None, "/role"),
        ("dora", "author", "short", "/password"),
        ("dora", "author", "", "/password"),
        ("dora", "author", "x" * 1025, "/password"),
    ],
)
def test_a_wrong_account_is_refused_by_field(
    world: World, name: str, role: str, password: str | None, pointer: str
) -> None:
    with db.transaction(), pytest.raises(Invalid) as refusal:
        operations.add_user(name, role, password, actor=world.ben)

    assert pointers(refusal) == [pointer]


def test_a_name_is_given_once(world: World) -> None:
    with db.transaction(), pytest.raises(Conflict):
        operations.add_user("ada", "author", actor=world.ben)


@pytest.mark.parametrize("who, refusal", [("ada", NotAllowed), ("cy", NotAllowed), ("nobody", NotSignedIn)])
def test_only_admins_open_and_change_accounts(world: World, who: str, refusal: type[Exception]) -> None:
    actor = Actor.nobody() if who == "nobody" else getattr(world, who)
    with db.transaction():
        with pytest.raises(refusal):
            operations.add_user("dora", "author", actor=actor)
        with pytest.raises(refusal):
            operations.change_user("ada", role="admin", is_active=True, actor=actor)
        with pytest.raises(refusal):
            sign_in.make_sign_in_link(queries.account("ben"), the_clock.now(), actor=actor)


def test_an_account_that_is_switched_off_is_signed_out_at_once(any_database: str, world: World) -> None:
    now = the_clock.now()
    with db.transaction():
        secret = sign_in.open_session(queries.account("ada"), now)
        operations.change_user("ada", role="author", is_active=False, actor=world.ben)
        operations.change_user("ada", role="author", is_active=True, actor=world.ben)

        assert queries.actor_of_session(secret, now).kind == "nobody"


def test_an_account_that_is_switched_off_gets_nothing_that_would_open_it_later(world: World) -> None:
    with db.transaction():
        user = operations.change_user("ada", role="author", is_active=False, actor=world.ben)
        with pytest.raises(Conflict, match="switched off"):
            operations.add_token("ada", "deploys", ["read"], None, actor=world.ben)
        with pytest.raises(Conflict, match="switched off"):
            sign_in.make_sign_in_link(user, the_clock.now(), actor=world.ben)


@pytest.mark.parametrize("what", ["switched off", "another password"])
def test_who_was_let_in_a_moment_ago_is_not_when_the_account_changed(
    any_database: str, world: World, what: str
) -> None:
    with db.reading():
        proven = queries.account("ada")
    with db.transaction():
        if what == "switched off":
            operations.change_user("ada", role="author", is_active=False, actor=world.ben)
        else:
            operations.set_password(PASSWORD, "another long password", actor=world.ada)

    with pytest.raises(NotAllowed, match="sign in again"), db.transaction():
        sign_in.open_session(proven, the_clock.now())


@pytest.mark.parametrize("role, is_active", [("author", True), ("admin", False), ("viewer", False)])
def test_the_last_admin_stays(world: World, role: str, is_active: bool) -> None:
    with db.transaction(), pytest.raises(Conflict):
        operations.change_user("ben", role=role, is_active=is_active, actor=world.ben)


def test_an_admin_may_go_when_there_is_another(world: World) -> None:
    with db.transaction():
        operations.change_user("ada", role="admin", is_active=True, actor=world.ben)
        operations.change_user("ben", role="viewer", is_active=True, actor=world.ben)

        assert queries.account("ben").role == "viewer"


def test_a_change_that_changes_nothing_is_not_recorded(world: World) -> None:
    with db.transaction():
        before = audit.latest(limit=1)[0].id
        operations.change_user("ada", role="author", is_active=True, actor=world.ben)

        assert audit.latest(limit=1)[0].id == before


def test_a_new_password_ends_every_session(any_database: str, world: World) -> None:
    now = the_clock.now()
    with db.transaction():
        secret = sign_in.open_session(queries.account("ada"), now)
        operations.set_password(PASSWORD, "another long password", actor=world.ada)

        assert queries.actor_of_session(secret, now).kind == "nobody"
        assert credentials.is_right("another long password", queries.account("ada").password_hash)


@pytest.mark.parametrize(
    "current, password, pointer",
    [("wrong", "another long password", "/current"), (PASSWORD, "short", "/password")],
)
def test_a_password_changes_only_for_who_knows_it(
    world: World, current: str, password: str, pointer: str
) -> None:
    with db.transaction(), pytest.raises(Invalid) as refusal:
        operations.set_password(current, password, actor=world.ada)

    assert pointers(refusal) == [pointer]


def test_a_token_cannot_set_a_password(world: World) -> None:
    with db.transaction():
        actor = queries.actor_of_token(world.tokens["ada"], the_clock.now())
        with pytest.raises(NotAllowed):
            operations.set_password(PASSWORD, "another long password", actor=actor)


def test_of_a_token_only_the_hash_is_kept(any_database: str, world: World) -> None:
    with db.transaction():
        token, secret = operations.add_token("ada", "deploys", ["write", "read"], 3600, actor=world.ada)

        assert secret.startswith("pm_")
        assert len(secret) > 40
        assert token.secret_hash == credentials.hashed(secret)
        assert token.scopes == ["read", "write"]
        assert newest_verb() == "token.added"
        assert secret not in str(audit.latest(limit=1)[0].data)


@pytest.mark.parametrize(
    "name, scopes, expires_s, pointer",
    [
        ("", ["read"], None, "/name"),
        ("   ", ["read"], None, "/name"),
        ("x" * 101, ["read"], None, "/name"),
        ("x", [], None, "/scopes"),
        ("x", ["everything"], None, "/scopes"),
        ("x", ["read", "READ"], None, "/scopes"),
        ("x", ["read"], 0, "/expires"),
        ("x", ["read"], -1, "/expires"),
        ("x", ["read"], 10**12, "/expires"),
    ],
)
def test_a_wrong_token_is_refused_by_field(
    world: World, name: str, scopes: list[str], expires_s: int | None, pointer: str
) -> None:
    with db.transaction(), pytest.raises(Invalid) as refusal:
        operations.add_token("ada", name, scopes, expires_s, actor=world.ada)

    assert pointers(refusal) == [pointer]


def test_one_makes_and_revokes_only_ones_own_tokens(world: World) -> None:
    with db.transaction():
        bens, _ = operations.add_token("ben", "his", ["read"], None, actor=world.ben)
        with pytest.raises(NotAllowed):
            operations.add_token("ben", "x", ["read"], None, actor=world.ada)
        with pytest.raises(NotFound):
            operations.revoke_token(bens.id, actor=world.ada)
        with pytest.raises(NotFound):
            operations.revoke_token(10**9, actor=world.ben)


def test_an_admin_revokes_anybodys_token(any_database: str, world: World) -> None:
    with db.transaction():
        token, secret = operations.add_token("ada", "hers", list(SCOPES), None, actor=world.ada)
        operations.revoke_token(token.id, actor=world.ben)
        operations.revoke_token(token.id, actor=world.ben)

        assert queries.actor_of_token(secret, the_clock.now()).kind == "nobody"
        assert [event.verb for event in audit.of("token", str(token.id))] == ["token.revoked", "token.added"]


def test_a_token_neither_makes_nor_revokes_tokens(world: World) -> None:
    with db.transaction():
        actor = queries.actor_of_token(world.tokens["ben"], the_clock.now())
        token_id = actor.token_id or 0
        with pytest.raises(NotAllowed):
            operations.add_token("ben", "x", ["read"], None, actor=actor)
        with pytest.raises(NotAllowed):
            operations.revoke_token(token_id, actor=actor)
        assert db.session().get_one(Token, token_id).revoked_at is None


def test_the_server_itself_may_do_all_this(database: str, clock: Any) -> None:
    with db.transaction():
        operations.add_user("first", "admin", actor=CLI)
        _, secret = operations.add_token("first", "ci", ["gate:read"], 60, actor=CLI)

        assert queries.actor_of_token(secret, clock.now()).scopes == frozenset({"gate:read"})


@pytest.mark.parametrize("role", ROLES)
def test_each_role_can_be_given(any_database: str, role: str) -> None:
    with db.transaction():
        operations.add_user("zoe", role, actor=CLI)

    with db.reading():
        assert queries.account("zoe").role == role
