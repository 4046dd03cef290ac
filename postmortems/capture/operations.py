"""Notes an entry in an incident's timeline, by the one way to save."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.capture import notes
from postmortems.capture.models import NoteKey
from postmortems.capture.notes import Note
from postmortems.db.session import session
from postmortems.document.model import Document, Entry, Section
from postmortems.document.times import timeline_times
from postmortems.document.times.timeline_times import Reading
from postmortems.errors import Invalid, NotFound
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries, rows
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import Incident
from postmortems.jobs import batches

MESSAGE = "noted"
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Noted:
    """An entry as it is stored, its reading and its section. `is_new` unless its key was sent before."""

    incident: Incident
    section: Section
    entry: Entry
    reading: Reading
    is_new: bool = True


def append(slug: str, note: Note, *, actor: Actor, key: str | None = None) -> Noted:
    """Note an entry. The incident is held meanwhile, so it meets no conflict with those who edit.

    The same note under the same `key` is noted once. Raises `NotFound`, and `Invalid` with pointers into the
    note, or for a key that another note had.
    """
    permissions.require_anywhere(actor, "incident.save")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise Invalid(f"an Idempotency-Key has 1 to {LONGEST_KEY} characters")
    incident = queries.for_saving(slug)
    team_rights.require(actor, "incident.save", incident)
    digest = _digest(slug, note)
    earlier = session().get(NoteKey, (actor.name, key)) if key else None
    if earlier is not None:
        return _again(incident, earlier, digest)
    before = rows.to_document(incident)
    document, _ = notes.appended(before, note, clock.now())
    saved = save_incident.save(
        slug, document, version=incident.version, actor=actor, message=MESSAGE, merges=True
    )
    after = rows.to_document(saved)
    new = next(entry.id for entry in after.entries if entry.id not in {each.id for each in before.entries})
    if key:
        row = NoteKey(
            sent_by=actor.name, key=key, digest=digest, incident_id=saved.id, entry=new, noted_at=clock.now()
        )
        session().add(row)
        session().flush()
    return _noted(saved, after, new)


def newest_draft() -> Incident | None:
    """The draft that was begun last, of those that are shown to whoever looks."""
    drafts = select(Incident).where(Incident.status == "draft", Incident.is_demo.is_(False))
    return session().scalars(drafts.order_by(Incident.created_at.desc(), Incident.id.desc()).limit(1)).first()


def newest_draft_of(name: str) -> Incident | None:
    """The draft that this person began last."""
    drafts = select(Incident).where(Incident.status == "draft", Incident.created_by == name)
    return session().scalars(drafts.order_by(Incident.created_at.desc(), Incident.id.desc()).limit(1)).first()


def forget(before: datetime, after: object) -> tuple[object, int]:
    """Remove some keys of entries that were noted before that."""
    return batches.some(NoteKey, NoteKey.key, NoteKey.noted_at < before)


def _digest(slug: str, note: Note) -> str:
    told = json.dumps([slug, asdict(note)], sort_keys=True)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _again(incident: Incident, earlier: NoteKey, digest: str) -> Noted:
    if earlier.digest != digest:
        raise Invalid("this Idempotency-Key was used for another note; use a new key for a new note")
    return _noted(incident, rows.to_document(incident), earlier.entry, is_new=False)


def _noted(incident: Incident, document: Document, wanted: str, *, is_new: bool = True) -> Noted:
    readings = iter(timeline_times.read_entries(document))
    for section in document.sections:
        for entry in section.entries:
            reading = next(readings)
            if entry.id == wanted:
                return Noted(incident, section, entry, reading, is_new)
    raise NotFound("what was noted under this key was taken out since")
