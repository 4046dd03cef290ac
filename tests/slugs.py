"""The slugs of what is stored, for tests that count incidents."""

from __future__ import annotations

from sqlalchemy import select

from postmortems.db.session import session
from postmortems.incidents.models import Incident


def all_slugs() -> list[str]:
    """Every incident's slug, oldest first; inside a unit of work."""
    return list(session().scalars(select(Incident.slug).order_by(Incident.occurred_on, Incident.id)))
