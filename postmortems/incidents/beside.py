"""What there is beside an incident: asked in one statement, so that a page asks no table for nothing.

The tables of rooms to the right are known by name here. It says only where to look; what is shown is still
read with the viewer's eyes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Label, Select, bindparam, column, exists, or_, select, table

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import session
from postmortems.errors import NotFound
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import reads, restrictions

NOBODY = 0


def rows_of(name: str, incident: ColumnElement[int], *conditions: ColumnElement[bool]) -> Select[Any]:
    """What the table of this name has about an incident."""
    rows = table(name, column("incident_id"))
    return select(rows.c.incident_id).where(rows.c.incident_id == incident, *conditions)


def unseen_mentions(incident: ColumnElement[int], user: ColumnElement[int]) -> Select[Any]:
    """Where somebody is mentioned in an incident who has not seen that yet."""
    return rows_of("mentions", incident, column("user_id") == user, column("seen_at").is_(None))


def _has(name: str, *conditions: ColumnElement[bool]) -> Label[bool]:
    return exists(rows_of(name, bindparam("incident"), *conditions)).label(name)


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
    exists(unseen_mentions(bindparam("incident"), bindparam("user"))).label("mentions"),
    exists(select(INCIDENTS.c.id).where(INCIDENTS.c.recurrence_of == bindparam("slug"))).label("repeated_by"),
)


def tables(incident: Incident, actor: Actor) -> frozenset[str]:
    """The names of the tables that have something about the incident; `repeated_by` where others repeat it.

    Of `mentions` those of the actor, of `mentions`, `incident_warnings` and `reviews` what is still open.
    """
    asked = {"incident": incident.id, "user": actor.user_id or NOBODY, "slug": incident.slug}
    found = session().connection().execute(LOOK, asked).one()
    return frozenset(name for name, is_there in found._mapping.items() if is_there)


# What says something to one reader that it does not say to others: one's own comment has a button.
PERSONAL = ("comments", "approvals", "review_requests")
GLANCE = PreparedQuery(
    select(
        INCIDENTS.c.id,
        INCIDENTS.c.title,
        INCIDENTS.c.is_demo,
        exists(
            select(restrictions.ADMITTED.c.name).where(restrictions.ADMITTED.c.incident_id == INCIDENTS.c.id)
        ).label("is_restricted"),
        or_(
            *(exists(rows_of(name, INCIDENTS.c.id)) for name in PERSONAL),
            exists(unseen_mentions(INCIDENTS.c.id, bindparam("user"))),
        ).label("is_personal"),
        restrictions.IS_ANY.label("is_any"),
        restrictions.IS_GLASS_OPEN.label("is_glass_open"),
    ).where(INCIDENTS.c.slug == bindparam("slug"))
)


@dataclass(frozen=True, slots=True)
class Glance:
    """A glance at an incident: what decides how its page is made, before anything of it is read as objects.

    Its page is the same for all of a role, or `is_personal`, or kept from most.
    """

    title: str
    is_demo: bool
    is_restricted: bool
    is_personal: bool


def glance(slug: str, actor: Actor) -> Glance:
    """What there is of this name, also where the actor may not know of it: then it is `is_restricted`.

    Raises `NotFound`.
    """
    permissions.require(actor, "incident.read")
    found = GLANCE.rows({"slug": slug, "user": actor.user_id or NOBODY, "now": clock.now()})
    if not found:
        raise NotFound(f"there is no incident {slug}")
    row = found[0]
    restrictions.found_hiding(is_any=bool(row.is_any), is_glass_open=bool(row.is_glass_open))
    reads.note([row.id])
    return Glance(row.title, bool(row.is_demo), bool(row.is_restricted), bool(row.is_personal))
