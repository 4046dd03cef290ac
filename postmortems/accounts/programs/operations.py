"""Operations on service accounts: open, change, switch off and on. Their tokens are made like anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from postmortems import clock
from postmortems.accounts import operations as accounts
from postmortems.accounts import permissions
from postmortems.accounts.models import PERSON, SERVICE, User
from postmortems.accounts.programs import queries
from postmortems.accounts.programs.models import ServiceAccount
from postmortems.accounts.teams.models import Team
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import insert, session
from postmortems.errors import Invalid, NotAllowed, Problem

MANAGE = "service_account.manage"
# What an operator may give: whoever has a token of it could do through it what its role may.
PLAIN_ROLE = "viewer"
LONGEST_PURPOSE = 200


def add(fields: Mapping[str, Any], *, actor: Actor) -> ServiceAccount:
    """Open one: its `name`, `role`, `purpose`, and the `owner` or the `team` that answers for it.

    Raises `Invalid` at the field, `Conflict` for a name that is taken, and `NotAllowed` where the role takes
    an admin.
    """
    permissions.require(actor, MANAGE)
    name, role = fields["name"], fields["role"]
    accounts.check_account(name, role, kind=SERVICE)
    _require_admin_for(role, actor)
    known = _checked(fields)
    accounts.refuse_taken(name)
    user = User(name=name, role=role, kind=SERVICE, created_at=clock.now())
    insert(user)
    account = ServiceAccount(user=user, **known)
    insert(account)
    audit.record(actor, "user.added", "user", name, role=role, kind=SERVICE, **said_of(account))
    return account


def change(name: str, fields: Mapping[str, Any], *, actor: Actor) -> ServiceAccount:
    """Change what `fields` names: `role`, `purpose`, who answers for it, and whether it `is_active`.

    Switched off, its tokens are revoked, for good. Raises as `add` does, and `NotFound`.
    """
    permissions.require(actor, MANAGE)
    account = queries.by_name(name)
    role = fields.get("role", account.user.role)
    if role != account.user.role:
        accounts.check_account(name, role, kind=SERVICE)
        _require_admin_for(role, actor)
    known, before = _checked(fields, account), said_of(account)
    for attribute, value in known.items():
        setattr(account, attribute, value)
    session().flush()
    session().refresh(account)
    if said_of(account) != before:
        audit.record(actor, "user.changed", "user", name, **said_of(account), before=before)
    is_active = fields.get("is_active", account.user.is_active)
    accounts.change_account(account.user, role=role, is_active=is_active, actor=actor)
    return account


def said_of(account: ServiceAccount) -> dict[str, str]:
    """What it is for and who answers for it, in words."""
    return {
        "purpose": account.purpose,
        "owner": account.owner.name if account.owner else "",
        "team": account.team.slug if account.team else "",
    }


def _require_admin_for(role: str, actor: Actor) -> None:
    if role != PLAIN_ROLE and not permissions.may(actor, "people.manage"):
        raise NotAllowed(f"an admin gives a service account the role {role}; you may give {PLAIN_ROLE}")


def _checked(fields: Mapping[str, Any], account: ServiceAccount | None = None) -> dict[str, Any]:
    said = said_of(account) if account else {"purpose": "", "owner": "", "team": ""}
    # Whoever names one of the two takes the other back.
    if fields.get("owner") or fields.get("team"):
        said |= {"owner": "", "team": ""}
    said |= {name: str(fields[name]).strip() for name in said if fields.get(name) is not None}
    problems = []
    if len(said["purpose"]) > LONGEST_PURPOSE or not said["purpose"].isprintable():
        problems.append(Problem("/purpose", f"one line, {LONGEST_PURPOSE} characters at most"))
    if bool(said["owner"]) == bool(said["team"]):
        problems.append(Problem("/owner", "name the person or the team that answers for it, one of them"))
    owner = _person(said["owner"]) if said["owner"] else None
    team = _team(said["team"]) if said["team"] else None
    if said["owner"] and owner is None:
        problems.append(Problem("/owner", f"there is no person with an account named {said['owner']!r}"))
    if said["team"] and team is None:
        problems.append(Problem("/team", f"there is no team {said['team']!r}"))
    if problems:
        raise Invalid(problems)
    return {"purpose": said["purpose"], "owner_id": owner, "team_id": team}


def _person(name: str) -> int | None:
    known = select(User.id).where(User.name == name.removeprefix("@"), User.kind == PERSON, User.is_active)
    return session().scalar(known)


def _team(slug: str) -> int | None:
    return session().scalar(select(Team.id).where(Team.slug == slug))
