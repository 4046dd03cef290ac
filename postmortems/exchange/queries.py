"""Queries for exchange: sources of incidents, and the incidents to export, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select

from postmortems import limits
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.exchange.models import Source
from postmortems.followup.item.models import AwaitedBlocker, ItemBlocker
from postmortems.incidents import queries as incidents
from postmortems.incidents.models import ActionItem, Incident, ItemGuard, Revision
from postmortems.incidents.restricted import reads


class Listed(NamedTuple):
    """An incident that an export takes along, with what is stored of it as text.

    `text` is its document as canonical Markdown, and `content` the file it came from where that says the
    same; both save reading it row by row. `is_guarded`: an item names a guard; `is_linked`: one waits for
    another.
    """

    id: int
    slug: str
    occurred_on: date
    source_name: str | None
    text: str | None
    content: bytes | None
    is_guarded: bool
    is_linked: bool


def source_of(incident: Incident) -> Source | None:
    """The file that the incident was imported from."""
    return session().get(Source, incident.id)


def incident_of(identity: str) -> tuple[str, str] | None:
    """The slug of the incident that came from the source of this identity, and the name of its file then."""
    its = select(Incident.slug, Source.name).join(Source, Source.incident_id == Incident.id)
    row = session().execute(its.where(Source.identity == identity).order_by(Incident.id).limit(1)).first()
    return (row[0], row[1]) if row else None


# Put together once, for every look at an incident.
FILE_OF = select(Source.name, func.length(Source.content)).where(Source.incident_id == bindparam("incident"))


def file_of(incident: Incident) -> tuple[str, int] | None:
    """The name and size of the file that the incident was imported from, without its bytes."""
    row = session().execute(FILE_OF, {"incident": incident.id}).one_or_none()
    return (row[0], row[1]) if row else None


def to_export(
    filters: incidents.Filters, *, actor: Actor, drafts: bool = False, after: int = 0, limit: int = 100
) -> Sequence[Listed]:
    """The next incidents behind the id `after`, in the order in which they came; one query.

    Drafts stay out unless asked for.
    """
    return page_of(listed(filters, drafts=drafts), actor=actor, after=after, limit=limit)


def page_of(wanted: Select[Any], *, actor: Actor, after: int, limit: int) -> list[Listed]:
    """The same of what was `listed`, which an export puts together once for all its pages."""
    permissions.require(actor, "incident.read")
    rows = session().execute(wanted, {"after": after, "most": min(limit, limits.PAGE)})
    found = [Listed._make(row) for row in rows]
    reads.note(one.id for one in found)
    return found


def listed(filters: incidents.Filters, *, drafts: bool = False) -> Select[Any]:
    """What to ask of each page of an export."""
    # Better readers tomorrow change no file that nobody edited: it is not even asked how it is read.
    is_file = and_(Source.incident_id == Incident.id, Source.version == Incident.version)
    unedited = select(Source.content).where(is_file).correlate(Incident).scalar_subquery()
    newest = and_(Revision.incident_id == Incident.id, Revision.version == Incident.version)
    page = (
        select(Incident.id, Incident.slug, Incident.occurred_on, Source.name)
        .add_columns(Revision.text, unedited, _is_guarded(), is_linked())
        .outerjoin(Source, Source.incident_id == Incident.id)
        .outerjoin(Revision, newest)
        .where(Incident.id > bindparam("after"), *incidents.conditions(filters))
    )
    if not (drafts or filters.status):
        page = page.where(Incident.status == "published")
    return page.order_by(Incident.id).limit(bindparam("most"))


def _is_guarded() -> ColumnElement[bool]:
    named = select(ItemGuard.id).join(ActionItem, ActionItem.id == ItemGuard.item_id)
    return exists(named.where(ActionItem.incident_id == Incident.id))


def is_linked() -> ColumnElement[bool]:
    """That an item of an incident waits for another, or for one that is still to come."""
    of_incident = ActionItem.incident_id == Incident.id
    return or_(
        *(
            exists(select(of.item_id).join(ActionItem, ActionItem.id == of.item_id).where(of_incident))
            for of in (ItemBlocker, AwaitedBlocker)
        )
    )


def has_links(incident: Incident) -> bool:
    """The same of one incident."""
    return bool(session().scalar(select(is_linked()).where(Incident.id == incident.id)))
