"""Queries of presence: who else edits an incident, and which version it has, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.errors import NotFound
from postmortems.incidents.models import Incident
from postmortems.incidents.presence.models import Presence

# Four times as long as the editor waits between two words of itself.
LASTS = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who edits: `part` is the id of a section or block, `AI-<n>`, or "" for the whole."""

    name: str
    part: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Around:
    """The incident as far as its editors need it, and who edits it beside the one who asks, by name."""

    incident_id: int
    version: int
    people: tuple[Person, ...]


def around(slug: str, actor: Actor) -> Around:
    """Who else is at this incident. Raises `NotFound`, also where the actor may not see it."""
    permissions.require(actor, "incident.read")
    is_here = and_(Presence.incident_id == Incident.id, Presence.seen_at > clock.now() - LASTS)
    is_other = and_(User.id == Presence.user_id, User.is_active.is_(True), User.name != actor.name)
    wanted = (
        select(Incident.id, Incident.version, User.name, Presence.part, Presence.seen_at)
        .outerjoin(Presence, is_here)
        .outerjoin(User, is_other)
        .where(Incident.slug == slug)
        .order_by(User.name)
    )
    found = session().execute(wanted).all()
    if not found:
        raise NotFound(f"there is no incident {slug}")
    people = tuple(Person(row.name, row.part, row.seen_at) for row in found if row.name)
    return Around(found[0].id, found[0].version, people)
