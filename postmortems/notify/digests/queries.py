"""Queries of digests: when they come, of whom they speak, and what belongs to whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from postmortems.accounts.models import User
from postmortems.accounts.teams.models import OwnerName, Team, TeamMember
from postmortems.db.session import session
from postmortems.notify.digests.models import DigestSchedule


class Names(NamedTuple):
    """What means one person or team: names as owner, and ids of teams."""

    owned: tuple[str, ...]
    teams: tuple[int, ...] = ()


def due(now: datetime, limit: int) -> Sequence[DigestSchedule]:
    """The schedules whose digest is due, held for this unit of work; another worker takes others."""
    wanted = select(DigestSchedule).where(DigestSchedule.due_at <= now).order_by(DigestSchedule.due_at)
    return session().scalars(wanted.limit(limit).with_for_update(skip_locked=True)).all()


def of_user(user_id: int) -> DigestSchedule | None:
    return session().scalar(select(DigestSchedule).where(DigestSchedule.user_id == user_id))


def of_team(team_id: int) -> DigestSchedule | None:
    return session().scalar(select(DigestSchedule).where(DigestSchedule.team_id == team_id))


def led_by(user_id: int) -> list[Team]:
    """The teams that somebody leads, by name."""
    mine = select(Team).join(TeamMember, TeamMember.team_id == Team.id)
    mine = mine.where(TeamMember.user_id == user_id, TeamMember.is_lead)
    return list(session().scalars(mine.order_by(Team.name)))


def people(user_ids: Collection[int]) -> dict[int, User]:
    """By id, the accounts that are on."""
    wanted = select(User).where(User.id.in_(user_ids), User.is_active)
    return {user.id: user for user in session().scalars(wanted)}


def teams(team_ids: Collection[int]) -> dict[int, Team]:
    """By id, teams with their members' accounts."""
    wanted = select(Team).where(Team.id.in_(team_ids))
    wanted = wanted.options(joinedload(Team.members).joinedload(TeamMember.user))
    return {team.id: team for team in session().scalars(wanted).unique()}


def names_of_people(people: dict[int, User]) -> dict[int, Names]:
    """By person, the names that mean them, and the teams that they are in. Two statements."""
    names = defaultdict(list, {id: [user.name.lower()] for id, user in people.items()})
    others = select(OwnerName.user_id, OwnerName.key).where(OwnerName.user_id.in_(people))
    for user_id, key in session().execute(others):
        names[user_id or 0].append(key)
    theirs = select(TeamMember.user_id, TeamMember.team_id).where(TeamMember.user_id.in_(people))
    in_teams: defaultdict[int, list[int]] = defaultdict(list)
    for user_id, team_id in session().execute(theirs):
        in_teams[user_id].append(team_id)
    return {id: Names(tuple(names[id]), tuple(in_teams[id])) for id in people}


def stored_of(user_id: int) -> list[DigestSchedule]:
    """A person's schedule and those of the teams they lead, where there are any."""
    led = [team.id for team in led_by(user_id)]
    mine = select(DigestSchedule).where(
        or_(DigestSchedule.user_id == user_id, DigestSchedule.team_id.in_(led))
    )
    return list(session().scalars(mine.options(joinedload(DigestSchedule.team)).order_by(DigestSchedule.id)))
