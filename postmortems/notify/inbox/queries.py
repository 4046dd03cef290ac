"""Queries of the inbox: what one was told, as one may see it now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, bindparam, func, literal, select
from sqlalchemy.orm import joinedload

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import existing, session
from postmortems.gate.models import Override
from postmortems.gate.verdicts import active_waivers
from postmortems.incidents.models import ActionItem, Incident
from postmortems.incidents.restricted import restrictions
from postmortems.notify.inbox.models import Notification

# More are not counted.
MOST_UNREAD = 99
_FEW = (
    select(literal(1).label("one"))
    .select_from(Notification)
    .where(Notification.user_id == bindparam("user_id"), Notification.read_at.is_(None))
    .limit(MOST_UNREAD + 1)
)
UNREAD = select(func.count().label("number")).select_from(_FEW.subquery())
# Put together once: every page says how many there are.
UNREAD_OF_ALL = PreparedQuery(UNREAD)


@dataclass(frozen=True, slots=True)
class Told:
    """A notification with what it is about; without the item or override where that is gone or hidden."""

    notification: Notification
    incident: Incident | None
    item: ActionItem | None
    override: Override | None = None


def mine(actor: Actor) -> Select[Notification]:
    """What the actor was told, of incidents that they may see, newest first."""
    own = select(Notification).where(Notification.user_id == actor.user_id, Notification.is_shown)
    return own.order_by(Notification.id.desc())


def listing(
    actor: Actor, *, is_read: bool | None = None, before: int | None = None, limit: int = 50
) -> list[Told]:
    """The actor's inbox, newest first: what they have read, have not, or all. Five statements at most."""
    permissions.require(actor, "notification.read")
    page = mine(actor)
    if is_read is not None:
        page = page.where(Notification.read_at.is_not(None) if is_read else Notification.read_at.is_(None))
    if before is not None:
        page = page.where(Notification.id < before)
    return with_subjects(session().scalars(page.limit(limit)).all())


def one(number: int, actor: Actor) -> Notification:
    """A notification of the actor. Raises `NotFound`, also for somebody else's."""
    permissions.require(actor, "notification.read")
    return existing(mine(actor).where(Notification.id == number), "you have no such notification")


def by_id(number: int) -> Told | None:
    """A notification with what it is about, as the viewer may see it; None where it is gone or hidden."""
    found = session().scalars(select(Notification).where(Notification.id == number)).all()
    return next(iter(with_subjects(found)), None)


def unread(actor: Actor) -> int:
    """How many the actor has not read, `MOST_UNREAD` + 1 where it is more. One statement by an index."""
    if actor.user_id is None:
        return 0
    values = {"user_id": actor.user_id}
    if restrictions.hides_anything():
        # By objects, of which those that are about something hidden are left out.
        return session().scalar(UNREAD, values) or 0
    return int(UNREAD_OF_ALL.rows(values)[0].number)


def with_subjects(notifications: Iterable[Notification]) -> list[Told]:
    """Notifications with their incidents, items and overrides, in three statements at most."""
    found = list(notifications)
    incidents = _by_id({one.incident_id for one in found if one.incident_id is not None})
    items = _by_number({one.item for one in found if one.item is not None})
    overrides = active_waivers.overrides({one.data["override"] for one in found if "override" in one.data})
    return [
        Told(
            one,
            incidents.get(one.incident_id or 0),
            items.get(one.item or 0),
            overrides.get(one.data.get("override", 0)),
        )
        for one in found
        if one.incident_id is None or one.incident_id in incidents
    ]


def _by_id(ids: set[int]) -> dict[int, Incident]:
    wanted = select(Incident).where(Incident.id.in_(ids))
    return {row.id: row for row in session().scalars(wanted)} if ids else {}


def _by_number(numbers: set[int]) -> dict[int, ActionItem]:
    wanted = select(ActionItem).where(ActionItem.number.in_(numbers))
    wanted = wanted.options(joinedload(ActionItem.incident, innerjoin=True))
    return {row.number: row for row in session().scalars(wanted)} if numbers else {}
