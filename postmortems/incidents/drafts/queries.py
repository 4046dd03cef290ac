"""Queries of drafts: an author's own, and nobody else's."""

from __future__ import annotations

import re

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased, defer, joinedload

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import existing, session
from postmortems.errors import NotAllowed, NotFound
from postmortems.incidents.drafts.models import Draft
from postmortems.incidents.models import Incident

NAME = re.compile(r"[0-9a-f]{32}")


def author(actor: Actor, act: str = "") -> int:
    """The account whose drafts the actor may see, by default as one who may read or save.

    Raises `NotAllowed`, also for what has no account.
    """
    reads = "incident.read" if permissions.may(actor, "incident.read") else "incident.save"
    permissions.require_anywhere(actor, act or reads)
    if actor.user_id is None:
        raise NotAllowed("only somebody with an account has drafts; send a token of theirs")
    return actor.user_id


def incident(slug: str) -> Incident:
    """The incident that a draft is of, without its document. Raises `NotFound`."""
    wanted = select(Incident).where(Incident.slug == slug)
    return existing(wanted, f"there is no incident {slug}")


def mine(actor: Actor, limit: int | None = None) -> list[Draft]:
    """The actor's drafts without their content, newest first; there are at most `operations.MOST`."""
    return list(session().scalars(_newest(actor).options(defer(Draft.content)).limit(limit)))


def of_incident(incident: Incident | None, actor: Actor) -> list[Draft]:
    """The actor's drafts of this incident, newest first; of None, of those that are not there yet."""
    return list(session().scalars(_of(incident, actor)))


def offered(incident: Incident | None, actor: Actor) -> list[Draft]:
    """Like `of_incident`; of those with the same words only the newest."""
    newer = aliased(Draft)
    is_same = (newer.user_id == Draft.user_id, newer.content == Draft.content, newer.version == Draft.version)
    of_same = newer.incident_id.is_not_distinct_from(Draft.incident_id)
    lives_on = exists().where(*is_same, of_same, newer.ended_at.is_(None), newer.id > Draft.id)
    return list(session().scalars(_of(incident, actor).where(~lives_on)))


def _of(incident: Incident | None, actor: Actor) -> Select[Draft]:
    its = Draft.incident_id.is_(None) if incident is None else Draft.incident_id == incident.id
    return _newest(actor).where(its).options(defer(Draft.content))


def named(name: str, actor: Actor) -> Draft:
    """The actor's draft of that name. Raises `NotFound`, also where it is somebody else's or has ended."""
    wanted = _newest(actor).where(Draft.name == name)
    return existing(wanted, "there is no such draft of yours: it was saved or discarded")


def newest_of(incident: Incident, actor: Actor) -> Draft:
    """The actor's newest draft of this incident. Raises `NotFound`."""
    found = session().scalars(_newest(actor).where(Draft.incident_id == incident.id).limit(1)).first()
    if found is None:
        raise NotFound(f"you have no draft of {incident.slug}")
    return found


def became(name: str, actor: Actor) -> Incident | None:
    """The incident as which this draft of a new one was saved; None while it was not."""
    if not NAME.fullmatch(name) or actor.user_id is None:
        return None
    ended = Draft.user_id == actor.user_id, Draft.name == name, Draft.ended_at.is_not(None)
    return session().scalars(select(Incident).join(Draft).where(*ended)).first()


def _newest(actor: Actor) -> Select[Draft]:
    own = select(Draft).where(Draft.user_id == author(actor), Draft.ended_at.is_(None))
    return own.options(joinedload(Draft.incident)).order_by(Draft.saved_at.desc(), Draft.id.desc())
