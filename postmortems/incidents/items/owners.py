"""Owners of items: teams, and names of all, are changed here; items are found by whom their owners mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select

from postmortems import search_words, visibility
from postmortems.accounts.lifecycle import renames
from postmortems.accounts.models import User
from postmortems.accounts.teams import operations
from postmortems.accounts.teams import queries as teams
from postmortems.accounts.teams.models import OwnerName, Team
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.incidents import search_entries
from postmortems.incidents.models import ActionItem

# So many items are held at once.
FEW = 500


def create_team(
    slug: str,
    name: str,
    members: Mapping[str, bool],
    roles: Mapping[str, str] = operations.NOBODYS,
    *,
    actor: Actor,
    listed: Collection[str] = (),
) -> Team:
    """Make a team: items whose owner is written as its name are its own from now on."""
    team = operations.create(slug, name, members, roles, actor=actor, listed=listed)
    _find_anew([slug, team.name_key])
    return team


def change_team(
    slug: str,
    name: str,
    members: Mapping[str, bool],
    roles: Mapping[str, str] = operations.NOBODYS,
    *,
    actor: Actor,
    version: int | None = None,
    listed: Collection[str] = (),
) -> Team:
    """Give a team another name or other members; items follow the name."""
    former = teams.team(slug).name_key
    team = operations.change(slug, name, members, roles, actor=actor, version=version, listed=listed)
    if team.name_key != former:
        _find_anew([slug, former, team.name_key])
    return team


def delete_team(slug: str, *, actor: Actor) -> None:
    """Delete a team; items that named it are found by the name as it is written."""
    operations.delete(slug, actor=actor)
    _find_anew([slug])


def name_owner(name: str, *, account: str = "", team: str = "", actor: Actor) -> OwnerName:
    """Say whom a name means: items with that name are theirs from now on, in all reports."""
    former = teams.owner_key(name)
    row = operations.name_owner(name, account=account, team=team, actor=actor)
    _find_anew([former, row.key])
    return row


def forget_owner(name: str, *, actor: Actor) -> None:
    """Let a name mean nobody again."""
    former = teams.owner_key(name)
    operations.forget_owner(name, actor=actor)
    _find_anew([former, search_words.person(name)])


def rename_account(old: str, new: str, *, actor: Actor) -> User:
    """Give an account another name; its items follow, whichever of its names they are written with."""
    former = search_words.person(old)
    user = renames.rename(old, new, actor=actor)
    _find_anew([former, user.small_name])
    return user


def _find_anew(keys: Iterable[str]) -> None:
    """Find the items that are found by one of the keys by whom their owners' names mean now."""
    by = ActionItem.owner_key.in_(set(keys))
    with visibility.seen_by(visibility.EVERYTHING):
        spelt = session().execute(select(ActionItem.owner, ActionItem.owner_key).where(by).distinct()).all()
        now = teams.owner_keys(row.owner for row in spelt)
        moved = sorted({row.owner for row in spelt if now[row.owner] != row.owner_key})
        wanted = select(ActionItem).where(by, ActionItem.owner.in_(moved)).execution_options(yield_per=FEW)
        items = list(session().scalars(wanted)) if moved else []
        for item in items:
            # As an object: the sums that are kept beside items follow it.
            item.owner_key = now[item.owner]
        session().flush()
        if items:
            search_entries.put(session().connection(), sorted({item.incident_id for item in items}))
