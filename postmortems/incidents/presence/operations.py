"""Says that somebody edits an incident, or has left it. None of it is an event: it is over in a moment."""

from __future__ import annotations

import re

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import insert, is_changed, session
from postmortems.errors import Invalid, NotAllowed
from postmortems.incidents.items import team_rights
from postmortems.incidents.presence import queries
from postmortems.incidents.presence.models import Presence

PART = re.compile(r"[0-9A-Za-z-]{0,40}")


def say(slug: str, part: str, *, actor: Actor) -> queries.Around:
    """The actor edits this part of the incident now; who else does.

    Raises `NotFound`, and `Invalid` where `part` can be no id.
    """
    user_id = _person(actor)
    if not PART.fullmatch(part):
        raise Invalid("is no id of a part: it has up to 40 letters, digits and hyphens", "/part")
    around = queries.around(slug, actor)
    act = "incident.save"
    permissions.require(actor, act, team_rights.of_incident(actor, act, around.incident_id))
    now = clock.now()
    own = Presence.incident_id == around.incident_id, Presence.user_id == user_id
    if not is_changed(update(Presence).where(*own).values(part=part, seen_at=now)):
        _arrive(Presence(incident_id=around.incident_id, user_id=user_id, part=part, seen_at=now))
    return around


def _arrive(presence: Presence) -> None:
    # Whoever comes takes away what has expired, so that nothing else has to.
    session().execute(delete(Presence).where(Presence.seen_at < presence.seen_at - queries.LASTS))
    try:
        with session().begin_nested():
            insert(presence)
    except IntegrityError:
        # Another tab of theirs came at the same moment.
        return


def leave(slug: str, *, actor: Actor) -> None:
    """The actor edits this incident no longer; not to have been there is no error. Raises `NotFound`."""
    user_id = _person(actor)
    around = queries.around(slug, actor)
    own = Presence.incident_id == around.incident_id, Presence.user_id == user_id
    session().execute(delete(Presence).where(*own))


def _person(actor: Actor) -> int:
    permissions.require_anywhere(actor, "incident.save")
    if actor.user_id is None:
        raise NotAllowed("only somebody with an account is shown as editing; send a token of theirs")
    return actor.user_id
