"""Queries of SCIM: accounts and teams by a directory's filter, a page at a time.

What an index answers of a filter is asked of the database; the rest is matched here, on what that leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from scim2_models import ScimFilter
from scim2_models.path import Comparison, LogicalExpr, LogicalOperator
from sqlalchemy import ColumnElement, Integer, Select, String, and_, column, false, func, or_, select, table
from sqlalchemy.orm import contains_eager, selectinload

from postmortems import search_words
from postmortems.accounts.models import PERSON, User
from postmortems.accounts.scim import resources
from postmortems.accounts.scim.resources import Account, Group
from postmortems.accounts.teams.models import BY_DIRECTORY, BY_RULE, Team, TeamMember
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import NotFound

Row = TypeVar("Row", User, Team)
# Ids as long as the database has them.
LONGEST_ID = 9

# An account that the directory has deleted is not there for it, unless somebody here switched it on again.
KNOWN = or_(User.is_active, User.unlisted_since.is_(None))
# The directory is one of people.
LISTED = and_(User.kind == PERSON, KNOWN)
# The table of a room to our right, where what people hear of is kept.
MAIL = table(
    "notification_settings", column("user_id", Integer), column("address", String), column("confirmed_at")
)
Condition = Callable[[str], ColumnElement[bool]]
# By attribute, in small letters: what narrows, and whether it finds exactly what the filter means.
OF_ACCOUNTS: dict[str, tuple[Condition, bool]] = {
    "username": (lambda said: User.small_name == said.lower(), True),
    "externalid": (lambda said: User.external_id == said, True),
    "id": (lambda said: _is_id(User.id, said), True),
}
OF_TEAMS: dict[str, tuple[Condition, bool]] = {
    "displayname": (lambda said: Team.name_key == search_words.person(said), False),
    "externalid": (lambda said: Team.external_id == said, True),
    "id": (lambda said: _is_id(Team.id, said), True),
}


def account(number: str) -> User:
    """The account of that id, as far as the directory knows of it. Raises `NotFound`."""
    found = session().scalar(select(User).where(_is_id(User.id, number), LISTED))
    if found is None:
        raise NotFound(f"there is no account with the id {number[:40]}")
    return found


def team(number: str, *, to_change: bool = False) -> Team:
    """The team of that id, with its members; held where it is to be changed. Raises `NotFound`."""
    if to_change:
        # A patch says who comes and goes: of two at once neither is to be lost.
        session().execute(select(Team.id).where(_is_id(Team.id, number)).with_for_update())
    found = session().scalar(_teams().where(_is_id(Team.id, number)))
    if found is None:
        raise NotFound(f"there is no team with the id {number[:40]}")
    return found


def unlisted(name: str) -> User | None:
    """The account of that name that the directory deleted earlier."""
    return session().scalar(select(User).where(User.name == name, User.kind == PERSON, ~KNOWN))


def teams_of(user_ids: Sequence[int]) -> dict[int, list[Team]]:
    """By account, the teams it is in, but for those into which a rule put it: of those the directory knows
    nothing. One query."""
    return _by_user(user_ids, TeamMember.via != BY_RULE)


def groups_of(user_ids: Sequence[int]) -> dict[int, list[Team]]:
    """By account, the teams into which the directory put it: those are its groups. One query."""
    return _by_user(user_ids, TeamMember.via == BY_DIRECTORY)


def mails_of(user_ids: Sequence[int]) -> dict[int, str]:
    """By account, where its mail goes; without those that have no confirmed address. One query."""
    theirs = (MAIL.c.user_id.in_(user_ids), MAIL.c.confirmed_at.is_not(None), MAIL.c.address != "")
    return {row.user_id: row.address for row in db.rows(select(MAIL).where(*theirs))}


def accounts(
    wanted: ScimFilter[Account] | None, start: int, count: int, url: str
) -> tuple[int, list[Account]]:
    """How many accounts the filter lets through, and `count` of them from the `start`-th on."""
    narrowed, is_exact = _narrowed(wanted, OF_ACCOUNTS)
    rows = select(User).where(LISTED, *narrowed).order_by(User.id)
    if is_exact:
        return _counted(rows), _accounts(rows.offset(start - 1).limit(count), url)
    matching = [one for one in _accounts(rows, url) if wanted is None or wanted.match(one)]
    return len(matching), matching[start - 1 : start - 1 + count]


def groups(
    wanted: ScimFilter[Group] | None, start: int, count: int, url: str, *, has_members: bool
) -> tuple[int, list[Group]]:
    """The same of teams; `has_members` where their members are to be shown."""
    narrowed, is_exact = _narrowed(wanted, OF_TEAMS)
    rows = _teams().where(*narrowed).order_by(Team.id)
    if is_exact:
        page = session().scalars(rows.offset(start - 1).limit(count))
        return _counted(rows), [resources.of_team(one, url, has_members=has_members) for one in page]
    found = [resources.of_team(one, url) for one in session().scalars(rows)]
    matching = [one for one in found if wanted is None or wanted.match(one)]
    return len(matching), matching[start - 1 : start - 1 + count]


def _accounts(rows: Select[User], url: str) -> list[Account]:
    found = session().scalars(rows).all()
    ids = [user.id for user in found]
    of_all, mails = teams_of(ids), mails_of(ids)
    return [resources.of_account(user, of_all[user.id], mails.get(user.id, ""), url) for user in found]


def _by_user(user_ids: Sequence[int], *which: ColumnElement[bool]) -> dict[int, list[Team]]:
    found: dict[int, list[Team]] = {user_id: [] for user_id in user_ids}
    of_all = select(TeamMember).join(TeamMember.team).options(contains_eager(TeamMember.team))
    theirs = of_all.where(TeamMember.user_id.in_(user_ids), *which)
    for member in session().scalars(theirs.order_by(Team.id)):
        found[member.user_id].append(member.team)
    return found


def _teams() -> Select[Team]:
    return select(Team).options(selectinload(Team.members).joinedload(TeamMember.user))


def _counted(rows: Select[Any]) -> int:
    return session().scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0


def _narrowed(
    wanted: ScimFilter[Any] | None, known: dict[str, tuple[Condition, bool]]
) -> tuple[list[ColumnElement[bool]], bool]:
    """Conditions that hold for all that the filter lets through, and whether they are all there is to it."""
    if wanted is None:
        return [], True
    found, is_exact = [], True
    for term in _terms(wanted.ast):
        said = _asked(term)
        if said is None or said[0] not in known:
            is_exact = False
            continue
        condition, is_whole = known[said[0]]
        found.append(condition(said[1]) if _is_text(said[1]) else false())
        is_exact = is_exact and is_whole
    return found, is_exact


def _terms(node: Any) -> Iterator[Any]:
    if isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_:
        yield from node.terms
    else:
        yield node


def _asked(node: Any) -> tuple[str, str] | None:
    """Attribute and value of `attribute eq "value"`."""
    is_plain = isinstance(node, Comparison) and node.op.value == "eq" and isinstance(node.value, str)
    if not is_plain or node.attr_path.sub_attr:
        return None
    return node.attr_path.attr.lower(), node.value


def _is_text(said: str) -> bool:
    """Whether a database can be asked for it: neither NUL nor half a surrogate pair is in any account."""
    return "\0" not in said and not any("\ud800" <= letter <= "\udfff" for letter in said)


def _is_id(column: Any, said: str) -> ColumnElement[bool]:
    is_number = said.isascii() and said.isdecimal() and len(said) <= LONGEST_ID
    is_ours = is_number and said == str(int(said))
    return column == int(said) if is_ours else false()
