"""Who reads restricted incidents: noted where one is looked up, and recorded once the reading has ended.

A unit of work that reads cannot record anything, so that what it noted is recorded in one of its own behind
it, before anything is answered: what cannot be recorded is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from postmortems import clock, visibility
from postmortems.audit import operations as audit
from postmortems.audit import origin
from postmortems.audit.models import Event
from postmortems.audit.origin import Origin
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import restrictions
from postmortems.visibility import Viewer

READ = "incident.read"
# Of one person and incident one event in this time.
ONCE_IN = timedelta(hours=1)
MOST_SHOWN = 10
# Any number will do as long as every process takes the same one.
TURN = 7_260_312_907


def is_recorded() -> bool:
    """Whether somebody looks whose reading is recorded, and anything is restricted at all."""
    return visibility.viewer().actor is not None and restrictions.hides_anything()


def note(incidents: Iterable[int]) -> None:
    """Whoever looks now is shown these incidents, by their ids. Without restricted ones it asks nothing."""
    if is_recorded() and (noted := dict.fromkeys(incidents, visibility.viewer())):
        db.afterwards(_record).update(noted)


def newest(incident: Incident) -> list[Event]:
    """The newest times that somebody opened this restricted incident: for those who may see it."""
    wanted = select(Event).where(
        Event.subject_kind == "incident", Event.subject == incident.slug, Event.verb == READ
    )
    return list(session().scalars(wanted.order_by(Event.id.desc()).limit(MOST_SHOWN)))


def _record(noted: dict[Any, Any]) -> None:
    """Record what was read in a unit of work that has ended; all of it was read by one person."""
    viewer = next(iter(noted.values()))
    with visibility.seen_by(visibility.EVERYTHING):
        with db.reading():
            slugs = _unrecorded(viewer, _restricted(noted))
        if not slugs:
            return
        with db.transaction(), origin.coming_from(Origin(viewer.way, viewer.address)):
            # Two pages that are opened at the same moment are one reading.
            db.take_turns(TURN)
            for slug in _unrecorded(viewer, slugs):
                audit.record(viewer.actor, READ, "incident", slug)


def _restricted(ids: Iterable[int]) -> set[str]:
    named = select(Incident.slug).where(Incident.id.in_(list(ids)), restrictions.IS_RESTRICTED)
    return set(session().scalars(named))


def _unrecorded(viewer: Viewer, slugs: set[str]) -> set[str]:
    """Those of the incidents that this person has not been recorded with lately."""
    if not slugs or viewer.actor is None:
        return set()
    lately = select(Event.subject).where(
        Event.subject_kind == "incident",
        Event.subject.in_(slugs),
        Event.verb == READ,
        Event.actor == viewer.actor.name,
        Event.at > clock.now() - ONCE_IN,
    )
    return slugs - set(session().scalars(lately))
