"""What there is beside an incident: asked in one statement, so that a page asks no table for nothing.

The tables of rooms to the right are known by name here. It says only where to look; what is shown is still
read with the viewer's eyes.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Label, bindparam, column, exists, select, table

from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.incidents.models import Incident

NOBODY = 0


def _has(name: str, *conditions: ColumnElement[bool]) -> Label[bool]:
    rows = table(name, column("incident_id"))
    return exists(
        select(rows.c.incident_id).where(rows.c.incident_id == bindparam("incident"), *conditions)
    ).label(name)


INCIDENTS = Incident.__table__
LOOK = select(
    _has("comments"),
    _has("attachment_uses"),
    _has("review_requests"),
    _has("approvals"),
    _has("skipped_reports"),
    _has("public_reports"),
    _has("sources"),
    _has("scenarios"),
    _has("incident_warnings", column("dismissed_at").is_(None)),
    _has("reviews", column("outcome") == ""),
    _has("mentions", column("user_id") == bindparam("user"), column("seen_at").is_(None)),
    exists(select(INCIDENTS.c.id).where(INCIDENTS.c.recurrence_of == bindparam("slug"))).label("repeated_by"),
)


def tables(incident: Incident, actor: Actor) -> frozenset[str]:
    """The names of the tables that have something about the incident; `repeated_by` where others repeat it.

    Of `mentions` those of the actor, of `mentions`, `incident_warnings` and `reviews` what is still open.
    """
    asked = {"incident": incident.id, "user": actor.user_id or NOBODY, "slug": incident.slug}
    found = session().connection().execute(LOOK, asked).one()
    return frozenset(name for name, is_there in found._mapping.items() if is_there)
