"""Placements: what the company's groups give somebody in a team, put into effect and taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select

from postmortems.accounts import permissions
from postmortems.accounts.models import User
from postmortems.accounts.teams.models import BY_RULE, LONGEST_GROUP, Team, TeamMember
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import existing, session


@dataclass(frozen=True, slots=True)
class Placement:
    """What groups give somebody in a team: whether they are in it, in which role, and by which group that.

    `role` is empty where no group of theirs gives one, None where no rule says anything of roles there.
    """

    is_member: bool
    role: str | None = None
    group: str = ""


OUT = Placement(False)


def place(slug: str, user: User, given: Placement, *, actor: Actor, is_sole: bool = True) -> None:
    """Give somebody the place that their groups give; nothing where it is so already. Raises `NotFound`.

    Without `is_sole` others say who is in the team besides: then only whom a rule put there is taken out.
    """
    permissions.require(actor, "team.edit")
    team = existing(select(Team).where(Team.slug == slug), f"there is no team {slug!r}")
    member = session().get(TeamMember, (team.id, user.id))
    if member is None and given.is_member:
        member = TeamMember(team_id=team.id, user_id=user.id, via=BY_RULE, role=given.role or "")
        member.role_group = given.group[:LONGEST_GROUP]
        session().add(member)
        _note(team, "team.joined", user, actor, member)
    elif member is not None and not given.is_member and (is_sole or member.via == BY_RULE):
        session().delete(member)
        _note(team, "team.left", user, actor, member)
    elif member is not None:
        _give_role(team, member, given, user, actor)


def withdraw(user: User, kept: Collection[str], *, actor: Actor) -> None:
    """Take back what rules gave in teams of which no rule speaks any more; `kept` are those of the rules."""
    by_rule = or_(TeamMember.via == BY_RULE, TeamMember.role_group != "")
    theirs = select(Team.slug).join(TeamMember).where(TeamMember.user_id == user.id, by_rule)
    for slug in session().scalars(theirs.where(Team.slug.not_in(kept))).all():
        place(slug, user, OUT, actor=actor, is_sole=False)


def leave_all(user: User, *, actor: Actor) -> None:
    """Take somebody out of all their teams, however they came into them."""
    theirs = select(Team.slug).join(TeamMember).where(TeamMember.user_id == user.id)
    for slug in session().scalars(theirs.order_by(Team.slug)).all():
        place(slug, user, OUT, actor=actor)


def _give_role(team: Team, member: TeamMember, given: Placement, user: User, actor: Actor) -> None:
    role = given.role
    if role is None:
        # No rule speaks of it: what a rule gave ends, what was given here stays.
        role = "" if member.role_group else member.role
    group = given.group[:LONGEST_GROUP] if given.role else ""
    if (member.role, member.role_group) == (role, group):
        return
    before, member.role, member.role_group = member.role, role, group
    if before == role:
        session().flush()
        return
    _note(team, "team.role_changed", user, actor, member, before=before)


def _note(team: Team, verb: str, user: User, actor: Actor, member: TeamMember, **more: str) -> None:
    team.version += 1
    session().flush()
    held = {"role": member.role} if member.role or more else {}
    by_group = {"group": member.role_group} if member.role_group else {}
    audit.record(
        actor, verb, "team", team.slug, name=team.name, account=user.name, **held, **by_group, **more
    )
