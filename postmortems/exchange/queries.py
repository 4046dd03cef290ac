"""Sources of incidents, and the incidents to export: page by page, so that none is held long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from postmortems.actor import Actor
from postmortems.db import session
from postmortems.exchange.models import Source
from postmortems.incidents import queries as incidents
from postmortems.incidents.models import Incident
from postmortems.people import permissions

LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """An incident that an export takes along, and the name of the file it came from, if any."""

    id: int
    slug: str
    occurred_on: date
    source_name: str


def source_of(incident: Incident) -> Source | None:
    """The file that the incident was imported from."""
    return session().get(Source, incident.id)


def file_of(incident: Incident) -> tuple[str, int] | None:
    """The name and size of the file that the incident was imported from, without its bytes."""
    about = select(Source.name, func.length(Source.content)).where(Source.incident_id == incident.id)
    row = session().execute(about).one_or_none()
    return (row[0], row[1]) if row else None


def to_export(
    filters: incidents.Filters, *, actor: Actor, drafts: bool = False, after: int = 0, limit: int = 100
) -> Sequence[Listed]:
    """The next incidents behind the id `after`, in the order in which they came; one query.

    Drafts stay out unless asked for.
    """
    permissions.require(actor, "incident.read")
    page = (
        select(Incident.id, Incident.slug, Incident.occurred_on, Source.name)
        .outerjoin(Source, Source.incident_id == Incident.id)
        .where(Incident.id > after, *incidents.conditions(filters))
    )
    if not drafts:
        page = page.where(Incident.status == "published")
    rows = session().execute(page.order_by(Incident.id).limit(min(limit, LARGEST_PAGE)))
    return [Listed(id, slug, day, name or "") for id, slug, day, name in rows]
