"""The second half of a sync: incidents edited here are committed, one commit for each, by its editor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from sqlalchemy import select

from postmortems import visibility
from postmortems.audit import queries as events
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.exchange import queries
from postmortems.exchange.exports import export as exports_export
from postmortems.exchange.git import commit, read
from postmortems.exchange.git.commit import Edit, Person
from postmortems.exchange.git.transport import Tip
from postmortems.exchange.git_sync import pull, tracked_files
from postmortems.exchange.git_sync.state import SYNC, Held, Outcome
from postmortems.exchange.git_sync.tracked_files import Known
from postmortems.exchange.queries import Listed
from postmortems.incidents import queries as incidents
from postmortems.incidents.attachments import file_store
from postmortems.incidents.models import Incident, Revision
from postmortems.limits import MB
from postmortems.reviews import queries as reviews

# How many files are held in memory, and pushed at once.
AT_ONCE, PAGE = 200, 100
MOST_REVISIONS, LONGEST_SUBJECT = 50, 72
# Where attached files are more than this, the rest has its turn in the next sync.
MOST_BESIDE = 64 * MB


@dataclass(frozen=True, slots=True)
class Ready:
    """An incident whose file is behind: the commit that brings it forward."""

    incident_id: int
    slug: str
    version: int
    edit: Edit


def ready(held: Held, tip: Tip, mail: str) -> list[Ready]:
    """The incidents whose files are behind, as many as go out at once, in the order of their edits."""
    everything = {file.name for file in read.listed(tip, held.folder, lambda _name: True)}
    names = exports_export.Names({exports_export.plain(name) for name in everything})
    found: list[Ready] = []
    size = 0
    # A repository has readers of its own: what is restricted stays here.
    with visibility.seen_by(visibility.NOBODY):
        for listed, row in _behind(held):
            one = _one(held, listed, row, names, everything, mail)
            if one is not None:
                found.append(one)
                size += sum(len(content) for _, content in one.edit.beside)
            if len(found) == AT_ONCE or size > MOST_BESIDE:
                break
    return sorted(found, key=lambda each: (each.edit.at, each.incident_id))


def _behind(held: Held) -> Iterator[tuple[Listed, Known | None]]:
    """The incidents that are another version than their file, page by page, with the file's row."""
    after = 0
    while True:
        with db.reading():
            filters = incidents.Filters()
            page = queries.to_export(filters, actor=SYNC, drafts=held.with_drafts, after=after, limit=PAGE)
            pairs = _in_question(held, page)
        yield from pairs
        if not page:
            return
        after = page[-1].id


def _in_question(held: Held, page: Sequence[Listed]) -> list[tuple[Listed, Known | None]]:
    ids = [listed.id for listed in page]
    rows: dict[int, Known] = {}
    elsewhere = set()
    for remote_id, row in tracked_files.of_incidents(ids):
        if row.incident_id is None:
            continue
        if remote_id == held.remote_id:
            rows[row.incident_id] = row
        else:
            elsewhere.add(row.incident_id)
    columns = select(Incident.id, Incident.version, Incident.is_demo, Incident.services)
    facts = {found.id: found for found in session().execute(columns.where(Incident.id.in_(ids)))}
    waiting = reviews.in_conflict(ids)
    return [
        (listed, rows.get(listed.id))
        for listed in page
        if listed.id not in waiting
        and not facts[listed.id].is_demo
        and _is_behind(held, rows.get(listed.id), facts[listed.id].version)
        and (listed.id in rows or (listed.id not in elsewhere and _belongs(held, facts[listed.id].services)))
    ]


def _is_behind(held: Held, row: Known | None, version: int) -> bool:
    return row is None or (not row.is_gone and row.version != version)


def _belongs(held: Held, services: Sequence[str]) -> bool:
    """Whether what was written here goes to this repository: any does, where that is for no one service."""
    return not held.service or any(name.partition("/")[0] == held.service for name in services)


def _one(
    held: Held,
    listed: Listed,
    row: Known | None,
    names: exports_export.Names,
    everything: set[str],
    mail: str,
) -> Ready | None:
    with db.reading():
        incident = incidents.by_slug(listed.slug, SYNC)
        file = exports_export.in_source(incident)
        path, removes = _path(row, file.path, names)
        edit = Edit(
            _below(held, path), file.content, Person("", ""), incident.saved_at, "",
            _below(held, removes) if removes else "", _beside(held, file, everything),
        )  # fmt: skip
        edit = _told(edit, incident, row, mail)
        version = incident.version
    if row is not None and not removes and commit.blob_id(file.content) == row.blob:
        # It was edited and edited back.
        if held.remote_id and not held.is_dry_run:
            with db.transaction():
                tracked_files.row(held.remote_id, row.path).version = version
        return None
    return Ready(listed.id, listed.slug, version, edit)


def _beside(held: Held, file: exports_export.File, everything: set[str]) -> tuple[tuple[str, bytes], ...]:
    """The attached files that are not there yet; one that is stays as its author put it there."""
    fresh = {place.path: place.sha256 for place in file.beside if place.path not in everything}
    everything.update(fresh)
    return tuple((_below(held, path), file_store.get(digest)) for path, digest in fresh.items())


def _path(row: Known | None, wanted: str, names: exports_export.Names) -> tuple[str, str]:
    """Where the file goes, and which one's place it takes: one that we can read and not write."""
    if row is None:
        return names.free(wanted), ""
    if PurePosixPath(row.path).suffix == PurePosixPath(wanted).suffix:
        return row.path, ""
    return names.free(wanted), row.path


def _below(held: Held, path: str) -> str:
    return f"{held.folder}/{path}" if held.folder else path


def _told(edit: Edit, incident: Incident, row: Known | None, mail: str) -> Edit:
    """The commit with its author and message: who saved since, and what."""
    since = row.version if row else 0
    saved = [each for each in incidents.revisions(incident, limit=MOST_REVISIONS) if each.version > since]
    mine = [each for each in saved if each.author != SYNC.name] or saved
    if not mine:
        return replace(edit, author=_person(SYNC.name, mail), message=f"Write {incident.slug}\n")
    author, others = mine[0].author, dict.fromkeys(each.author for each in mine[1:])
    others.pop(author, None)
    lines = [_subject(incident, mine, since), ""]
    lines += [f"Version {each.version}: {_line(each)}" for each in reversed(mine)]
    lines += ["", f"Incident: {incident.slug}"]
    lines += [f"Co-authored-by: {_person(name, mail).line().decode()}" for name in others]
    return replace(edit, author=_person(author, mail), at=mine[0].at, message="\n".join(lines) + "\n")


def _person(name: str, mail: str) -> Person:
    return Person(name, name if "@" in name.strip("@") else mail.replace("{name}", name))


def _line(revision: Revision) -> str:
    said = " ".join(revision.message.split())
    return f"{said or 'saved'} ({revision.author})"


def _subject(incident: Incident, saved: Sequence[Revision], since: int) -> str:
    """What was done, in a line: the editor's own words, else what the event stream says."""
    title = " ".join((incident.title or incident.slug).split())
    said = " ".join(saved[0].message.split())
    if len(saved) == 1 and said:
        line = said
    elif not since:
        line = f"Add {title}"
    else:
        line = f"Edit {title}: {', '.join(_parts(incident.slug, since))}"
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1] + "…"


def _parts(slug: str, since: int) -> list[str]:
    """What was changed since that version, each part once."""
    saves = [
        event
        for event in events.of("incident", slug, limit=MOST_REVISIONS)
        if event.verb == "incident.saved" and event.data.get("version", 0) > since
    ]
    parts = dict.fromkeys(part for event in reversed(saves) for part in event.data.get("changed", ()))
    return list(parts) or ["text"]


def announce(held: Held, out: Sequence[Ready]) -> None:
    """Note what is about to be pushed, so that it is known again whatever becomes of the answer."""
    with db.transaction():
        held.go_on()
        for one in out:
            row = tracked_files.row(held.remote_id, _name(held, one))
            row.incident_id, row.pushing = one.incident_id, commit.blob_id(one.edit.content)
            row.pushing_version = one.version


def note(held: Held, out: Sequence[Ready], outcome: Outcome) -> None:
    """What was pushed is there."""
    with db.transaction():
        held.go_on()
        for one in out:
            pull.confirm(held.remote_id, _name(held, one), one.edit.content)
            if one.edit.removes:
                session().delete(tracked_files.row(held.remote_id, _cut(held, one.edit.removes)))
    for one in out:
        outcome.written += 1
        outcome.say(f"written  {one.slug} → {one.edit.path}")


def _name(held: Held, one: Ready) -> str:
    return _cut(held, one.edit.path)


def _cut(held: Held, path: str) -> str:
    return path.removeprefix(f"{held.folder}/") if held.folder else path
