"""Values of edits from before their events had any: read from the versions of the incident."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from postmortems.audit.models import Event
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.incidents import change_summary
from postmortems.incidents.history import texts
from postmortems.incidents.models import ActionItem

# Each takes two texts to be read; and the saves among which theirs are looked for.
MOST_READ, MOST_SAVES = 10, 500


def data(item: ActionItem, events: Sequence[Event]) -> dict[int, dict[str, Any]]:
    """By the id of an event, its data as an event of today has it, for the newest that lack values.

    Two statements and one for texts that are packed; none where every event has its values.
    """
    lacking = [event.id for event in events if _lacks_values(event)][:MOST_READ]
    if not lacking:
        return {}
    saves = _saves(item.incident.slug, min(lacking))
    ids = [id for id, _ in saves]
    # An item's events are followed by the one that its incident was saved.
    places = {event: bisect_right(ids, event) for event in lacking}
    versions = {event: saves[place][1] for event, place in places.items() if place < len(saves)}
    wanted = {version - step for version in versions.values() for step in (0, 1)}
    documents = {
        version: parser.parse(text, is_stored=True)
        for version, text in texts.of(item.incident_id, wanted).items()
    }
    return {
        event: {"version": version, **said}
        for event, version in versions.items()
        if (said := _said(item.ref, documents.get(version - 1), documents.get(version)))
    }


def _lacks_values(event: Event) -> bool:
    return event.verb == "item.edited" and "from" not in event.data


def _saves(slug: str, after: int) -> list[tuple[int, int]]:
    """The saves of an incident behind that event: its id, and the version."""
    saved = select(Event).where(
        Event.subject_kind == "incident",
        Event.subject == slug,
        Event.verb == "incident.saved",
        Event.id > after,
    )
    found = session().scalars(saved.order_by(Event.id).limit(MOST_SAVES))
    return [(event.id, event.data["version"]) for event in found if "version" in event.data]


def _said(ref: str, before: Document | None, after: Document | None) -> dict[str, Any]:
    if before is None or after is None:
        return {}
    events = change_summary.item_events(before, after)
    return next((said for verb, of, said in events if (verb, of) == ("item.edited", ref)), {})
