"""Queries of an incident's history: its versions with what each changed, two compared, who wrote what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from postmortems.audit.models import Event
from postmortems.db.session import session
from postmortems.document import part_diff, part_pairs
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.errors import NotFound
from postmortems.incidents import page_keys, queries, rows
from postmortems.incidents.history import authorship, changes, restore, texts
from postmortems.incidents.models import Incident, Revision
from postmortems.incidents.restricted import restrictions

# Versions from before it was noted what each changes: their texts are read and compared, so many at a time.
MOST_READ = 50
# Texts of versions that are looked through at once.
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Version:
    """A save and what it changed: nothing of the first; None where that was not noted (`MOST_READ`)."""

    version: int
    at: datetime
    author: str
    message: str
    changes: list[changes.Row] | None


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions: who saved them, their texts and what differs. `old` is None before the first."""

    old: Revision | None
    new: Revision
    documents: tuple[Document, Document]
    diff: part_diff.DocumentDiff

    @property
    def texts(self) -> tuple[str, str]:
        return (self.old.text if self.old else "", self.new.text)


def versions(incident: Incident, before: int | None = None, limit: int = 50) -> list[Version]:
    """The saves, newest first, those older than the version `before`; one query where changes were noted."""
    saved = queries.revisions(incident, before, limit)
    noted = _noted(incident, saved)
    return [
        Version(each.version, each.at, each.author, each.message, _shown(noted.get(each.version)))
        for each in saved
    ]


def _noted(incident: Incident, saved: Sequence[Revision]) -> dict[int, list[changes.Row]]:
    """What each changed; of saves from before it was noted, as their texts say."""
    found = {each.version: each.changes for each in saved if each.changes is not None}
    missing = [each.version for each in saved if each.changes is None][:MOST_READ]
    if missing:
        wanted = {version - step for version in missing for step in (0, 1)}
        told = {
            version: parser.parse(text, is_stored=True)
            for version, text in texts.of(incident.id, wanted).items()
        }
        for version in missing:
            before = told.get(version - 1)
            found[version] = [] if before is None else changes.rows(part_diff.diff(before, told[version]))
    return found


def _shown(noted: Sequence[changes.Row] | None) -> list[changes.Row] | None:
    """The rows without what the viewer may not know of: which incident this one repeats."""
    if noted is None:
        return None
    shown = []
    for row in noted:
        if row["part"] == "field" and row["name"] == "recurrence_of":
            fields = [_without_hidden(field) for field in row.get("fields", [])]
            if not any(field.get("old") or field.get("new") for field in fields):
                continue
            row = row | {"fields": fields}
        shown.append(row)
    return shown


def _without_hidden(field: dict[str, str]) -> dict[str, str]:
    return {
        name: "" if name in {"old", "new"} and restrictions.is_hidden(value) else value
        for name, value in field.items()
    }


def compared(incident: Incident, old: int | None, new: int | None) -> Compared:
    """Two versions of the incident, each the newest or the one before where None. Raises `NotFound`.

    0 is what there was before the first version: nothing.
    """
    new = incident.version if new is None else new
    old = new - 1 if old is None else old
    after = queries.revision(incident, new)
    before = queries.revision(incident, old) if old else None
    documents = tuple(_read(each.text) if each else Document() for each in (before, after))
    return Compared(before, after, (documents[0], documents[1]), part_diff.diff(documents[0], documents[1]))


def _read(text: str) -> Document:
    return parser.parse(text, is_stored=True)


def document_of(incident: Incident, version: int) -> Document:
    """The document as it was at this version. Raises `NotFound`."""
    return _read(queries.revision(incident, version).text)


def restored(incident: Incident, version: int, *, section: int | None = None, status: bool) -> Document:
    """What a save would store to have that version back, or one section of it, counted from 0.

    `status` says whether the incident is also what it was then: a draft, or published. Raises `NotFound`.
    """
    then, now = document_of(incident, version), rows.to_document(incident)
    wanted = now.status
    if status:
        # What a text says nothing of stays as it is: so let it say what the incident was then.
        was_stated = then.status or not incident.status_stated
        wanted = then.status if was_stated else _status_at(incident, version)
    if section is None:
        return restore.whole(then, now, wanted)
    if not 0 <= section < len(then.sections):
        raise NotFound(f"version {version} has no section {section}; it has {len(then.sections)}")
    return restore.section(then, now, section, wanted)


def _status_at(incident: Incident, version: int) -> str:
    """What the incident was at this version: as the last that states it by then, else as it began."""
    for newest in range(version, max(version - page_keys.LARGEST, 0), -AT_ONCE):
        told = texts.of(incident.id, range(newest, max(newest - AT_ONCE, 0), -1))
        for _, text in sorted(told.items(), reverse=True):
            if "status:" in text and (status := parser.parse(text, is_stored=True).status):
                return status
    published = select(Event.data["version"].as_integer()).select_from(Event)
    began = published.where(
        Event.verb == "incident.published", Event.subject_kind == "incident", Event.subject == incident.slug
    )
    return "published" if any(number <= version for number in session().scalars(began)) else "draft"


def message_of(incident: Incident, version: int, section: int | None) -> str:
    """What the history says of restoring a version, or one section of it."""
    if section is None:
        return f"Restore version {version}"
    heading = document_of(incident, version).sections[section].heading or "the text at the top"
    return f"Restore {heading} of version {version}"


def written(incident: Incident) -> dict[str, Any]:
    """By part of the incident as it is now, who changed it last, when, and in which version.

    `version` is None, and so are the others, where that was before it was noted.
    """
    document = rows.to_document(incident)
    newest = select(Revision.written).where(
        Revision.incident_id == incident.id, Revision.version == incident.version
    )
    noted = session().scalar(newest)
    if noted is None or not authorship.fits(noted, document):
        noted = authorship.begun(document, 0)
    saved = _saves(incident, noted)
    sections = []
    for section, part in zip(document.sections, noted["sections"], strict=True):
        blocks = [
            {"kind": part_pairs.KINDS[type(block)], "name": part_diff.name_of(block)} | saved(version)
            for block, version in zip(section.blocks, part[1], strict=True)
        ]
        sections.append({"heading": section.heading, "blocks": blocks} | saved(authorship.last_of(part)))
    fields = [
        {"name": name} | saved(noted["fields"].get(name, 0))
        for name in part_diff.FRONT
        if getattr(document, name)
    ]
    return {"fields": fields, "sections": sections}


def _saves(incident: Incident, noted: authorship.Written) -> Any:
    """A look-up of who saved a version and when; one query for all that are named."""
    named = {*noted["fields"].values()}
    named |= {version for heading, blocks in noted["sections"] for version in (heading, *blocks)}
    columns = select(Revision.version, Revision.author, Revision.at)
    its = columns.where(Revision.incident_id == incident.id)
    if len(named) < 500:
        its = its.where(Revision.version.in_(named))
    known = {row.version: row for row in session().execute(its)}

    def saved(version: int) -> dict[str, Any]:
        row = known.get(version)
        if row is None:
            return {"version": None, "author": None, "at": None}
        return {"version": row.version, "author": row.author, "at": row.at}

    return saved


def authors_since(incident: Incident, version: int) -> list[str]:
    """Who saved a version after this one, by name."""
    later = select(Revision.author).where(Revision.incident_id == incident.id, Revision.version > version)
    return list(session().scalars(later.distinct().order_by(Revision.author)))
