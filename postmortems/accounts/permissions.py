"""Permissions: the table of who may do what, and the functions that ask it."""

from __future__ import annotations

from typing import NamedTuple

from postmortems.actor import ROLES, Actor
from postmortems.errors import NotAllowed, NotSignedIn


class Allowed(NamedTuple):
    """The roles that may do an act, and the scope that a token needs for it."""

    roles: frozenset[str]
    scope: str


EVERYBODY = frozenset(ROLES)
# They write: incidents, items, guards, scenarios.
WRITERS = frozenset({"author", "admin"})
# Whose word counts: on an artifact, on a block, on what customers read.
WITNESSES = WRITERS | {"reviewer"}
# They run the service: its connections and secrets. What is restricted they see as little as others do.
OPERATORS = frozenset({"operator", "admin"})
ADMINS = frozenset({"admin"})

ALLOWED: dict[str, Allowed] = {
    "incident.read": Allowed(EVERYBODY, "read"),
    "report.read": Allowed(EVERYBODY, "read"),
    # Counts alone, for what scrapes them; whoever reads reports may as well.
    "metrics.read": Allowed(EVERYBODY, "metrics"),
    "guard.read": Allowed(EVERYBODY, "read"),
    "gate.read": Allowed(EVERYBODY, "gate:read"),
    "gate.ask": Allowed(EVERYBODY, "gate:read"),
    "override.request": Allowed(EVERYBODY, "gate:read"),
    # Takes a person besides: see gate.blocks.
    "block.confirm": Allowed(WITNESSES, "write"),
    "incident.save": Allowed(WRITERS, "write"),
    "item.edit": Allowed(WRITERS, "write"),
    # In one's own name, for who is asked: see incidents.approvals.
    "review.approve": Allowed(EVERYBODY, "sign"),
    # What customers read; of a restricted incident it takes an admin, and approving a second person: see
    # incidents.public_reports.
    "public_report.edit": Allowed(WRITERS, "write"),
    "public_report.approve": Allowed(WITNESSES, "sign"),
    "publish_rule.edit": Allowed(ADMINS, "admin"),
    "template.edit": Allowed(ADMINS, "admin"),
    # Whoever reads a report may say something about it.
    "comment.write": Allowed(EVERYBODY, "write"),
    # One's own views of lists; a shared one stands in everybody's.
    "view.edit": Allowed(EVERYBODY, "write"),
    "view.share": Allowed(WRITERS, "write"),
    "scenario.edit": Allowed(WRITERS, "write"),
    "drill.run": Allowed(WRITERS, "write"),
    "guard.edit": Allowed(WRITERS, "write"),
    "guard.test": Allowed(WRITERS, "write"),
    "evidence.write": Allowed(WRITERS, "evidence:write"),
    # In one's own name: nothing that a pipeline's token can say.
    "evidence.sign": Allowed(WITNESSES, "sign"),
    "policy.acknowledge": Allowed(EVERYBODY, "sign"),
    "policy.read": Allowed(EVERYBODY, "read"),
    "policy.edit": Allowed(ADMINS, "admin"),
    "incident.delete": Allowed(ADMINS, "admin"),
    # Of an incident that somebody else began, and breaking glass: see incidents.restricting.
    "incident.restrict": Allowed(ADMINS, "admin"),
    # Granting takes a person besides: see gate.overriding.
    "override.grant": Allowed(ADMINS, "admin"),
    "waiver.edit": Allowed(ADMINS, "admin"),
    "item.close_unproven": Allowed(ADMINS, "admin"),
    "service.edit": Allowed(ADMINS, "admin"),
    "finding.settle": Allowed(ADMINS, "admin"),
    "due_policy.read": Allowed(EVERYBODY, "read"),
    "due_policy.edit": Allowed(ADMINS, "admin"),
    "team.read": Allowed(EVERYBODY, "read"),
    # Members are changed by who leads the team, too: see accounts.teams.
    "team.edit": Allowed(ADMINS, "admin"),
    # What one hears of oneself, where and when.
    "notification.read": Allowed(EVERYBODY, "read"),
    "notification.edit": Allowed(EVERYBODY, "write"),
    "channel.manage": Allowed(OPERATORS, "admin"),
    "report.mail": Allowed(ADMINS, "admin"),
    "people.manage": Allowed(ADMINS, "admin"),
    # Which roles an operator may give one, and who makes its tokens: see accounts.programs.
    "service_account.manage": Allowed(OPERATORS, "admin"),
    "secret.manage": Allowed(OPERATORS, "admin"),
    "webhook.manage": Allowed(OPERATORS, "admin"),
    "integration.manage": Allowed(OPERATORS, "admin"),
    "demo.manage": Allowed(OPERATORS, "admin"),
    "remote.manage": Allowed(OPERATORS, "admin"),
}


def may(actor: Actor, act: str) -> bool:
    """Whether the actor's role may do the act and, for a token, its scopes too (`admin` includes all)."""
    roles, scope = ALLOWED[act]
    if actor.role not in roles:
        return False
    return actor.scopes is None or bool(actor.scopes & {scope, "admin"})


def require(actor: Actor, act: str) -> None:
    """Raise `NotSignedIn` or `NotAllowed` (naming what is missing) unless the actor may."""
    if may(actor, act):
        return
    if actor.kind == "nobody":
        raise NotSignedIn("sign in, or send a token as `Authorization: Bearer …`")
    if actor.role not in ALLOWED[act].roles:
        role = actor.role or "without a role"
        raise NotAllowed(f"this needs the role {needed(act)}; {actor.name} is {role}")
    raise NotAllowed(f"this needs a token with the scope {ALLOWED[act].scope}")


def needed(act: str) -> str:
    """The roles that suffice for an act, in words; that an admin may do it goes without saying."""
    roles = ALLOWED[act].roles
    if roles == EVERYBODY:
        return ROLES[0]
    return " or ".join(role for role in ROLES if role in roles - ADMINS) or "admin"
