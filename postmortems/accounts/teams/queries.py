"""Queries of teams, and of who is meant by the name of an owner."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    String,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from postmortems import search_words
from postmortems.accounts.models import PERSON, User
from postmortems.accounts.teams.models import OwnerName, Team, TeamMember
from postmortems.actor import Actor
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import existing, session

PAGE = 200
# Of the row of an account, read along with it: by teams' ids the roles in them, as `roles_read` takes it.
# Programs are in no team: when a pipeline asks, nothing is looked up.
ROLES: ColumnElement[str | None] = case(
    (
        User.kind == PERSON,
        select(
            func.aggregate_strings(
                cast(TeamMember.team_id, String) + ":" + TeamMember.role,
                # As it stands: a value would be put into the text anew each time.
                literal_column("' '"),  # type: ignore[arg-type]
            )
        )
        .where(TeamMember.user_id == User.id, TeamMember.role != "")
        .correlate(User)
        .scalar_subquery(),
    )
)


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a name means: an account or a team. `is_able` where somebody can sign in for it.

    `key` is what items of theirs are found by, whichever of the names they are written with.
    """

    kind: str
    id: int
    name: str
    key: str
    is_able: bool = True


class HeldRole(NamedTuple):
    """A role in the team of this slug; `group` is the company's that gives it, empty where given here."""

    slug: str
    role: str
    group: str


def teams(*, after: str = "", limit: int = PAGE) -> list[Team]:
    """Teams by slug with their members, a page at a time; `after` is the last slug of the page above."""
    wanted = select(Team).where(Team.slug > after).order_by(Team.slug).limit(limit)
    return list(session().scalars(wanted.options(_with_members())))


def team(slug: str) -> Team:
    """The team with its members. Raises `NotFound`."""
    wanted = select(Team).where(Team.slug == slug).options(_with_members())
    return existing(wanted, f"there is no team {slug!r}")


def choices() -> list[tuple[str, str]]:
    """Slug and name of every team, by name: for a select box."""
    return [
        (row.slug, row.name) for row in session().execute(select(Team.slug, Team.name).order_by(Team.name))
    ]


def of_user(user_id: int) -> list[Team]:
    """The teams that somebody is in, by name."""
    mine = select(Team).join(TeamMember).where(TeamMember.user_id == user_id).order_by(Team.name)
    return list(session().scalars(mine))


def memberships(user_id: int, limit: int = PAGE) -> list[TeamMember]:
    """The same with whether they lead it; the teams that they lead first."""
    mine = select(TeamMember).where(TeamMember.user_id == user_id).join(TeamMember.team)
    mine = mine.options(contains_eager(TeamMember.team))
    return list(session().scalars(mine.order_by(TeamMember.is_lead.desc(), Team.name).limit(limit)))


def roles_read(said: str | None) -> dict[int, str]:
    """By teams' ids the roles that `ROLES` gives."""
    pairs = (each.split(":") for each in (said or "").split())
    return {int(team): role for team, role in pairs}


def roles_of(user_id: int) -> dict[int, str]:
    """By the ids of their teams, the roles that somebody holds in these."""
    mine = select(TeamMember.team_id, TeamMember.role)
    mine = mine.where(TeamMember.user_id == user_id, TeamMember.role != "")
    return {row.team_id: row.role for row in session().execute(mine)}


def held_by(user_ids: Collection[int]) -> dict[int, list[HeldRole]]:
    """By account, the roles that they hold in teams, by slug. One query."""
    held = select(TeamMember.user_id, Team.slug, TeamMember.role, TeamMember.role_group)
    held = held.join(TeamMember.team).where(TeamMember.user_id.in_(user_ids), TeamMember.role != "")
    found: dict[int, list[HeldRole]] = {}
    for user_id, *role in session().execute(held.order_by(Team.slug)):
        found.setdefault(user_id, []).append(HeldRole(*role))
    return found


def leads(team_id: int) -> list[User]:
    """Who leads the team and can sign in, by name."""
    found = select(User).join(TeamMember, TeamMember.user_id == User.id)
    found = found.where(TeamMember.team_id == team_id, TeamMember.is_lead, User.is_active)
    return list(session().scalars(found.order_by(User.name)))


def present_names(names: Iterable[str]) -> dict[str, str]:
    """By name as written, `@Ada` or `ada`, what the account that was once called so is called today."""
    keys = {name: search_words.person(name) for name in names if name}
    if not keys:
        return {}
    rows = session().execute(
        select(OwnerName.key, User.name)
        .join(User, User.id == OwnerName.user_id)
        .where(OwnerName.key.in_(set(keys.values())), OwnerName.former_since.is_not(None))
    )
    today = {row.key: row.name for row in rows}
    return {name: today[key] for name, key in keys.items() if key in today}


def owner_names(*, after: str = "", limit: int = PAGE) -> list[OwnerName]:
    """Other names with whom they mean, by name, a page at a time."""
    wanted = select(OwnerName).where(OwnerName.key > after).order_by(OwnerName.key).limit(limit)
    return list(session().scalars(wanted.options(joinedload(OwnerName.user), joinedload(OwnerName.team))))


def meant(names: Iterable[str]) -> dict[str, Meant]:
    """By name as written, `@Kim` or `Platform`, whom it means; those that mean nobody are left out.

    An account's own name goes before a team's, and both before another name. One query, whatever is asked.
    """
    keys = {name: search_words.person(name) for name in names if name}
    wanted = set(keys.values()) - {""}
    if not wanted:
        return {}
    current = session()
    if current.autoflush:
        # Who was added in this unit of work is meant, too.
        current.flush()
    candidates = _candidates().rows({"keys": sorted(wanted)})
    rows = sorted(candidates, key=lambda row: (row[6], -row[1]))
    found = {
        said: Meant(kind, id, name, key, bool(is_able)) for kind, id, name, key, is_able, said, _ in rows
    }
    return {name: found[key] for name, key in keys.items() if key in found}


def keys_of(user_id: int) -> list[str]:
    """All names that mean this person, as names are compared."""
    own = select(User.small_name).where(User.id == user_id)
    return list(session().scalars(own.union(select(OwnerName.key).where(OwnerName.user_id == user_id))))


def names_meaning(actor: Actor) -> frozenset[str]:
    """All names that mean whoever acts, as names are compared; none of what is no account."""
    return frozenset() if actor.user_id is None else frozenset(keys_of(actor.user_id))


def owner_keys(owners: Iterable[str]) -> dict[str, str]:
    """By owner as written, the key by which items of whoever is meant are found; of nobody known, the name's.

    One query, and none where nobody is named.
    """
    names = {owner for owner in owners if owner}
    own = {name: search_words.person(name) for name in ("", *names)}
    return own | {name: who.key for name, who in meant(names).items()}


def owner_key(owner: str) -> str:
    """The key of one owner, as somebody looks for them."""
    return owner_keys([owner])[owner]


def names_of(name: str) -> list[str]:
    """All names, as names are compared, of the team that this one means; of no team's, the name alone."""
    key = search_words.person(name)
    known = select(Team.id, Team.slug, Team.name_key)
    named = select(OwnerName.team_id).where(OwnerName.key == key)
    row = (
        session()
        .execute(known.where(or_(Team.slug == key, Team.name_key == key, Team.id.in_(named))).limit(1))
        .first()
    )
    if row is None:
        return [key]
    others = session().scalars(select(OwnerName.key).where(OwnerName.team_id == row.id))
    return sorted({row.slug, row.name_key, *others})


def strangers(owners: Iterable[str]) -> dict[str, str]:
    """By owner as written, `@Kim`, why nobody answers to it: neither account nor team, or one switched off.

    Those for whom somebody can sign in are left out.
    """
    names = [owner for owner in owners if owner]
    known = meant(names)
    why = {name: "account switched off" if name in known else "no account" for name in names}
    return {name: why[name] for name in names if name not in known or not known[name].is_able}


@cache
def _candidates() -> PreparedQuery:
    """Rows of kind, id, name, key, whether somebody can sign in, the name as it was looked for, and a rank:
    of each name the highest is meant."""
    # Names of accounts are ASCII, so their small letters are what `person` makes of them. Where two accounts
    # differ by capitals alone, the one that can sign in is meant.
    account = User.small_name
    keys: BindParameter[str] = bindparam("keys", expanding=True)
    rank = case((User.is_active, 5), else_=4)
    accounts = select(literal("account"), User.id, User.name, account, User.is_active, account, rank)
    teams = select(literal("team"), Team.id, Team.name, Team.slug, true())
    others = select(OwnerName.key, literal(1)).where(OwnerName.key.in_(keys))
    people = others.join(User, User.id == OwnerName.user_id)
    named_teams = others.join(Team, Team.id == OwnerName.team_id)
    found: CompoundSelect[Any] = union_all(
        accounts.where(account.in_(keys), User.kind == PERSON),
        teams.add_columns(Team.slug, literal(3)).where(Team.slug.in_(keys)),
        teams.add_columns(Team.name_key, literal(2)).where(Team.name_key.in_(keys)),
        people.with_only_columns(
            literal("account"), User.id, User.name, account, User.is_active, OwnerName.key, literal(1)
        ),
        named_teams.with_only_columns(
            literal("team"), Team.id, Team.name, Team.slug, true(), OwnerName.key, literal(1)
        ),
    )
    return PreparedQuery(found)


def _with_members() -> ORMOption:
    return selectinload(Team.members).joinedload(TeamMember.user)
