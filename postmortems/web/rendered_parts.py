"""Rendered parts of an incident's page, cached for each version.

Items stay out of it: who looks, what day it is and how well an item is guarded decide how that one looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import current_app, render_template
from markupsafe import Markup

from postmortems.db import reads
from postmortems.document.markdown.references import Attached, References
from postmortems.document.model import Document
from postmortems.document.parse_cache import Kept
from postmortems.incidents import rows as incidents_rows
from postmortems.incidents import timeline_chart
from postmortems.incidents.attachments import queries as attachments
from postmortems.incidents.models import Entry, Incident, Section
from postmortems.incidents.restricted import restrictions
from postmortems.web import render

# Characters of HTML and text, in each process: those of some three hundred reports.
KEPT = 6 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """A section: pieces of HTML, and where an item stands its row's key; `id` is the section's own."""

    id: str
    heading: str
    role: str
    pieces: tuple[Markup | int, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """An incident's document, and its parts as HTML."""

    document: Document
    parts: tuple[Part, ...]
    references: References


def install() -> Kept[Shown]:
    """Where an application keeps what it has shown."""
    return Kept(KEPT)


def shown(incident: Incident, *, has_files: bool = True) -> Shown:
    """The incident as it is now; its sections are read only where this version was not shown before.

    Without `has_files` it is known that its texts have none, and nobody asks for them.
    """
    kept: Kept[Shown] = current_app.extensions["shown"]
    # The document leaves out what its reader may not know of.
    is_hidden = restrictions.is_hidden(incident.recurrence_of)
    attached = attachments.attached([incident.id]).get(incident.id, {}) if has_files else {}
    key = (incident.id, incident.version, incident.saved_at, is_hidden, tuple(attached.items()))
    found = kept.get(key)
    if found is None:
        with reads.implied():
            references = references_of(incident, attached)
            parts = tuple(_parts(incident, references))
            found = Shown(incidents_rows.to_document(incident), parts, references)
        if render.has_time():
            kept.put(key, found, _size(found))
    return found


def blocks(section: Section) -> list[tuple[str, Any]]:
    """What stands in a section, in the author's order, each with its kind: prose, entry, category or item."""
    placed: list[tuple[int, str, Any]] = [(row.position, "prose", row) for row in section.prose]
    placed += [(row.position, "entry", row) for row in section.entries]
    placed += [(row.position, "category", row) for row in section.categories]
    placed += [(row.position, "item", row) for row in section.items]
    return [(kind, row) for _, kind, row in sorted(placed, key=lambda found: found[0])]


def references_of(incident: Incident, attached: Mapping[str, Attached]) -> References:
    """What any text of the incident defines for all of them, in the author's order, and what is attached."""
    rows = [row for section in incident.sections for kind, row in blocks(section) if kind != "category"]
    return References((row.text for row in rows), attached)


def timeline_of(incident: Incident) -> tuple[list[Section], list[Entry], timeline_chart.Chart | None]:
    """The sections with entries, all their entries, and the chart of these."""
    timelines = [section for section in incident.sections if section.entries]
    entries = [entry for section in timelines for entry in section.entries]
    zone = timeline_chart.zone_of(entries, incident.timezone)
    return timelines, entries, timeline_chart.draw(entries, zone)


def _parts(incident: Incident, references: References) -> Iterator[Part]:
    timelines, entries, drawn = timeline_of(incident)
    numbers = {entry.id: number for number, entry in enumerate(entries, 1)}
    for section in incident.sections:
        pieces: list[Markup | int] = []
        if timelines and section is timelines[0]:
            pieces.append(_html("_timeline_chart", incident=incident, section=section, chart=drawn))
        for is_item, run in groupby(blocks(section), lambda block: block[0] == "item"):
            rows = list(run)
            if is_item:
                pieces += [row.id for _, row in rows]
            else:
                pieces.append(_html("_blocks", blocks=rows, numbers=numbers, references=references))
        yield Part(section.part_id, section.heading, section.role, tuple(pieces))


def _html(template: str, **values: Any) -> Markup:
    return Markup(render_template(f"incidents/{template}.html", **values))


def _size(found: Shown) -> int:
    # The document says the same again in fewer letters.
    return 2 * sum(len(piece) for part in found.parts for piece in part.pieces if isinstance(piece, str))
