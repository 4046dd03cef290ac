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

# Opened: its text was shown. Listed: a line with its title, or the text of one of its items, was.
READ, LISTED = "incident.read", "incident.listed"
# Of one person and incident one event of the kind in this time; who has opened it lately is not listed, too.
ONCE_IN = {READ: timedelta(hours=1), LISTED: timedelta(days=1)}
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


def note_listed(incidents: Iterable[int]) -> None:
    """Whoever looks now is shown lines about these incidents, by their ids."""
    if is_recorded() and (noted := dict.fromkeys(incidents, visibility.viewer())):
        db.afterwards(_record_listed).update(noted)


def newest(incident: Incident) -> list[Event]:
    """The newest times that somebody opened this restricted incident: for those who may see it."""
    wanted = select(Event).where(
        Event.subject_kind == "incident", Event.subject == incident.slug, Event.verb == READ
    )
    return list(session().scalars(wanted.order_by(Event.id.desc()).limit(MOST_SHOWN)))


def _record(noted: dict[Any, Any]) -> None:
    """Record what was read in a unit of work that has ended; all of it was read by one person."""
    _put(READ, noted)


def _record_listed(noted: dict[Any, Any]) -> None:
    _put(LISTED, noted)


def _put(verb: str, noted: dict[Any, Any]) -> None:
    viewer = next(iter(noted.values()))
    with visibility.seen_by(visibility.EVERYTHING):
        with db.reading():
            slugs = _unrecorded(verb, viewer, _restricted(noted))
        if not slugs:
            return
        with db.transaction(), origin.coming_from(Origin(viewer.way, viewer.address)):
            # Two pages that are opened at the same moment are one reading.
            db.take_turns(TURN)
            for slug in sorted(_unrecorded(verb, viewer, slugs)):
                audit.record(viewer.actor, verb, "incident", slug)


def _restricted(ids: Iterable[int]) -> set[str]:
    named = select(Incident.slug).where(Incident.id.in_(list(ids)), restrictions.IS_RESTRICTED)
    return set(session().scalars(named))


def _unrecorded(verb: str, viewer: Viewer, slugs: set[str]) -> set[str]:
    """Those of the incidents that this person has not been recorded with lately."""
    if not slugs or viewer.actor is None:
        return set()
    lately = select(Event.subject).where(
        Event.subject_kind == "incident",
        Event.subject.in_(slugs),
        Event.verb.in_({verb, READ}),
        Event.actor == viewer.actor.name,
        Event.at > clock.now() - ONCE_IN[verb],
    )
    return slugs - set(session().scalars(lately))
