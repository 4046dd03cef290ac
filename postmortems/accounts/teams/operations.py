"""Makes and changes teams, and says whom a name in a report means."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from postmortems import clock, search_words
from postmortems.accounts import permissions
from postmortems.accounts.models import PERSON, User
from postmortems.accounts.teams import queries
from postmortems.accounts.teams.models import BY_DIRECTORY, BY_HAND, OwnerName, Team, TeamMember
from postmortems.actor import TEAM_ROLES, Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, Problem

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
LONGEST_NAME, LONGEST_OWNER_NAME = 100, 200
# Where it is not said who holds a role.
NOBODYS: Mapping[str, str] = MappingProxyType({})
MOST_TEAMS, MOST_MEMBERS, MOST_OWNER_NAMES = 1_000, 1_000, 10_000


def create(
    slug: str,
    name: str,
    members: Mapping[str, bool],
    roles: Mapping[str, str] = NOBODYS,
    *,
    actor: Actor,
    listed: Collection[str] = (),
) -> Team:
    """Make a team; `members` says by account name who leads it, `roles` which role they hold in it, `listed`
    whom the company's directory names as members.

    Raises `Invalid` with pointers, and `Conflict` where a team or an account has such a name.
    """
    permissions.require(actor, "team.edit")
    name = _checked(name, slug)
    _refuse_taken(slug, name, None)
    if (session().scalar(select(func.count()).select_from(Team)) or 0) >= MOST_TEAMS:
        raise Conflict(f"there are {MOST_TEAMS} teams already: delete one first")
    team = Team(slug=slug, name=name, name_key=search_words.person(name), created_at=clock.now())
    team.members = _as_members(members, roles, {}, listed)
    _add(team, f"somebody else made the team {name} at this moment")
    audit.record(actor, "team.created", "team", slug, name=name, members=_said(team.members))
    return team


def change(
    slug: str,
    name: str,
    members: Mapping[str, bool],
    roles: Mapping[str, str] = NOBODYS,
    *,
    actor: Actor,
    version: int | None = None,
    listed: Collection[str] = (),
) -> Team:
    """Give a team this name and these members. Whoever leads it may change its members, admins all of it.

    Whose role in it `roles` does not say keeps the one they hold; `listed` are those whom the company's
    directory names. Who leads it gives and takes no higher role
    than they hold in it themselves. `version` is the one that was edited. Raises `NotFound`, `Invalid`,
    `NotAllowed`, and `Conflict` where somebody saved since, or the name is taken.
    """
    permissions.require(actor, "team.read")
    team = queries.team(slug)
    name = _checked(name, slug)
    _refuse_unless_led(team, name, actor)
    if version not in (None, team.version):
        raise Conflict(f"somebody else changed {team.name} since you opened it: look at theirs first")
    _refuse_taken(slug, name, team.id)
    present = {member.user.name: member for member in team.members}
    before = _said(team.members)
    wanted = _as_members(members, roles, present, listed)
    _refuse_higher(team, present, wanted, actor)
    if (team.name, before) == (name, _said(wanted)):
        _note_ways(present, wanted)
        return team
    team.name, team.name_key, team.version = name, search_words.person(name), team.version + 1
    team.members.clear()
    session().flush()
    team.members = wanted
    session().flush()
    audit.record(actor, "team.changed", "team", slug, name=name, members=_said(wanted), before=before)
    return team


def delete(slug: str, *, actor: Actor) -> None:
    """Delete a team. Its services and items stay, without a team; what reports say stays as written."""
    permissions.require(actor, "team.edit")
    team = queries.team(slug)
    members = _said(team.members)
    session().delete(team)
    session().flush()
    audit.record(actor, "team.deleted", "team", slug, name=team.name, members=members)


def name_owner(name: str, *, account: str = "", team: str = "", actor: Actor) -> OwnerName:
    """Say whom this name means wherever a report has it: an account, or a team by its slug.

    Again for another one changes it. Raises `Invalid`, and `Conflict` for the name of an account or team
    itself, which means that already.
    """
    permissions.require(actor, "team.edit")
    key = search_words.person(name)
    user_id, team_id = _meant(account, team)
    if not key or len(name.strip()) > LONGEST_OWNER_NAME:
        raise Invalid(f"write the name as reports have it, in at most {LONGEST_OWNER_NAME} letters", "/name")
    if _is_account(key) or session().scalar(
        select(Team.id).where((Team.name_key == key) | (Team.slug == key))
    ):
        raise Conflict(f"{name.strip()} is the name of an account or a team, and means that")
    row = session().get(OwnerName, key)
    if row is not None and row.former_since is not None:
        whose = row.user.name if row.user is not None else "an account"
        raise Conflict(f"{whose} was called {row.name}: forget that name first, if it is to mean another")
    if (
        row is None
        and (session().scalar(select(func.count()).select_from(OwnerName)) or 0) >= MOST_OWNER_NAMES
    ):
        raise Conflict(f"there are {MOST_OWNER_NAMES} such names already: forget one first")
    row = row or OwnerName(key=key)
    row.name, row.user_id, row.team_id = name.strip(), user_id, team_id
    _add(row, f"somebody else said at this moment who {name.strip()} is")
    audit.record(actor, "owner_name.set", "owner_name", key, name=row.name, account=account, team=team)
    return row


def forget_owner(name: str, *, actor: Actor) -> None:
    """Let a name mean nobody again. Raises `NotFound`."""
    permissions.require(actor, "team.edit")
    row = session().get(OwnerName, search_words.person(name))
    if row is None:
        raise NotFound(f"nobody said who {name} is")
    session().delete(row)
    session().flush()
    audit.record(actor, "owner_name.forgotten", "owner_name", row.key, name=row.name)


def _refuse_unless_led(team: Team, name: str, actor: Actor) -> None:
    if permissions.may(actor, "team.edit"):
        return
    # A token acts within its scopes: leading a team gives none.
    is_lead = actor.is_person and any(m.is_lead and m.user_id == actor.user_id for m in team.members)
    if not is_lead:
        raise NotAllowed(f"this needs the role admin, or to lead {team.name}")
    if name != team.name:
        raise NotAllowed("who leads a team chooses its members; its name is changed by an admin")


def _checked(name: str, slug: str) -> str:
    name = name.strip()
    problems = []
    if not SLUG.fullmatch(slug):
        problems.append(Problem("/id", "small letters, digits and -, at most 80, such as `platform`"))
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or not search_words.person(name):
        problems.append(Problem("/name", f"a name has letters, at most {LONGEST_NAME}, on one line"))
    if problems:
        raise Invalid(problems)
    return name


def _refuse_taken(slug: str, name: str, own_id: int | None) -> None:
    keys = list(dict.fromkeys((slug, search_words.person(name))))
    other = select(Team.name).where(Team.slug.in_(keys) | Team.name_key.in_(keys), Team.id != (own_id or 0))
    if known := session().scalar(other.limit(1)):
        raise Conflict(f"the team {known} has that name already")
    for key in keys:
        if _is_account(key):
            raise Conflict(f"an account is called {key}: as an owner that would mean two")


def _is_account(key: str) -> bool:
    return session().scalar(select(User.id).where(User.small_name == key).limit(1)) is not None


def _as_members(
    members: Mapping[str, bool],
    roles: Mapping[str, str],
    present: Mapping[str, TeamMember],
    listed: Collection[str],
) -> list[TeamMember]:
    """Rows of these members; who was there keeps how they came, and the group that gives their role."""
    if len(members) > MOST_MEMBERS:
        raise Invalid(f"a team has at most {MOST_MEMBERS} members", "/members")
    people = select(User).where(User.kind == PERSON)
    users = {user.name: user for user in session().scalars(people.where(User.name.in_(members)))}
    unknown = [name for name in dict.fromkeys((*members, *roles)) if name not in users]
    if unknown:
        who = ", ".join(unknown[:5])
        raise Invalid(f"there is no account named {who}: who is this?", "/members")
    for role in roles.values():
        _refuse_role(role)
    roles = {name: was.role for name, was in present.items()} | dict(roles)
    return [
        TeamMember(
            user=users[name],
            is_lead=members[name],
            role=roles.get(name, ""),
            role_group=was.role_group if was is not None and was.role == roles.get(name, "") else "",
            via=BY_DIRECTORY if name in listed else was.via if was is not None else BY_HAND,
        )
        for name in sorted(members)
        for was in [present.get(name)]
    ]


def _note_ways(present: Mapping[str, TeamMember], wanted: Iterable[TeamMember]) -> None:
    """Keep who put members there, where nothing else has changed: it may be the directory that does now."""
    for member in wanted:
        present[member.user.name].via = member.via
    session().flush()


def _refuse_role(role: str) -> None:
    if role == "operator":
        raise Invalid(
            "operator is a role for the service as a whole: an admin gives it to an account, under Settings, "
            "People",
            "/members",
        )
    if role == "viewer":
        raise Invalid("everybody with an account reads: leave the role out", "/members")
    if role and role not in TEAM_ROLES:
        raise Invalid(f"a role in a team is {', '.join(TEAM_ROLES)}; {role[:40]!r} is none", "/members")


def _refuse_higher(
    team: Team, present: Mapping[str, TeamMember], wanted: Iterable[TeamMember], actor: Actor
) -> None:
    """Raise `NotAllowed` where a lead gives or takes more than their own role in the team."""
    if permissions.may(actor, "team.edit"):
        return
    own = next((each.role for each in team.members if each.user_id == actor.user_id), "")
    for each in wanted:
        before, role = present.get(each.user.name), each.role
        was = before.role if before is not None else ""
        if was != role and max(permissions.rank(was), permissions.rank(role)) > permissions.rank(own):
            yours = f"yours is {own}" if own else "you hold none"
            raise NotAllowed(
                f"who leads a team gives and takes roles up to their own in it, and {yours}: "
                f"an admin changes the one of {each.user.name}"
            )


def _meant(account: str, team: str) -> tuple[int | None, int | None]:
    if bool(account) == bool(team):
        raise Invalid("name an account or a team, one of them", "/account")
    if team:
        found = session().scalar(select(Team.id).where(Team.slug == team))
        if found is None:
            raise Invalid(f"there is no team {team!r}", "/team")
        return None, found
    found = session().scalar(select(User.id).where(User.name == account, User.kind == PERSON))
    if found is None:
        raise Invalid(f"there is no account named {account!r}", "/account")
    return found, None


def _add(row: Team | OwnerName, taken: str) -> None:
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError:
        raise Conflict(f"{taken}: look at theirs first") from None


def _said(members: Iterable[TeamMember]) -> list[str]:
    """Members as an event names them: `ada (lead, author)`."""
    return [f"{name} ({', '.join(more)})" if more else name for name, more in sorted(map(_beside, members))]


def _beside(member: TeamMember) -> tuple[str, list[str]]:
    return member.user.name, [*(["lead"] if member.is_lead else []), *([member.role] if member.role else [])]


def lines_of(members: Iterable[TeamMember]) -> list[str]:
    """Members as a form has them, one a line: `ada, lead, author`."""
    return [", ".join([name, *more]) for name, more in sorted(map(_beside, members))]
