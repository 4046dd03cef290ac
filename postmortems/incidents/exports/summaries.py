"""What a feed or a page of its own shows of incidents: their summaries, and what defines links and notes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from postmortems.db.session import session
from postmortems.document.text import paragraphs
from postmortems.incidents.models import ActionItem, Entry, Incident, Prose, Section


def of(incidents: Sequence[Incident]) -> dict[int, str]:
    """By incident id, the Markdown of its summaries; left out where it has none. One query."""
    rows = session().execute(
        select(Section.incident_id, Prose.text)
        .join(Prose, Prose.section_id == Section.id)
        .where(Section.incident_id.in_([incident.id for incident in incidents]), Section.role == "summary")
        .order_by(Section.incident_id, Section.position, Prose.position)
    )
    found: dict[int, str] = {}
    for incident_id, text in rows:
        found[incident_id] = paragraphs(found.get(incident_id, ""), text)
    return found


def defining(incidents: Sequence[Incident]) -> dict[int, list[str]]:
    """By incident id, the texts that define links or notes for others. One query for each kind of text."""
    ids = [incident.id for incident in incidents]
    found: dict[int, list[str]] = {}
    for text, section_id in (
        (Prose.text, Prose.section_id),
        (Entry.text, Entry.section_id),
        (ActionItem.text, ActionItem.section_id),
    ):
        rows = session().execute(
            select(Section.incident_id, text)
            .join(Section, Section.id == section_id)
            .where(Section.incident_id.in_(ids), text.contains("]:"))
            .order_by(Section.incident_id, Section.position)
        )
        for incident_id, said in rows:
            found.setdefault(incident_id, []).append(said)
    return found
