"""Team of an item: who answers for it, as one rule for lists, digests, policies, feeds and reports.

It is the owner where that is a team; else the team that the item names; else the only team that its owner
is in; else the only team that answers for the services of its incident. Where none of these is known, or
the last two leave a choice, it has no team. `rule` says so of values, `team_id` of rows.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    cast,
    column,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    table,
    union_all,
)

from postmortems import search_words, visibility
from postmortems.accounts.models import User
from postmortems.accounts.teams import queries as teams
from postmortems.accounts.teams.models import Team, TeamMember
from postmortems.accounts.teams.queries import Meant
from postmortems.db.session import session
from postmortems.incidents.models import ActionItem, Affected

# Services lie to our right: known by name here.
SERVICES = table("services", column("name"), column("team_id", Integer))
# So many spellings of teams are looked at; nobody has as many teams.
MOST_SPELLINGS = 10_000
MOST_KEYS = 5_000
SPELT = "team_spellings"

# Said as the index says it that leaves out the others; else SQLite does not know it again.
NAMES_ONE = ActionItem.team != literal_column("''")

# What is so of an item, and whether an index has the status behind it.
Arm = tuple[ColumnElement[bool], bool]
# Of `may_be`, those by the owner.
OWNERS = (0, 1)
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class ItemNames:
    """What of an item says who answers for it: names as written, and the services of its incident."""

    owner: str = ""
    team: str = ""
    services: tuple[str, ...] = ()


def rule(
    owner: Meant | None, named: Meant | None, owners_teams: Collection[int], services_teams: Collection[int]
) -> int | None:
    """The team's id, by whom the item's owner and team mean, the owner's teams, and those of the services."""
    for who in (owner, named):
        if who is not None and who.kind == "team":
            return who.id
    for choices in (set(owners_teams), set(services_teams)):
        if len(choices) == 1:
            return choices.pop()
    return None


@dataclass(frozen=True, slots=True)
class Answering:
    """The team that answers for an item, and by what: `owner`, `team`, `member` or `service`."""

    team: Team
    by: str


def of_item(item: ActionItem) -> Answering | None:
    """Which team answers for the item, and by which part of the rule; None where none does."""
    names = ItemNames(item.owner, item.team, tuple(item.incident.services))
    found = of_items({"": names}).get("")
    team = session().get(Team, found) if found is not None else None
    if team is None:
        return None
    meant = teams.meant([item.owner, item.team])
    for name, by in ((item.owner, "owner"), (item.team, "team")):
        if name in meant and meant[name].kind == "team":
            return Answering(team, by)
    owner = meant.get(item.owner)
    mine = select(TeamMember.team_id).where(TeamMember.user_id == owner.id) if owner is not None else None
    is_members = mine is not None and session().scalars(mine).all() == [team.id]
    return Answering(team, "member" if is_members else "service")


def of_items(items: Mapping[Key, ItemNames]) -> dict[Key, int]:
    """By key, the id of the item's team; those without one are left out. Three statements at most."""
    meant = teams.meant({name for item in items.values() for name in (item.owner, item.team)})
    people = {who.id for who in meant.values() if who.kind == "account"}
    in_teams = _grouped(select(TeamMember.user_id, TeamMember.team_id).where(TeamMember.user_id.in_(people)))
    bases = {base(name) for item in items.values() for name in item.services}
    answers = select(SERVICES.c.name, SERVICES.c.team_id).where(SERVICES.c.team_id.is_not(None))
    serving = _grouped(answers.where(SERVICES.c.name.in_(bases))) if bases else {}
    found: dict[Key, int] = {}
    for key, item in items.items():
        owner = meant.get(item.owner)
        mine = in_teams.get(owner.id, ()) if owner is not None and owner.kind == "account" else ()
        theirs = {team for name in item.services for team in serving.get(base(name), ())}
        team = rule(owner, meant.get(item.team), mine, theirs)
        if team is not None:
            found[key] = team
    return found


def team_id() -> ColumnElement[Any]:
    """The same of a row of `ActionItem`, NULL where it has no team. Two statements to make it."""
    return func.coalesce(_owner(), _named(spellings()), _owners_only(), _services_only())


def choices() -> tuple[ColumnElement[Any], ...]:
    """What of a row says so but for the team that it names: the owner, the owner's team, the services'.

    The same whatever is stored, for statements that are put together once; `first_of` goes on from there.
    """
    return _owner(), _owners_only(), _services_only()


def first_of(*ids: int | None) -> int | None:
    """The team's id, by the owner, the team that the item names, the owner's team and the services'."""
    return next((id for id in ids if id is not None), None)


def named_teams(names: Collection[str]) -> dict[str, int]:
    """By a team's name as items write it, its id; what means no team is left out."""
    return {name: who.id for name, who in teams.meant(names).items() if who.kind == "team"}


def belongs_to(name: str) -> ColumnElement[bool]:
    """That an item is the team's of this name, by any of its names; of no team's name, that it is written."""
    meant = teams.meant([name]).get(name)
    if meant is None or meant.kind != "team":
        return or_(*(each for each, _ in _written_as(name)))
    return team_id() == meant.id


def few(name: str, wanted: Sequence[ColumnElement[bool]], most: int) -> list[int] | None:
    """The ids of this name's items of which that is so, where they are at most so many: found by indexes.

    None where there are more.
    """
    meant = teams.meant([name]).get(name)
    if meant is None or meant.kind != "team":
        arms, asked = _written_as(name), [*wanted]
    else:
        arms, asked = _narrowed(may_be([meant.id])), [team_id() == meant.id, *wanted]
    # One by one of what an index finds: else a database may look at all of a status. Owners' has that too.
    one_by_one = [func.coalesce(each, false()) for each in asked]
    found = set[int]()
    for each, is_owners in arms:
        rows = select(ActionItem.id).where(each, *(asked if is_owners else one_by_one)).limit(most + 1)
        found.update(session().scalars(rows))
        if len(found) > most:
            return None
    return sorted(found)


def _written_as(name: str) -> list[Arm]:
    """That an item names what is no team's name as its team, or as its owner: an index finds each."""
    key = search_words.person(name)
    spelt = [spelling for spelling in written() if search_words.person(spelling) == key]
    named = [(and_(ActionItem.team.in_(spelt), NAMES_ONE), False)] if spelt else []
    return [*named, (ActionItem.owner_key == key, True)]


def _narrowed(may_be: Sequence[ColumnElement[bool]]) -> list[Arm]:
    """The same by keys, of what is so of few: else a database looks at all that is late, or all open."""
    arms = (
        select(literal(place).label("place"), ActionItem.id).where(each).limit(MOST_KEYS + 1).subquery()
        for place, each in enumerate(may_be)
    )
    keys: dict[int, list[int]] = {}
    for place, key in session().execute(union_all(*(select(arm) for arm in arms))):
        keys.setdefault(place, []).append(key)
    many = [place for place, those in keys.items() if len(those) > MOST_KEYS]
    few = {key for place, those in keys.items() if place not in many for key in those}
    by_keys = [(ActionItem.id.in_(sorted(few)), False)] if few else []
    return [*by_keys, *((may_be[place], place in OWNERS) for place in many)]


def may_be(team_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    """What is so of the items that may be these teams', each of which an index finds."""
    slugs = select(Team.slug).where(Team.id.in_(team_ids))
    members = select(User.small_name).join(TeamMember, TeamMember.user_id == User.id)
    services = select(SERVICES.c.name).where(SERVICES.c.team_id.in_(team_ids))
    hit = select(Affected.incident_id).where(Affected.service.in_(services))
    spelt = [name for name, id in spellings().items() if id in team_ids]
    return (
        ActionItem.owner_key.in_(slugs),
        ActionItem.owner_key.in_(members.where(TeamMember.team_id.in_(team_ids))),
        and_(ActionItem.team.in_(spelt), NAMES_ONE),
        ActionItem.incident_id.in_(hit),
    )


def spellings() -> dict[str, int]:
    """By the name of a team as items write it, the id of the team that it means; once a unit of work."""
    known_now: dict[str, int] | None = session().info.get(SPELT)
    if known_now is None:
        # The same for all who ask in it: whoever looks.
        with visibility.seen_by(visibility.EVERYTHING):
            known_now = session().info[SPELT] = _spellings()
    return known_now


def _spellings() -> dict[str, int]:
    return named_teams(written())


def written() -> Sequence[str]:
    """All names of teams as items write them, one look into the index for each."""
    spelt = ActionItem.team
    least = select(func.min(spelt).label("team")).select_from(ActionItem)
    known = least.where(NAMES_ONE).cte("known", recursive=True)
    following = least.where(NAMES_ONE, spelt > known.c.team).correlate(known).scalar_subquery()
    known = known.union_all(select(following).where(known.c.team.is_not(None)))
    found = select(known.c.team).where(known.c.team.is_not(None))
    return session().scalars(found.limit(MOST_SPELLINGS)).all()


def base(service: str) -> str:
    """`data8` of `data8/prod`."""
    return service.partition("/")[0]


def _owner() -> ColumnElement[Any]:
    return select(Team.id).where(Team.slug == ActionItem.owner_key).correlate(ActionItem).scalar_subquery()


def _named(spelt: Mapping[str, int]) -> ColumnElement[Any]:
    return case(dict(spelt), value=ActionItem.team) if spelt else cast(null(), Integer)


def _owners_only() -> ColumnElement[Any]:
    mine = select(func.min(TeamMember.team_id)).select_from(TeamMember)
    mine = mine.join(User, User.id == TeamMember.user_id).where(User.small_name == ActionItem.owner_key)
    return _only(mine, TeamMember.team_id)


def _services_only() -> ColumnElement[Any]:
    theirs = select(func.min(SERVICES.c.team_id)).select_from(Affected)
    theirs = theirs.join(SERVICES, SERVICES.c.name == Affected.service)
    theirs = theirs.where(Affected.incident_id == ActionItem.incident_id, SERVICES.c.team_id.is_not(None))
    return _only(theirs, SERVICES.c.team_id)


def _only(found: Select[Any], by: ColumnElement[Any] | Any) -> ColumnElement[Any]:
    """The one team of those that are found, NULL where there are several."""
    return found.having(func.min(by) == func.max(by)).correlate(ActionItem).scalar_subquery()


def _grouped(pairs: Any) -> dict[Any, list[int]]:
    found: dict[Any, list[int]] = {}
    for key, team in session().execute(pairs):
        found.setdefault(key, []).append(team)
    return found
