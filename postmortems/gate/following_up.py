"""Open an action item for each override, in the incident that the guard is there for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.document.model import Document, Item, Section
from postmortems.gate.enforcement import save_incident
from postmortems.gate.models import Override
from postmortems.guards import queries as guards
from postmortems.incidents import rows
from postmortems.incidents.models import Incident

DUE_IN = timedelta(days=14)
HEADING = "Action items"


def open_items(override: Override, *, now: datetime) -> list[str]:
    """The refs of the new items, one an incident; none for guards that no item names."""
    # Also in an incident that whoever grants may not see: those whom it names have to know.
    with visibility.seen_by(visibility.EVERYTHING):
        return _open_all(override, now)


def _open_all(override: Override, now: datetime) -> list[str]:
    over = guards.by_slugs(override.guards)
    passed: defaultdict[int, list[str]] = defaultdict(list)
    incidents: dict[int, Incident] = {}
    for slug in override.guards:
        for item in guards.items_of(over[slug])[:1]:
            incidents[item.incident.id] = item.incident
            passed[item.incident.id].append(slug)
    return [_open(incidents[number], slugs, override, now) for number, slugs in passed.items()]


def _open(incident: Incident, slugs: Sequence[str], override: Override, now: datetime) -> str:
    before = rows.to_document(incident)
    known = {item.id for item in before.items}
    item = Item(
        f"Follow up the override of {', '.join(slugs)} for {override.target} on {now:%Y-%m-%d}: "
        f"{override.reason}",
        owner=override.requested_by,
        due=(now + DUE_IN).date(),
        status="open",
        # Somebody else than its owner has to confirm that it was seen to.
        guardability="attestable",
        done_when="the guard is right for such a deploy, or it is clear why it was passed over",
        tickets=(override.ticket,) if override.ticket else (),
    )
    saved = save_incident.save(
        incident.slug,
        _with(before, item),
        version=None,
        actor=Actor.system("gate"),
        message=f"Follow up the override of {', '.join(slugs)}",
    )
    new = [one for one in rows.to_document(saved).items if one.id not in known]
    return new[0].id


def _with(document: Document, item: Item) -> Document:
    """The document with one more item, at the end of its last section that has any."""
    places = [place for place, section in enumerate(document.sections) if section.items]
    if not places:
        return replace(document, sections=(*document.sections, Section(HEADING, (item,))))
    sections = list(document.sections)
    section = sections[places[-1]]
    last = max(place for place, block in enumerate(section.blocks) if isinstance(block, Item))
    blocks = (*section.blocks[: last + 1], item, *section.blocks[last + 1 :])
    sections[places[-1]] = replace(section, blocks=blocks)
    return replace(document, sections=tuple(sections))
