"""Breaking the glass: admins see that restricted incidents exist, and open one for a reason.

An admin who is not named sees no word of it, its title and address included. With a reason, one looks into it
for an hour; the reason is an event of the incident, and its page tells the people that it names.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from postmortems import clock, visibility
from postmortems.accounts import permissions
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit.models import Event
from postmortems.db.session import existing, session
from postmortems.errors import Invalid, NotAllowed, NotFound
from postmortems.incidents import page_keys
from postmortems.incidents.models import Admitted, Incident
from postmortems.incidents.restricted import restrictions

LASTS = timedelta(hours=1)
LONGEST_REASON, MOST_SHOWN = 1_000, 5
BROKEN, ENDED = "incident.glass_broken", "incident.glass_ended"


@dataclass(frozen=True, slots=True)
class Restriction:
    """What an admin may know of one: `id` is the incident's number, `named` how many see it,
    `active` how many of these can sign in. `slug` is empty for whom it is not shown to; `until` is when an
    admin's look ends.
    """

    id: int
    restricted_by: str
    restricted_at: datetime
    named: int
    active: int
    slug: str = ""
    until: datetime | None = None

    @property
    def is_orphaned(self) -> bool:
        """Whether nobody that it names can sign in any longer."""
        return not self.active


def listing(*, actor: Actor, after: str = "", limit: int = 50) -> page_keys.Page[Restriction]:
    """All restricted incidents, the newest first, with who restricted them. A fixed number of queries."""
    permissions.require(actor, "incident.restrict")
    limit = max(1, min(limit, page_keys.LARGEST))
    wanted = select(Incident.id, Incident.slug, Incident.created_by, Incident.created_at)
    # The few that are, not each incident whether it is.
    wanted = wanted.where(Incident.id.in_(select(Admitted.incident_id)))
    wanted = wanted.order_by(Incident.id.desc()).limit(limit + 1)
    if after.isdecimal():
        wanted = wanted.where(Incident.id < int(after[:18]))
    with visibility.seen_by(visibility.EVERYTHING):
        rows = session().execute(wanted).all()
        acts = _acts({row.slug for row in rows})
    people = _people([row.id for row in rows])
    shown = set(session().scalars(select(Incident.id).where(Incident.id.in_([row.id for row in rows]))))
    looks = _looks(actor.name, [row.id for row in rows])
    found = [
        Restriction(
            row.id,
            by,
            at,
            *people.get(row.id, (0, 0)),
            slug=row.slug if row.id in shown else "",
            until=looks.get(row.id),
        )
        for row in rows
        for by, at in [acts.get(row.slug, (row.created_by, row.created_at))]
    ]
    return page_keys.Page(found[:limit], str(found[limit - 1].id) if len(found) > limit else "")


def _acts(slugs: Collection[str]) -> dict[str, tuple[str, datetime]]:
    """By slug, who restricted it last, and when."""
    newest = select(func.max(Event.id)).select_from(Event)
    newest = newest.where(
        Event.subject_kind == "incident", Event.subject.in_(slugs), Event.verb == "incident.restricted"
    )
    acts = select(Event.subject, Event.actor, Event.at).where(Event.id.in_(newest.group_by(Event.subject)))
    return {row.subject: (row.actor, row.at) for row in session().execute(acts)}


def _people(ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """By incident, how many it names, and how many of them can sign in."""
    counted = (
        select(Admitted.incident_id, func.count(), func.count(User.id))
        .select_from(Admitted)
        .outerjoin(User, (User.name == Admitted.name) & User.is_active)
        .where(Admitted.incident_id.in_(ids), Admitted.until.is_(None))
        .group_by(Admitted.incident_id)
    )
    return {incident_id: (named, active) for incident_id, named, active in session().execute(counted)}


def _looks(name: str, ids: Collection[int]) -> dict[int, datetime]:
    """By incident, until when this person looks into it through broken glass."""
    looks = select(Admitted.incident_id, Admitted.until).where(
        Admitted.name == name, Admitted.incident_id.in_(ids), Admitted.until > clock.now()
    )
    return {incident_id: until for incident_id, until in session().execute(looks) if until is not None}


def begin(incident_id: int, reason: str, *, actor: Actor) -> Incident:
    """Show the incident to this admin for an hour.

    Raises `Invalid` without a reason, `NotFound`, `NotAllowed`. Anew before the hour is over,
    the hour begins anew; whom it names has nothing to break.
    """
    permissions.require(actor, "incident.restrict")
    if actor.user_id is None:
        raise NotAllowed("this takes a person, or a person's token")
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Invalid(f"say in up to {LONGEST_REASON:,} characters why you have to see it", "/reason")
    incident, row = _held(incident_id, actor)
    if row is not None and row.until is None:
        return incident
    until = clock.now() + LASTS
    if row is None:
        row = Admitted(name=actor.name)
        incident.admitted.append(row)
    row.until = until
    session().flush()
    restrictions.ask_again()
    audit.record(actor, BROKEN, "incident", incident.slug, reason=reason, until=until.isoformat())
    return incident


def end(incident_id: int, *, actor: Actor) -> None:
    """Look no longer, before the hour is over. Raises `NotFound` where nothing was broken."""
    permissions.require(actor, "incident.restrict")
    incident, row = _held(incident_id, actor)
    if row is None or row.until is None or row.until <= clock.now():
        raise NotFound("you have broken no glass here, or its time is over")
    session().execute(
        delete(Admitted).where(Admitted.incident_id == incident.id, Admitted.name == actor.name)
    )
    restrictions.ask_again()
    audit.record(actor, ENDED, "incident", incident.slug)


def _held(incident_id: int, actor: Actor) -> tuple[Incident, Admitted | None]:
    """The restricted incident with this number, held for this unit, and what admits the actor to it."""
    held = select(Incident).where(Incident.id == incident_id, restrictions.IS_RESTRICTED).with_for_update()
    with visibility.seen_by(visibility.EVERYTHING):
        incident = existing(held, f"there is no restricted incident with the number {incident_id}")
        return incident, next((row for row in incident.admitted if row.name == actor.name), None)


def looks_into(incident: Incident) -> list[Event]:
    """The newest times that an admin broke the glass of this incident: for the people that it names."""
    wanted = select(Event).where(
        Event.subject_kind == "incident", Event.subject == incident.slug, Event.verb == BROKEN
    )
    return list(session().scalars(wanted.order_by(Event.id.desc()).limit(MOST_SHOWN)))


def ends_at(incident: Incident, actor: Actor) -> datetime | None:
    """Until when the actor looks into it through broken glass; None for whom it names."""
    return _looks(actor.name, [incident.id]).get(incident.id)
