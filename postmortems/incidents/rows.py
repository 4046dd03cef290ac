"""A Document to rows and back, without loss.

`to_document(incident)` after `apply(incident, document)` is `document`. Rows are used again in their order,
so an edit writes what it changed; action items are found by number and keep their row wherever they move.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import inspect

from postmortems import search_words
from postmortems.db.session import change, session
from postmortems.document import model
from postmortems.document.markdown import section_roles
from postmortems.document.model import Document
from postmortems.document.times import timeline_times
from postmortems.incidents.items import lifecycle
from postmortems.incidents.models import Admitted, Affected, Category, Entry, Incident, Prose, Section
from postmortems.incidents.restricted import restrictions

Row = TypeVar("Row", Prose, Entry, Category)
Placed = list[tuple[int, model.Block]]


def apply(incident: Incident, document: Document, *, now: datetime, by: str = "", name: str = "") -> None:
    """Make the incident's rows say what the document says. Every item must carry its `AI-<n>`.

    `by` is who closes what becomes closed. `name` is the file's name when the document was imported: its date
    dates what has none, and a new incident's items then began on the incident's day.
    """
    is_import = bool(name) and not inspect(incident).persistent
    _front(incident, document, now, name or incident.slug)
    _status(incident, document, name, now)
    readings = iter(timeline_times.read_entries(document, name=name or incident.slug))
    known = {item.number: item for section in incident.sections for item in section.items}
    for position, part in enumerate(document.sections):
        section = _section(incident, position)
        change(section, position=position, heading=part.heading, part_id=part.id)
        change(section, role=section_roles.role(part))
        placed: Placed = list(enumerate(part.blocks))
        _prose(section, placed)
        _entries(section, placed, [next(readings) for _ in part.entries])
        _categories(section, placed)
        for place, category, block in _under_categories(placed):
            number = lifecycle.number_given(block)
            item = known.pop(number, None) or lifecycle.begun(incident, block, now, by, is_import=is_import)
            if item.section is not section:
                section.items.append(item)
            change(item, position=place, category=category)
            lifecycle.apply(item, block, part.heading, now, by)
    for gone in known.values():
        gone.section.items.remove(gone)
        session().delete(gone)
    del incident.sections[len(document.sections) :]


def to_document(incident: Incident) -> Document:
    """The Document that the incident's rows say, as the viewer may know it.

    That it repeats an incident which is not there for the viewer is left out, and `apply` keeps it.
    """
    return Document(
        title=incident.title,
        date=incident.date,
        timezone=incident.timezone,
        severity=incident.severity,
        status=incident.status if incident.status_stated else "",
        recurrence_of="" if restrictions.is_hidden(incident.recurrence_of) else incident.recurrence_of,
        services=tuple(incident.services),
        tags=tuple(incident.tags),
        restricted=tuple(incident.restricted),
        extra=tuple((key, written) for key, written in incident.extra),
        heading=incident.heading,
        sections=tuple(
            model.Section(section.heading, _blocks(section), id=section.part_id)
            for section in sorted(incident.sections, key=lambda section: section.position)
        ),
    )


def _blocks(section: Section) -> tuple[model.Block, ...]:
    placed: Placed = [(row.position, model.Prose(row.text, id=row.part_id)) for row in section.prose]
    placed += [
        (row.position, model.Entry(row.written, row.text, row.title, row.kind, id=row.part_id))
        for row in section.entries
    ]
    placed += [(row.position, model.Category(row.heading, id=row.part_id)) for row in section.categories]
    placed += [(row.position, lifecycle.to_item(row)) for row in section.items]
    return tuple(block for _, block in sorted(placed, key=lambda pair: pair[0]))


def _front(incident: Incident, document: Document, now: datetime, dated_by: str) -> None:
    for name in ("title", "heading", "date", "timezone", "severity"):
        change(incident, **{name: getattr(document, name)})
    if document.recurrence_of or not restrictions.is_hidden(incident.recurrence_of):
        incident.recurrence_of = document.recurrence_of
    change(incident, services=list(document.services), tags=list(document.tags))
    change(incident, extra=[list(pair) for pair in document.extra])
    _admit(incident, document)
    day = timeline_times.incident_date(document, dated_by)
    incident.occurred_on = day or incident.occurred_on or now.date()
    incident.search_text = searchable(document, incident.slug)
    wanted = {(service, target) for service, _, target in (name.partition("/") for name in document.services)}
    for gone in [row for row in incident.affected if (row.service, row.target) not in wanted]:
        incident.affected.remove(gone)
    known = {(row.service, row.target) for row in incident.affected}
    incident.affected += [Affected(service=name, target=target) for name, target in sorted(wanted - known)]


def _admit(incident: Incident, document: Document) -> None:
    if document.restricted or incident.restricted:
        wanted = restrictions.admitted(document.restricted)
        # Who broke the glass stays for a while, as long as there is glass.
        looks_on = [row for row in incident.admitted if wanted and row.until is not None]
        incident.admitted[:] = [row for row in incident.admitted if row.name in wanted or row in looks_on]
        for row in incident.admitted:
            row.until = None if row.name in wanted else row.until
        known = {row.name for row in incident.admitted}
        incident.admitted += [Admitted(name=name) for name in sorted(wanted - known)]
        restrictions.ask_again()
    incident.restricted = list(document.restricted)


def status_after(incident: Incident | None, document: Document, name: str) -> str:
    """What a document says of its status; where it says nothing, what it was.

    A file that says nothing is published: it stood where people read it. One that is marked as a draft in
    the way of site generators is a draft, and so is what is begun here.
    """
    is_draft = ("draft", "true") in document.extra or "_drafts" in name.split("/")
    was = incident.status if incident is not None else ""
    unsaid = ("draft" if is_draft else "published") if name else was or "draft"
    return document.status or unsaid


def _status(incident: Incident, document: Document, name: str, now: datetime) -> None:
    incident.status, incident.status_stated = status_after(incident, document, name), bool(document.status)
    if incident.status == "published" and incident.published_at is None:
        incident.published_at = now


def searchable(document: Document, slug: str) -> str:
    """Everything that people may look for, folded; no phrase goes on from one part to the next."""
    parts = [document.title, document.heading, slug, document.severity, *document.services, *document.tags]
    for section in document.sections:
        parts.append(section.heading)
        for block in section.blocks:
            match block:
                case model.Prose(text):
                    parts.append(text)
                case model.Entry():
                    parts += [block.written, block.title, block.text]
                case model.Category(heading):
                    parts.append(heading)
                case model.Item():
                    parts += lifecycle.said(block)
    return "\n".join(filter(None, map(search_words.fold, parts)))


def _section(incident: Incident, position: int) -> Section:
    """The section at this place. A new one is known to hold nothing: nobody has to look."""
    if position == len(incident.sections):
        incident.sections.append(Section(prose=[], entries=[], categories=[], items=[]))
    return incident.sections[position]


def _row(rows: list[Row], index: int, kind: type[Row]) -> Row:
    """The row at this place, made if there is none yet."""
    if index == len(rows):
        rows.append(kind())
    return rows[index]


def _under_categories(placed: Placed) -> Iterator[tuple[int, str, model.Item]]:
    """Each item with its place and the category heading it stands under."""
    category = ""
    for place, block in placed:
        if isinstance(block, model.Category):
            category = block.heading
        elif isinstance(block, model.Item):
            yield place, category, block


def _prose(section: Section, placed: Placed) -> None:
    blocks = [(place, block) for place, block in placed if isinstance(block, model.Prose)]
    for index, (place, block) in enumerate(blocks):
        row = _row(section.prose, index, Prose)
        change(row, position=place, part_id=block.id, text=block.text)
    del section.prose[len(blocks) :]


def _categories(section: Section, placed: Placed) -> None:
    blocks = [(place, block) for place, block in placed if isinstance(block, model.Category)]
    for index, (place, block) in enumerate(blocks):
        row = _row(section.categories, index, Category)
        change(row, position=place, part_id=block.id, heading=block.heading)
    del section.categories[len(blocks) :]


def _entries(section: Section, placed: Placed, readings: Sequence[timeline_times.Reading]) -> None:
    blocks = [(place, block) for place, block in placed if isinstance(block, model.Entry)]
    for index, ((place, block), reading) in enumerate(zip(blocks, readings, strict=True)):
        row = _row(section.entries, index, Entry)
        change(row, position=place, part_id=block.id)
        change(row, written=block.written, title=block.title, text=block.text, kind=block.kind)
        change(row, at=reading.at, until=reading.until, instant=reading.instant, zone=reading.zone)
        change(row, precision=reading.precision or "", approximate=reading.approximate)
    del section.entries[len(blocks) :]
