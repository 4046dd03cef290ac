"""Permissions: the table of who may do what, and the one function that asks it."""

from __future__ import annotations

from postmortems.actor import Actor
from postmortems.errors import NotAllowed, NotSignedIn

# Each act, with the least role that may do it and the scope that a token needs for it.
ALLOWED = {
    "incident.read": ("viewer", "read"),
    "report.read": ("viewer", "read"),
    # Counts alone, for what scrapes them; whoever reads reports may as well.
    "metrics.read": ("viewer", "metrics"),
    "guard.read": ("viewer", "read"),
    "gate.read": ("viewer", "gate:read"),
    "gate.ask": ("viewer", "gate:read"),
    "override.request": ("viewer", "gate:read"),
    # Takes a person besides: see gate.blocks.
    "block.confirm": ("author", "write"),
    "incident.save": ("author", "write"),
    "item.edit": ("author", "write"),
    # In one's own name, for who is asked: see incidents.approvals.
    "review.approve": ("viewer", "sign"),
    # What customers read; of a restricted incident it takes an admin, and approving a second person: see
    # incidents.public_reports.
    "public_report.edit": ("author", "write"),
    "public_report.approve": ("author", "sign"),
    "publish_rule.edit": ("admin", "admin"),
    "template.edit": ("admin", "admin"),
    # Whoever reads a report may say something about it.
    "comment.write": ("viewer", "write"),
    # One's own views of lists; a shared one stands in everybody's.
    "view.edit": ("viewer", "write"),
    "view.share": ("author", "write"),
    "scenario.edit": ("author", "write"),
    "drill.run": ("author", "write"),
    "guard.edit": ("author", "write"),
    "guard.test": ("author", "write"),
    "evidence.write": ("author", "evidence:write"),
    # In one's own name: nothing that a pipeline's token can say.
    "evidence.sign": ("author", "sign"),
    "policy.acknowledge": ("viewer", "sign"),
    "policy.read": ("viewer", "read"),
    "policy.edit": ("admin", "admin"),
    "incident.delete": ("admin", "admin"),
    # Of an incident that somebody else began, and breaking glass: see incidents.restricting.
    "incident.restrict": ("admin", "admin"),
    # Granting takes a person besides: see gate.overriding.
    "override.grant": ("admin", "admin"),
    "waiver.edit": ("admin", "admin"),
    "item.close_unproven": ("admin", "admin"),
    "service.edit": ("admin", "admin"),
    "finding.settle": ("admin", "admin"),
    "due_policy.read": ("viewer", "read"),
    "due_policy.edit": ("admin", "admin"),
    "team.read": ("viewer", "read"),
    # Members are changed by who leads the team, too: see accounts.teams.
    "team.edit": ("admin", "admin"),
    # What one hears of oneself, where and when.
    "notification.read": ("viewer", "read"),
    "notification.edit": ("viewer", "write"),
    "channel.manage": ("admin", "admin"),
    "report.mail": ("admin", "admin"),
    "people.manage": ("admin", "admin"),
    "secret.manage": ("admin", "admin"),
    "webhook.manage": ("admin", "admin"),
    "integration.manage": ("admin", "admin"),
    "demo.manage": ("admin", "admin"),
    "remote.manage": ("admin", "admin"),
}
RANK = {"": 0, "viewer": 1, "author": 2, "admin": 3}


def may(actor: Actor, act: str) -> bool:
    """Whether the actor's role reaches the act and, for a token, its scopes too (`admin` includes all)."""
    role, scope = ALLOWED[act]
    if RANK[actor.role] < RANK[role]:
        return False
    return actor.scopes is None or bool(actor.scopes & {scope, "admin"})


def require(actor: Actor, act: str) -> None:
    """Raise `NotSignedIn` or `NotAllowed` (naming what is missing) unless the actor may."""
    if may(actor, act):
        return
    if actor.kind == "nobody":
        raise NotSignedIn("sign in, or send a token as `Authorization: Bearer …`")
    role, scope = ALLOWED[act]
    if RANK[actor.role] < RANK[role]:
        raise NotAllowed(f"this needs the role {role}; {actor.name} is {actor.role or 'without a role'}")
    raise NotAllowed(f"this needs a token with the scope {scope}")
