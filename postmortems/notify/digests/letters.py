"""A digest as its reader may see it when it is sent or opened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from postmortems import visibility
from postmortems.accounts.models import User
from postmortems.accounts.teams import queries as teams
from postmortems.audit.models import Event
from postmortems.db.session import session
from postmortems.errors import NotFound
from postmortems.incidents.models import ActionItem
from postmortems.notify.digests import operations, texts
from postmortems.notify.digests.contents import Digest
from postmortems.notify.inbox.models import Notification
from postmortems.notify.notice import Notice

RESTRICTS = ("incident.restricted", "incident.deleted")


def notice(told: Notification, user: User, url: str, now: datetime) -> Notice:
    """What is told now of a digest that was put together before. With the eyes of `user`."""
    digest = texts.read(told.data["sections"])
    if _is_outdated(told):
        digest = _anew(told, user, now)
    numbers = {number for section in digest.values() for number in section.numbers}
    wanted = select(ActionItem).where(ActionItem.number.in_(numbers))
    items = {item.number: item for item in session().scalars(wanted)} if numbers else {}
    owner = told.data.get("name") or user.name
    return texts.notice(digest, items, url, now.date(), owner=owner, team=told.data.get("name", ""))


def _is_outdated(told: Notification) -> bool:
    """Whether something was restricted since, so that even its numbers may say too much."""
    with visibility.seen_by(visibility.EVERYTHING):
        since = select(Event.id).where(Event.id > told.data["since"], Event.verb.in_(RESTRICTS)).limit(1)
        return session().scalar(since) is not None


def _anew(told: Notification, user: User, now: datetime) -> Digest:
    slug = told.data.get("team")
    if not slug:
        return operations.for_people({user.id: user}, now)[user.id]
    try:
        return operations.for_team(teams.team(slug), user.name, now)
    except NotFound:
        return texts.read({})
