"""Permissions: the table of who may do what, and the functions that ask it."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from postmortems.actor import ROLES, TEAM_ROLES, Actor
from postmortems.errors import NotAllowed, NotSignedIn

# How the role in a team counts for what several teams have: in one of them it is enough, or in each it takes
# it. Where neither is said, a team can give no such right.
ANY, EACH = "any", "each"
# In the place of a team: of a service that no team answers for.
NO_TEAM = 0


class Allowed(NamedTuple):
    """The roles that may do an act, the scope that a token needs for it, and how a role in a team counts."""

    roles: frozenset[str]
    scope: str
    by_team: str = ""


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
    "incident.save": Allowed(WRITERS, "write", ANY),
    "item.edit": Allowed(WRITERS, "write", ANY),
    # That what a person attests is done, by another than its owner: see gate.enforcement.confirmations.
    "item.confirm": Allowed(WITNESSES, "write", ANY),
    # In one's own name, for who is asked: see incidents.approvals.
    "review.approve": Allowed(EVERYBODY, "sign"),
    # What customers read; of a restricted incident it takes an admin, and approving a second person: see
    # incidents.public_reports.
    "public_report.edit": Allowed(WRITERS, "write", ANY),
    "public_report.approve": Allowed(WITNESSES, "sign", EACH),
    "publish_rule.edit": Allowed(ADMINS, "admin"),
    "template.edit": Allowed(ADMINS, "admin"),
    # Whoever reads a report may say something about it.
    "comment.write": Allowed(EVERYBODY, "write"),
    # One's own views of lists; a shared one stands in everybody's.
    "view.edit": Allowed(EVERYBODY, "write"),
    "view.share": Allowed(WRITERS, "write"),
    "scenario.edit": Allowed(WRITERS, "write", ANY),
    "drill.run": Allowed(WRITERS, "write", ANY),
    "guard.edit": Allowed(WRITERS, "write"),
    "guard.test": Allowed(WRITERS, "write"),
    "evidence.write": Allowed(WRITERS, "evidence:write"),
    # In one's own name: nothing that a pipeline's token can say.
    "evidence.sign": Allowed(WITNESSES, "sign"),
    "policy.acknowledge": Allowed(EVERYBODY, "sign"),
    "policy.read": Allowed(EVERYBODY, "read"),
    "policy.edit": Allowed(ADMINS, "admin"),
    "incident.delete": Allowed(ADMINS, "admin", EACH),
    # Of an incident that somebody else began, and breaking glass: see incidents.restricting.
    "incident.restrict": Allowed(ADMINS, "admin"),
    # Granting takes a person besides: see gate.overriding.
    "override.grant": Allowed(ADMINS, "admin", EACH),
    "waiver.edit": Allowed(ADMINS, "admin", EACH),
    "item.close_unproven": Allowed(ADMINS, "admin", EACH),
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


def may(actor: Actor, act: str, of: Collection[int] = ()) -> bool:
    """Whether the actor's role may do the act and, for a token, its scopes too (`admin` includes all).

    `of` are the teams of what it is done to, by id: there the actor's role in them counts besides. Without it
    a role in a team counts nothing.
    """
    roles, scope, by_team = ALLOWED[act]
    if actor.role not in roles and not _is_given(actor, roles, by_team, of):
        return False
    return _is_in_scope(actor, scope)


def may_anywhere(actor: Actor, act: str) -> bool:
    """Whether there can be something to which the actor may do the act, be it in one of their teams alone.

    For doors, which do not know yet what it is about: whoever does it asks again with `of`.
    """
    roles, scope, by_team = ALLOWED[act]
    if actor.role not in roles and not (by_team and roles & set(actor.team_roles.values())):
        return False
    return _is_in_scope(actor, scope)


def depends(actor: Actor, act: str) -> bool:
    """Whether it depends on the teams of what it is done to: for others nobody needs to look for these."""
    return bool(actor.team_roles) and not may(actor, act) and may_anywhere(actor, act)


def require(actor: Actor, act: str, of: Collection[int] = ()) -> None:
    """Raise `NotSignedIn` or `NotAllowed` (naming what is missing) unless the actor may; `of` as in `may`."""
    if not may(actor, act, of):
        _refuse(actor, act)


def require_anywhere(actor: Actor, act: str) -> None:
    """The same of `may_anywhere`."""
    if not may_anywhere(actor, act):
        _refuse(actor, act)


def _refuse(actor: Actor, act: str) -> None:
    if actor.kind == "nobody":
        raise NotSignedIn("sign in, or send a token as `Authorization: Bearer …`")
    if depends(actor, act):
        which = "each" if ALLOWED[act].by_team == EACH else "one"
        told = f"everywhere or in {which} of the teams that this belongs to"
        raise NotAllowed(f"this needs the role {needed(act)}, {told}; {actor.name} has it in other teams")
    if not ALLOWED[act].roles & {actor.role, *(actor.team_roles.values() if ALLOWED[act].by_team else ())}:
        role = actor.role or "without a role"
        raise NotAllowed(f"this needs the role {needed(act)}; {actor.name} is {role}")
    raise NotAllowed(f"this needs a token with the scope {ALLOWED[act].scope}")


def _is_given(actor: Actor, roles: frozenset[str], by_team: str, of: Collection[int]) -> bool:
    """Whether roles in these teams do. Nobody has one in `NO_TEAM`."""
    if not by_team or not of:
        return False
    given = [actor.team_roles.get(team, "") in roles and team != NO_TEAM for team in of]
    return all(given) if by_team == EACH else any(given)


def _is_in_scope(actor: Actor, scope: str) -> bool:
    return actor.scopes is None or bool(actor.scopes & {scope, "admin"})


def needed(act: str) -> str:
    """The roles that suffice for an act, in words; that an admin may do it goes without saying."""
    roles = ALLOWED[act].roles
    if roles == EVERYBODY:
        return ROLES[0]
    return " or ".join(role for role in ROLES if role in roles - ADMINS) or "admin"


def rank(role: str) -> int:
    """How much a role in a team is: of two the higher may all that the lower may; 0 for none."""
    return TEAM_ROLES.index(role) + 1 if role else 0
