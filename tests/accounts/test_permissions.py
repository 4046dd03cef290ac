"""Who may do what: the whole table, role by role and scope by scope."""

from __future__ import annotations

import pytest

from postmortems.accounts import permissions
from postmortems.actor import ROLES, SCOPES, Actor
from postmortems.errors import NotAllowed, NotSignedIn
from tests.accounts import role_table

TABLE = role_table.table()


def person(role: str) -> Actor:
    return Actor(kind="person", name="p", role=role, user_id=1)


def token(role: str, *scopes: str) -> Actor:
    return Actor(kind="token", name="p", role=role, user_id=1, token_id=1, scopes=frozenset(scopes))


def test_the_table_here_is_the_table_there() -> None:
    assert set(permissions.ALLOWED) == set(TABLE)


@pytest.mark.parametrize("act", permissions.ALLOWED)
@pytest.mark.parametrize("role", ROLES)
def test_a_person_may_what_the_role_may(role: str, act: str) -> None:
    assert permissions.may(person(role), act) == (role in TABLE[act].roles)


@pytest.mark.parametrize("act", permissions.ALLOWED)
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("role", ROLES)
def test_a_token_may_what_both_role_and_scope_allow(role: str, scope: str, act: str) -> None:
    is_allowed = role in TABLE[act].roles and scope in {TABLE[act].scope, "admin"}
    assert permissions.may(token(role, scope), act) == is_allowed


@pytest.mark.parametrize("act", permissions.ALLOWED)
def test_a_token_without_scopes_and_nobody_may_nothing(act: str) -> None:
    assert not permissions.may(token("admin"), act)
    assert not permissions.may(Actor.nobody(), act)
    assert permissions.may(Actor.system("cli"), act)


def test_a_refusal_says_what_is_missing() -> None:
    with pytest.raises(NotSignedIn):
        permissions.require(Actor.nobody(), "incident.read")
    with pytest.raises(NotAllowed, match="role author"):
        permissions.require(person("viewer"), "incident.save")
    with pytest.raises(NotAllowed, match="role reviewer or author; p is operator"):
        permissions.require(person("operator"), "evidence.sign")
    with pytest.raises(NotAllowed, match="role operator; p is author"):
        permissions.require(person("author"), "webhook.manage")
    with pytest.raises(NotAllowed, match="role admin; p is operator"):
        permissions.require(person("operator"), "override.grant")
    with pytest.raises(NotAllowed, match="scope write"):
        permissions.require(token("author", "read"), "incident.save")
