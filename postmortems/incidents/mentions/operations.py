"""Tells people that they are mentioned, once for each incident and place, and notes what they have seen.

It is part of the save that mentions them: no save, no news. Files tell nobody, or an import of a year's
reports would tell everybody of everything; nor does what the service writes itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select, update

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import insert, session
from postmortems.document.mentions import Said
from postmortems.document.model import Document
from postmortems.incidents.mentions import places, queries
from postmortems.incidents.mentions.models import COMMENT, Mention
from postmortems.incidents.mentions.places import Moves
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import restrictions

# Of one save; who mentions more means nobody.
MOST_TOLD = 100


def follow_document(
    incident: Incident, before: Document, after: Document, *, actor: Actor, is_file: bool
) -> None:
    """Tell who is mentioned in a report that is being saved and was not before; the incident is held.

    Whoever may see it only from now on is told of what it says of them already.
    """
    old, new = places.texts(before), places.texts(after)
    is_same = restrictions.admitted(before.restricted) == restrictions.admitted(after.restricted)
    gone = places.said(old, new if is_same else None)
    come = places.said(new, old if is_same else None)
    shown = (before.restricted, after.restricted)
    _follow(incident, gone, come, shown, actor=actor, tells=not is_file and actor.kind != "system")


def follow_comment(incident: Incident, number: int, before: str, after: str, *, actor: Actor) -> None:
    """Tell who is mentioned in a comment that is being written, edited or deleted."""
    place = f"{COMMENT}{number}"
    gone, come = places.said({place: before}), places.said({place: after})
    shown = tuple(sorted(row.name for row in incident.admitted if row.until is None))
    _follow(incident, gone, come, (shown, shown), actor=actor, tells=True)


def see(actor: Actor, *, incident: Incident | None = None) -> int:
    """Note that the actor has looked at what mentions them, in one incident or in all; how many were news."""
    permissions.require(actor, "incident.read")
    mine = queries.mine(actor).where(Mention.seen_at.is_(None))
    if incident is not None:
        mine = mine.where(Mention.incident_id == incident.id)
    fresh = session().scalars(mine).all()
    _mark([mention.id for mention in fresh], is_seen=True)
    return len(fresh)


def mark(number: int, *, is_seen: bool, actor: Actor) -> Mention:
    """Note that the actor has looked at one mention of theirs, or has not. Raises `NotFound`."""
    permissions.require(actor, "comment.write")
    mention = queries.one(number, actor)
    if is_seen != (mention.seen_at is not None):
        _mark([mention.id], is_seen=is_seen)
        session().refresh(mention)
    return mention


def _mark(ids: list[int], *, is_seen: bool) -> None:
    change = update(Mention).where(Mention.id.in_(ids)).values(seen_at=clock.now() if is_seen else None)
    session().execute(change.execution_options(synchronize_session=False))


def _follow(
    incident: Incident,
    gone: Mapping[str, list[Said]],
    come: Mapping[str, list[Said]],
    shown: tuple[Iterable[str], Iterable[str]],
    *,
    actor: Actor,
    tells: bool,
) -> None:
    written = places.names(gone) | places.names(come)
    accounts = queries.accounts(written) if written else {}
    if not accounts:
        return
    meant = {name: user.name for name, user in accounts.items()}
    was, now = (
        {name: found for name, found in places.by_person(each, meant).items() if queries.may_see(name, who)}
        for each, who in zip((gone, come), shown, strict=True)
    )
    left = MOST_TOLD if tells else 0
    for user in {user.name: user for user in accounts.values()}.values():
        did = places.moves(was.get(user.name, {}), now.get(user.name, {}))
        is_told = user.is_active and user.name != actor.name
        left -= _follow_person(incident, user, did, actor, most=left if is_told else 0)


def _follow_person(incident: Incident, user: User, did: Moves, actor: Actor, *, most: int) -> int:
    """Keep one person's rows with what an edit did; returns how many are news to them."""
    if did == Moves():
        return 0
    theirs = select(Mention).where(Mention.incident_id == incident.id, Mention.user_id == user.id)
    known = {mention.place: mention for mention in session().scalars(theirs)}
    for origin, place in did.moved:
        if origin in known and place not in known:
            known[place] = known.pop(origin)
            known[place].place = place
        elif origin in known:
            known[origin].is_there = False
    for place in did.went:
        if place in known:
            known[place].is_there = False
    for place in (*did.came, *(place for _, place in did.moved)):
        if place in known:
            known[place].is_there = True
    session().flush()
    news = [place for place in did.came if place not in known][:most]
    for place in news:
        insert(Mention(incident_id=incident.id, user_id=user.id, place=place, by=actor.name, at=clock.now()))
        audit.record(actor, "mention.created", "incident", incident.slug, person=user.name, place=place)
    return len(news)
