"""Bring documents from files in, as often as one likes: what is in already stays as it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from sqlalchemy import select

from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit import queries as events
from postmortems.db import session
from postmortems.document import markdown, moments
from postmortems.document.model import Document
from postmortems.errors import Conflict
from postmortems.gate import saving
from postmortems.incidents import exchange, merging, naming, numbered, numbering, queries
from postmortems.incidents.models import ActionItem, Incident
from postmortems.people import permissions


@dataclass(frozen=True, slots=True)
class Import:
    """What came of a file. `result` is new, changed or same; `odd` says what is strange about its times."""

    result: str
    slug: str
    entries: int
    items: int
    odd: tuple[str, ...]


def import_document(
    document: Document, name: str, *, actor: Actor, service: str = "", timezone: str = ""
) -> Import:
    """Store what the file `name` says. `service` and `timezone` fill in where it states none.

    The file is known again by its items' ids, by its name, or by the slug that its name gives. What was
    edited here since is merged; raises `Conflict` where both changed the same lines, and what `saving.save`
    raises.
    """
    permissions.require(actor, "incident.save")
    document = replace(
        document,
        services=document.services or ((service,) if service else ()),
        timezone=document.timezone or timezone,
    )
    text = markdown.write(document)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    last = next(iter(events.of("import", name[-200:], limit=1)), None)
    incident = _known(document, name, last.data["slug"] if last else "")
    before = incident.version if incident else 0
    if incident is not None and last is not None and last.data["digest"] == digest:
        return _told("same", incident, document, name)
    if incident is None:
        saved = saving.save(None, document, version=None, actor=actor, message=f"Imported {name}", name=name)
    else:
        based_on = last.data["version"] if last and last.data["slug"] == incident.slug else 1
        wanted = _merged(document, incident, based_on)
        saved = saving.save(
            incident.slug, wanted, version=before, actor=actor, message=f"Imported {name}", name=name
        )
    audit.record(
        actor, "import.done", "import", name[-200:], slug=saved.slug, digest=digest, version=saved.version
    )
    result = "new" if incident is None else "same" if saved.version == before else "changed"
    return _told(result, saved, document, name)


def _known(document: Document, name: str, slug: str) -> Incident | None:
    """The incident whose items the file names, else that of its earlier import, else the one with its slug.

    By name alone no file means a demo incident: a real report of the same name is another incident.
    """
    wanted = _owning(document) or slug
    if wanted:
        return _if_there(wanted)
    found = _if_there(naming.slug_for(document.title, moments.incident_date(document, name), name))
    is_another = (
        found is not None and found.is_demo and exchange.to_document(found) != markdown.normal(document)
    )
    return None if is_another else found


def _owning(document: Document) -> str:
    """The slug of the one incident whose items the document names by id; "" for none or several."""
    numbers = [number for item in document.items if (number := numbering.number_of(item.id)) is not None]
    owners = select(Incident.slug).join(ActionItem, ActionItem.incident_id == Incident.id)
    slugs = list(session().scalars(owners.where(ActionItem.number.in_(numbers)).distinct().limit(2)))
    return slugs[0] if len(slugs) == 1 else ""


def _if_there(slug: str) -> Incident | None:
    is_there = session().scalar(select(Incident.id).where(Incident.slug == slug)) is not None
    return queries.for_saving(slug) if is_there else None


def _merged(document: Document, incident: Incident, based_on: int) -> Document:
    """The file's edit brought together with what was edited here since the version it is based on."""
    if incident.version == based_on:
        return document
    base = queries.revision(incident, based_on).text
    mine = numbered.recognised(markdown.normal(document), markdown.parse(base))
    text = merging.merged(base, markdown.write(mine), markdown.write(exchange.to_document(incident)))
    if text is None:
        raise Conflict(
            f"{incident.slug} was edited here too, in the same lines; export it and bring your edit into that"
        )
    return markdown.parse(text)


def _told(result: str, incident: Incident, document: Document, name: str) -> Import:
    readings = moments.read_entries(document, name=name)
    odd = tuple(
        f"{entry.written}: {warning}"
        for entry, reading in zip(document.entries, readings, strict=True)
        for warning in reading.warnings
    )
    return Import(result, incident.slug, len(document.entries), len(document.items), odd)
