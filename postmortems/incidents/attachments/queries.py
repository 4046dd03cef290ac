"""Queries of attachments: as who looks may see them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload

from postmortems import visibility
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import existing, session
from postmortems.document.markdown.references import Attached
from postmortems.incidents.attachments import links
from postmortems.incidents.attachments.models import USES, Attachment, AttachmentUse
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import reads

IS_USED = exists(select(USES.c.link).where(USES.c.attachment_id == Attachment.id))


def shown() -> Select[Attachment]:
    """The attachments that who looks may see: of an incident that they may see, or their own of none yet."""
    viewer = visibility.viewer()
    query = select(Attachment)
    if viewer.sees_all:
        return query
    # The incidents that they may not see hide theirs by `restrictions.hide`.
    is_own = and_(Attachment.created_by == viewer.name, Attachment.created_by != "")
    return query.where(or_(IS_USED, is_own))


def one(number: str, actor: Actor, *, is_held: bool = False) -> Attachment:
    """An attachment. Raises `NotFound`, alike for one that is not there and one that is not shown.

    `is_held`: it is about to be removed, so whoever else would remove it waits.
    """
    permissions.require(actor, "incident.read")
    wanted = shown().where(Attachment.id == number)
    found = existing(
        wanted.with_for_update() if is_held else wanted, "there is no such file that you may see"
    )
    if reads.is_recorded():
        reads.note(session().scalars(select(USES.c.incident_id).where(USES.c.attachment_id == found.id)))
    return found


def own_unused(actor: Actor, limit: int = 200) -> list[Attachment]:
    """What the actor uploaded and no saved document has, newest first."""
    mine = select(Attachment).where(Attachment.created_by == actor.name, ~IS_USED)
    return list(session().scalars(mine.order_by(Attachment.created_at.desc(), Attachment.id).limit(limit)))


def of_incident(incident: Incident, after: str = "", limit: int = 50) -> list[AttachmentUse]:
    """The attachments of an incident by the links that its texts have to them, in their order."""
    query = select(AttachmentUse).where(AttachmentUse.incident_id == incident.id, AttachmentUse.link > after)
    query = query.options(joinedload(AttachmentUse.attachment, innerjoin=True))
    return list(session().scalars(query.order_by(AttachmentUse.link).limit(limit)))


def attached(incidents: Iterable[int]) -> dict[int, dict[str, Attached]]:
    """By incident id and link, what its texts have; one query. Whose incidents they are was asked before."""
    wanted = select(
        USES.c.incident_id, USES.c.link, Attachment.id, Attachment.name, Attachment.width, Attachment.height
    ).join(Attachment, Attachment.id == USES.c.attachment_id)
    found: dict[int, dict[str, Attached]] = {}
    for row in session().execute(wanted.where(USES.c.incident_id.in_(list(incidents)))):
        shown_as = Attached(links.address(row.id, row.name), row.width, row.height)
        found.setdefault(row.incident_id, {})[row.link] = shown_as
    return found


def of_slug(slug: str) -> dict[str, Attached]:
    """By link, what the texts of the incident of that slug have; nothing where who looks may not see it."""
    number = session().scalar(select(Incident.id).where(Incident.slug == slug)) if slug else None
    return attached([number]).get(number, {}) if number else {}


def size_of(incident: Incident) -> int:
    """The bytes of an incident's files together, each counted once."""
    used = select(USES.c.attachment_id).where(USES.c.incident_id == incident.id)
    total = select(func.sum(Attachment.size)).select_from(Attachment).where(Attachment.id.in_(used))
    return int(session().scalar(total) or 0)


def unused_size(actor: Actor) -> int:
    """The bytes of what the actor uploaded and no saved document has."""
    mine = select(func.sum(Attachment.size)).select_from(Attachment)
    return int(session().scalar(mine.where(Attachment.created_by == actor.name, ~IS_USED)) or 0)
