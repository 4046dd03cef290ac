"""What a directory does to accounts and teams, beside what any admin does; recorded in its name."""

from __future__ import annotations

import re

from sqlalchemy import select

from postmortems import clock
from postmortems.accounts import operations as accounts
from postmortems.accounts import permissions
from postmortems.accounts.company import group_grants
from postmortems.accounts.lifecycle import endings
from postmortems.accounts.models import User
from postmortems.accounts.scim import queries
from postmortems.accounts.teams import placements
from postmortems.accounts.teams.models import OwnerName, Team
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotFound
from postmortems.oidc_values import GroupRule

DIRECTORY = Actor.system("scim")
LONGEST_EXTERNAL_ID = 255
NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")
# So many teams may have names that come to the same.
ALIKE = 50


def add(name: str, external_id: str | None, *, is_active: bool, role: str, actor: Actor) -> User:
    """Open an account, or take up again the one of that name that the directory deleted earlier.

    Raises `Invalid`, and `Conflict` where the name is taken.
    """
    permissions.require(actor, "people.manage")
    user = queries.unlisted(name)
    if user is None:
        user = accounts.add_user(name, role, actor=actor)
    else:
        # Whoever comes back begins with the role of a beginner; and as it may be somebody else of the same
        # name, what was signed in by earlier is worth nothing.
        user.unlisted_since = None
        accounts.change_user(name, role=role, is_active=True, actor=actor)
        accounts.reset(name, actor=actor)
        endings.of_mail_address(user.id)
        placements.leave_all(user, actor=actor)
    _link(user, external_id, actor)
    return change(user, external_id, is_active=is_active, actor=actor)


def change(user: User, external_id: str | None, *, is_active: bool | None, actor: Actor) -> User:
    """Say what the directory calls an account, and switch it off or on, or leave that. Raises `Conflict`: the
    only admin."""
    permissions.require(actor, "people.manage")
    _link(user, external_id, actor)
    if is_active is None:
        return user
    return accounts.change_user(user.name, role=user.role, is_active=is_active, actor=actor)


def remove(user: User, *, actor: Actor) -> None:
    """Switch an account off and list it no more; what is theirs stays. Raises `Conflict`: the only admin."""
    permissions.require(actor, "people.manage")
    accounts.change_user(user.name, role=user.role, is_active=False, actor=actor)
    user.unlisted_since, user.external_id = clock.now(), None
    session().flush()
    audit.record(actor, "user.unlisted", "user", user.name)


def link_team(team: Team, external_id: str | None, *, actor: Actor) -> None:
    """Say what the directory calls a team."""
    permissions.require(actor, "team.edit")
    if team.external_id != _short(external_id):
        team.external_id = external_id or None
        session().flush()
        audit.record(actor, "team.linked", "team", team.slug, external_id=external_id)


def give_roles(user_ids: set[int], rules: tuple[GroupRule, ...], default: str, *, actor: Actor) -> None:
    """Give accounts the roles that the operator's rules have for their groups, everywhere and in teams.

    The only admin stays one, which is recorded. Who is switched off has none of it when they are on again.
    """
    if not rules:
        return
    for user_id, groups in queries.groups_of(sorted(user_ids)).items():
        user = session().get_one(User, user_id)
        grant = group_grants.grant(set().union(*map(names_of, groups)), rules, default)
        if grant.decides and grant.role not in {user.role, "none"}:
            _give_role(user, grant.role, actor)
        placements.withdraw(user, grant.teams, actor=actor)
        for slug, place in grant.teams.items():
            try:
                # The directory says itself who is in a team: a rule takes out only whom a rule put there.
                placements.place(slug, user, place, actor=actor, is_sole=False)
            except NotFound as missing:
                audit.record_rarely(actor, "team.missing", "team", slug, why=missing.detail)


def names_of(team: Team) -> set[str]:
    """What rules may call a group that is this team; a short name it had before it was renamed is none."""
    stem = _stem(team.name)
    is_present = team.slug == stem or re.fullmatch(rf"{re.escape(stem)}-[0-9]+", team.slug) is not None
    return {name for name in (team.name, team.external_id, team.slug if is_present else "") if name}


def free_slug(name: str) -> str:
    """A short name for a team of this name that nobody has. Raises `Conflict`."""
    stem = _stem(name)
    wanted = [stem, *(f"{stem}-{number}" for number in range(2, ALIKE))]
    taken: set[str] = set()
    for column in (Team.slug, Team.name_key, User.small_name, OwnerName.key):
        taken.update(session().scalars(select(column).where(column.in_(wanted))))
    free = next((slug for slug in wanted if slug not in taken), None)
    if free is None:
        raise Conflict(f"too many teams are called like {name}: give it another name")
    return free


def _give_role(user: User, role: str, actor: Actor) -> None:
    try:
        accounts.change_user(user.name, role=role, is_active=user.is_active, actor=actor)
    except Conflict as refusal:
        audit.record(actor, "user.role_kept", "user", user.name, role=user.role, why=refusal.detail)


def _stem(name: str) -> str:
    return NOT_IN_SLUGS.sub("-", name.lower()).strip("-")[:70] or "team"


def _link(user: User, external_id: str | None, actor: Actor) -> None:
    if user.external_id != _short(external_id):
        user.external_id = external_id or None
        session().flush()
        audit.record(actor, "user.linked", "user", user.name, external_id=external_id)


def _short(external_id: str | None) -> str | None:
    if external_id and (len(external_id) > LONGEST_EXTERNAL_ID or "\0" in external_id):
        raise Invalid(f"has at most {LONGEST_EXTERNAL_ID} characters", "/externalId")
    return external_id or None
