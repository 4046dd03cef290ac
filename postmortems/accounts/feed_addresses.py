"""Feed addresses: secret addresses at which calendars and feed readers learn what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from postmortems import clock
from postmortems.accounts import credentials, permissions
from postmortems.accounts.models import FeedAddress, User
from postmortems.accounts.teams.models import Team, TeamMember
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import insert, session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound

# Calendars ask every few minutes; to the hour is exact enough.
NOTE_READ_EVERY = timedelta(hours=1)
MOST = 20


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom an address is read: a person and their teams, or one team; and when it was read last."""

    id: int
    user: str
    user_id: int
    team: str
    team_name: str
    last_read_at: datetime | None


def make(team: str = "", *, actor: Actor) -> str:
    """Make an address for oneself, or for a team by its slug; its secret, given out this once.

    Raises `Invalid` for a team that is none, `Conflict` for one address too many.
    """
    permissions.require(actor, "incident.read")
    user_id = _person(actor)
    team_id = session().scalar(select(Team.id).where(Team.slug == team)) if team else None
    if team and team_id is None:
        raise Invalid(f"there is no team {team!r}", "/team")
    if (session().scalar(select(func.count()).where(FeedAddress.user_id == user_id)) or 0) >= MOST:
        raise Conflict(f"you have {MOST} addresses: first remove one that nothing reads")
    secret = credentials.fresh("")
    insert(
        FeedAddress(
            secret_hash=credentials.hashed(secret), user_id=user_id, team_id=team_id, created_at=clock.now()
        )
    )
    audit.record(actor, "feed_address.added", "user", actor.name, team=team)
    return secret


def remove(address_id: int, *, actor: Actor) -> None:
    """Let an address of one's own answer no more. Raises `NotFound`."""
    row = session().get(FeedAddress, address_id)
    if row is None or row.user_id != _person(actor):
        raise NotFound("you have no such address")
    session().delete(row)
    session().flush()
    audit.record(actor, "feed_address.removed", "user", actor.name)


def of_user(user_id: int) -> list[tuple[FeedAddress, str]]:
    """A person's addresses, newest first, each with the name of its team ("" for their own)."""
    mine = select(FeedAddress, func.coalesce(Team.name, "")).outerjoin(Team, Team.id == FeedAddress.team_id)
    mine = mine.where(FeedAddress.user_id == user_id).order_by(FeedAddress.id.desc())
    return [(row, name) for row, name in session().execute(mine)]


def reader(secret: str) -> Reader:
    """For whom this secret's address is read. Raises `NotFound`, also once its owner is switched off."""
    found = select(FeedAddress, User.name, Team.slug, Team.name).join(User, User.id == FeedAddress.user_id)
    found = found.outerjoin(Team, Team.id == FeedAddress.team_id)
    found = found.where(FeedAddress.secret_hash == credentials.hashed(secret), User.is_active)
    row = session().execute(found).first()
    if row is None:
        raise NotFound("no feed is read at this address; make another under Settings → Calendars")
    address, user, slug, name = row
    return Reader(address.id, user, address.user_id, slug or "", name or "", address.last_read_at)


def teams_of(user_id: int) -> list[str]:
    """Slugs of the teams that somebody is in."""
    mine = select(Team.slug).join(TeamMember).where(TeamMember.user_id == user_id).order_by(Team.slug)
    return list(session().scalars(mine))


def is_read_unnoted(reader: Reader, now: datetime) -> bool:
    """Whether that it was read was noted so long ago that it should be noted again."""
    return reader.last_read_at is None or now - reader.last_read_at >= NOTE_READ_EVERY


def note_read(reader: Reader, now: datetime) -> None:
    """Note when it was read last; two at once may both write, which does no harm."""
    session().execute(update(FeedAddress).where(FeedAddress.id == reader.id).values(last_read_at=now))


def _person(actor: Actor) -> int:
    # An address outlives the token that made it.
    if not actor.is_person or actor.user_id is None:
        raise NotAllowed("only a person who is signed in may do this")
    return actor.user_id
