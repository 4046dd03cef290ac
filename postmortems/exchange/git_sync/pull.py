"""The first half of a sync: files that were edited in the repository are imported.

Each file is a unit of work of its own, which notes that it came: a sync that is killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from difflib import SequenceMatcher
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.readers import registry as readers_registry
from postmortems.errors import Refusal, Stale
from postmortems.exchange import queries as source_queries
from postmortems.exchange.git import read
from postmortems.exchange.git.read import InGit
from postmortems.exchange.git.transport import Tip
from postmortems.exchange.git_sync import tracked_files
from postmortems.exchange.git_sync.models import SyncedFile
from postmortems.exchange.git_sync.state import SYNC, Held, Outcome
from postmortems.exchange.git_sync.tracked_files import Known
from postmortems.exchange.imports import apply, beside, sources, uploads
from postmortems.exchange.imports.files import ImportFile, Left, Stored
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.incidents import queries
from postmortems.incidents.models import Incident
from postmortems.reviews import operations as reviews

# A file that is this much the same as one that is gone is that file, under another name.
ALIKE = 0.6
# Beyond this many files that are gone and new at once, only those with the very bytes are paired.
MOST_COMPARED = 50


def bring(held: Held, tip: Tip, outcome: Outcome) -> None:
    """Take in what the branch says, as far as it has changed since both sides last agreed."""
    files = {file.name: file for file in read.listed(tip, held.folder, held.is_wanted)}
    with db.reading():
        known = tracked_files.known(held.remote_id) if held.remote_id else {}
    gone = [row for row in known.values() if row.blob and not row.is_gone and row.path not in files]
    fresh = [file for file in files.values() if file.name not in known and not file.trouble]
    for row, file in _renamed(tip, gone, fresh):
        known[file.name] = _follow(held, row, file, outcome)
        gone.remove(row)
    for row in gone:
        _note_gone(held, row, outcome)
    for file in files.values():
        _bring_one(held, tip, file, known.get(file.name), outcome)


def _bring_one(held: Held, tip: Tip, file: InGit, row: Known | None, outcome: Outcome) -> None:
    if file.trouble or len(file.name) > tracked_files.LONGEST_PATH:
        outcome.say(f"skipped  {file.name}: {file.trouble or 'its name is too long'}")
        return
    if row and not row.is_gone and row.blob == file.blob:
        return
    file = read.filled(tip, file)
    if row and row.incident_id and row.pushing == file.blob:
        with db.transaction():
            held.go_on()
            confirm(held.remote_id, file.name, file.content)
        return
    try:
        _import(held, tip, file, outcome)
    except Stale as stale:
        _ask(held, file, stale, outcome)
    except (Refusal, SQLAlchemyError) as refusal:
        line = " ".join(str(refusal).split())
        outcome.failed += 1
        outcome.say(f"failed   {line if file.name in line else f'{file.name}: {line}'}")


def _import(held: Held, tip: Tip, file: InGit, outcome: Outcome) -> None:
    document = readers_registry.read(file.name, file.content)
    stored = Stored({}) if held.is_dry_run else _beside(held, tip, file)
    is_done = False
    db.begin()
    try:
        came = apply.import_document(
            document,
            file.name,
            actor=SYNC,
            content=file.content,
            service=held.service,
            timezone=held.timezone,
            stored=stored,
        )
        if held.remote_id:
            held.go_on()
            _agree(held, file, queries.for_saving(came.slug))
        is_done = True
    finally:
        db.finish(keep=is_done and not held.is_dry_run)
    if came.result != "same":
        outcome.brought += 1
        outcome.say(f"{came.result:8} {file.name} → {came.slug}")


def _beside(held: Held, tip: Tip, file: InGit) -> Stored:
    """The pictures that a file of the commit has links to, stored."""
    with_fetch = replace(file, fetch=partial(read.one, tip, held.folder))
    report = ImportFile(file.name, file.content)
    found = beside.gathered(report, uploads.beside_in_git(with_fetch, Left()))
    return beside.stored(found, SYNC).stored


def _agree(held: Held, file: InGit, incident: Incident) -> None:
    source = source_queries.source_of(incident)
    says_all = source is not None and source.version == incident.version
    tracked_files.agree(
        held.remote_id, file.name, incident, file.blob, incident.version if says_all else None
    )


def _ask(held: Held, file: InGit, stale: Stale, outcome: Outcome) -> None:
    """Two edits of the same lines: a person brings them together, and until then neither is overwritten."""
    outcome.conflicts += 1
    if held.is_dry_run:
        outcome.say(f"conflict {file.name} → {stale.slug}: edited here too, in the same lines")
        return
    with db.transaction():
        held.go_on()
        incident = queries.for_saving(stale.slug)
        edits = reviews.Edits(
            held.shown, file.name, file.content, stale.mine, stale.theirs, stale.merged, stale.version,
            held.service, held.timezone,
        )  # fmt: skip
        review = reviews.open_conflict(incident, edits, actor=SYNC)
        row = tracked_files.row(held.remote_id, file.name)
        row.incident_id, row.is_gone = incident.id, False
    outcome.unseen_conflicts += bool(incident.restricted)
    outcome.say(
        f"conflict {file.name} → {stale.slug}: edited here too, in the same lines; "
        f"somebody decides at /incidents/{stale.slug}/reviews/{review.id}",
        about=incident,
    )


def confirm(remote_id: int, path: str, content: bytes) -> None:
    """What was pushed is there: it is what both sides agree on, and the file that the incident came from."""
    file = tracked_files.row(remote_id, path)
    incident = session().get(Incident, file.incident_id) if file.incident_id else None
    if incident is None:
        return
    before = source_queries.source_of(incident)
    filled = ImportDefaults(before.service, before.timezone) if before else ImportDefaults()
    sources.written(incident, path, content, version=file.pushing_version, actor=SYNC)
    document = filled.into(readers_registry.read(path, content))
    apply.note(incident, document, path, file.pushing_version, actor=SYNC)
    tracked_files.agree(remote_id, path, incident, file.pushing, file.pushing_version)


def _note_gone(held: Held, row: Known, outcome: Outcome) -> None:
    with db.reading():
        incident = session().get(Incident, row.incident_id) if row.incident_id else None
        slug = incident.slug if incident else ""
    if slug:
        outcome.say(
            f"gone     {row.path}: taken out of the repository; {slug} stays, and is not written there",
            about=incident,
        )
    if not held.is_dry_run:
        with db.transaction():
            held.go_on()
            session().get_one(SyncedFile, row.id).is_gone = True


def _renamed(tip: Tip, gone: list[Known], fresh: list[InGit]) -> Iterable[tuple[Known, InGit]]:
    """The files that have another name now: by the very bytes, else by most of their lines."""
    left, by_blob = list(fresh), {file.blob: file for file in fresh}
    pairs = []
    for row in gone:
        file = by_blob.pop(row.blob, None)
        if file is not None:
            pairs.append((row, file))
            left.remove(file)
    rest = [row for row in gone if row not in [row for row, _ in pairs] and row.incident_id]
    if len(rest) <= MOST_COMPARED and len(left) <= MOST_COMPARED:
        for row in rest:
            file = _most_alike(tip, row, left)
            if file is not None:
                pairs.append((row, file))
                left.remove(file)
    return pairs


def _most_alike(tip: Tip, row: Known, files: list[InGit]) -> InGit | None:
    with db.reading():
        incident = session().get(Incident, row.incident_id)
        source = source_queries.source_of(incident) if incident else None
        lines = source.content.splitlines() if source else []
    likeness = {
        file.name: SequenceMatcher(
            None, lines, read.filled(tip, file).content.splitlines(), autojunk=False
        ).ratio()
        for file in files
    }
    best = max(files, key=lambda file: likeness[file.name], default=None)
    return best if best is not None and likeness[best.name] >= ALIKE else None


def _follow(held: Held, row: Known, file: InGit, outcome: Outcome) -> Known:
    """The file has another name in the repository; so it is that file of the same incident from here on."""
    outcome.say(f"renamed  {row.path} → {file.name}")
    if not held.is_dry_run:
        with db.transaction():
            held.go_on()
            session().get_one(SyncedFile, row.id).path = file.name
            incident = session().get(Incident, row.incident_id) if row.incident_id else None
            if incident is not None:
                apply.rename(incident, row.path, file.name, actor=SYNC)
    return Known(row.id, file.name, row.incident_id, row.blob, row.version, row.pushing, False)
