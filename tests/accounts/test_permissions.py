"""Who may do what: the whole table, role by role and scope by scope."""

from __future__ import annotations

import pytest

from postmortems.accounts import permissions
from postmortems.actor import ROLES, SCOPES, Actor
from postmortems.errors import NotAllowed, NotSignedIn

READS = {
    *("incident.read", "report.read", "guard.read", "policy.read", "team.read", "due_policy.read"),
    *("notification.read", "notification.edit", "metrics.read"),
    *("gate.read", "gate.ask", "override.request"),
    *("policy.acknowledge", "review.approve", "comment.write", "view.edit"),
}
WRITES = {
    *("incident.save", "item.edit", "scenario.edit", "drill.run", "guard.edit", "guard.test"),
    *("evidence.write", "evidence.sign", "block.confirm", "view.share"),
    *("public_report.edit", "public_report.approve"),
}
ADMIN = {
    *(
        "incident.delete",
        "incident.restrict",
        "item.close_unproven",
        "service.edit",
        "policy.edit",
        "finding.settle",
    ),
    *("override.grant", "waiver.edit"),
    *("people.manage", "secret.manage", "webhook.manage", "integration.manage", "remote.manage"),
    "channel.manage",
    "report.mail",
    *("demo.manage", "publish_rule.edit", "template.edit", "team.edit", "due_policy.edit"),
}
MAY = {"viewer": READS, "author": READS | WRITES, "admin": READS | WRITES | ADMIN}
BY_SCOPE = {
    "read": {
        *("incident.read", "report.read", "guard.read", "policy.read", "team.read", "due_policy.read"),
        "notification.read",
    },
    "write": WRITES - {"evidence.write", "evidence.sign", "public_report.approve"}
    | {"comment.write", "notification.edit", "view.edit"},
    "metrics": {"metrics.read"},
    "gate:read": {"gate.read", "gate.ask", "override.request"},
    "evidence:write": {"evidence.write"},
    "sign": {"evidence.sign", "policy.acknowledge", "review.approve", "public_report.approve"},
    "admin": READS | WRITES | ADMIN,
}


def person(role: str) -> Actor:
    return Actor(kind="person", name="p", role=role, user_id=1)


def token(role: str, *scopes: str) -> Actor:
    return Actor(kind="token", name="p", role=role, user_id=1, token_id=1, scopes=frozenset(scopes))


def test_the_table_here_is_the_table_there() -> None:
    assert set(permissions.ALLOWED) == READS | WRITES | ADMIN


@pytest.mark.parametrize("act", permissions.ALLOWED)
@pytest.mark.parametrize("role", ROLES)
def test_a_person_may_what_the_role_may(role: str, act: str) -> None:
    assert permissions.may(person(role), act) == (act in MAY[role])


@pytest.mark.parametrize("act", permissions.ALLOWED)
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("role", ROLES)
def test_a_token_may_what_both_role_and_scope_allow(role: str, scope: str, act: str) -> None:
    assert permissions.may(token(role, scope), act) == (act in MAY[role] & BY_SCOPE[scope])


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
    with pytest.raises(NotAllowed, match="scope write"):
        permissions.require(token("author", "read"), "incident.save")
