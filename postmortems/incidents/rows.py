"""A Document to rows and back, without loss.

`to_document(incident)` after `apply(incident, document)` is `document`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm.attributes import instance_dict

from postmortems.db.session import change
from postmortems.document import model
from postmortems.document.model import Document
from postmortems.document.times import timeline_times
from postmortems.incidents.items import lifecycle
from postmortems.incidents.models import Admitted, Affected, Incident
from postmortems.incidents.parts import front_row, part_rows, stored_parts
from postmortems.incidents.parts.part_rows import Act
from postmortems.incidents.restricted import restrictions

# What a document and its incident's row call by the same name, and say in the same way.
SAID_ALIKE = ("title", "heading", "date", "timezone", "severity")


def apply(incident: Incident, document: Document, *, now: datetime, by: str = "", name: str = "") -> None:
    """Make the incident's rows say what the document says. Every item must carry its `AI-<n>`.

    `by` is who closes what becomes closed. `name` is the file's name when the document was imported: its date
    dates what has none, and a new incident's items then began on the incident's day. A new incident has its
    key from then on; the row of another is written by whoever flushes next.
    """
    is_new = not inspect(incident).persistent
    _front(incident, document, now, name or incident.slug)
    _status(incident, document, name, now)
    if is_new:
        front_row.insert(incident)
    stored = [] if is_new else stored_parts.sections(incident)
    readings = timeline_times.read_entries(document, name=name or incident.slug)
    part_rows.write(incident, document, readings, stored, Act(now, by, bool(name) and is_new))


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
        sections=tuple(_sections(incident)),
    )


def _sections(incident: Incident) -> Iterator[model.Section]:
    """The sections by the objects where they were loaded, else by the rows alone."""
    if "sections" not in instance_dict(incident):
        if (saved := stored_parts.saved(incident)) is not None:
            yield from saved
            return
        for stored in stored_parts.sections(incident):
            blocks = _blocks(stored.prose, stored.entries, stored.categories, stored.items)
            yield model.Section(stored.row.heading, blocks, id=stored.row.part_id)
        return
    for part in sorted(incident.sections, key=lambda section: section.position):
        items = [(item, item.guards) for item in part.items]
        yield model.Section(
            part.heading, _blocks(part.prose, part.entries, part.categories, items), id=part.part_id
        )


def _blocks(
    prose: Iterable[Any],
    entries: Iterable[Any],
    categories: Iterable[Any],
    items: Iterable[tuple[Any, Iterable[Any]]],
) -> tuple[model.Block, ...]:
    placed: list[tuple[int, model.Block]] = [
        (row.position, model.Prose(row.text, id=row.part_id)) for row in prose
    ]
    placed += [
        (row.position, model.Entry(row.written, row.text, row.title, row.kind, id=row.part_id))
        for row in entries
    ]
    placed += [(row.position, model.Category(row.heading, id=row.part_id)) for row in categories]
    placed += [(row.position, lifecycle.to_item(row, guards)) for row, guards in items]
    return tuple(block for _, block in sorted(placed, key=itemgetter(0)))


def _front(incident: Incident, document: Document, now: datetime, dated_by: str) -> None:
    change(incident, **{name: getattr(document, name) for name in SAID_ALIKE})
    if document.recurrence_of or not restrictions.is_hidden(incident.recurrence_of):
        change(incident, recurrence_of=document.recurrence_of)
    if list(document.services) != (incident.services or []):
        _hit(incident, document.services)
    listed = {"services": list(document.services), "tags": list(document.tags)}
    change(incident, **listed, extra=[list(pair) for pair in document.extra])
    _admit(incident, document)
    day = timeline_times.incident_date(document, dated_by)
    change(incident, occurred_on=day or incident.occurred_on or now.date())


def _hit(incident: Incident, names: Iterable[str]) -> None:
    """Let the rows of what it hit say what its services say, which say something else by now."""
    wanted = {(service, target) for service, _, target in (name.partition("/") for name in names)}
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
    change(incident, restricted=list(document.restricted))


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
    status = status_after(incident, document, name)
    change(incident, status=status, status_stated=bool(document.status))
    if incident.status == "published" and incident.published_at is None:
        incident.published_at = now
