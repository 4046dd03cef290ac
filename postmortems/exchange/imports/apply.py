"""Applies an import: stores documents from files, as often as one likes; what is unchanged stays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath

from sqlalchemy import bindparam, select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit import queries as events
from postmortems.audit.models import Event
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import catch_up, session
from postmortems.document import three_way_merge
from postmortems.document.lint.warnings import Warned
from postmortems.document.markdown import parser
from postmortems.document.markdown.items import emptied_fields
from postmortems.document.model import Document
from postmortems.document.readers import registry as readers_registry
from postmortems.document.times import timeline_times
from postmortems.errors import Stale
from postmortems.exchange import queries as source_queries
from postmortems.exchange.exports import attached
from postmortems.exchange.imports import parse_report, sources
from postmortems.exchange.imports.files import Stored
from postmortems.exchange.imports.normalise import ImportDefaults, as_in_file, kept_private, with_ids
from postmortems.exchange.models import Source
from postmortems.followup.item import written_blockers
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import guard_remarks, queries, rows, warnings
from postmortems.incidents import slugs as incidents_slugs
from postmortems.incidents.attachments import links
from postmortems.incidents.attachments import operations as attachments
from postmortems.incidents.attachments.models import Attachment
from postmortems.incidents.items import item_ids, item_numbers
from postmortems.incidents.models import ActionItem, Incident
from postmortems.incidents.parts import fresh_rows
from postmortems.reviews import operations as reviews
from postmortems.reviews import queries as review_queries

NAMED = PreparedQuery(select(Incident.id).where(Incident.slug == bindparam("slug")))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file comes from: the format that it was said to be of, and its id there; "" for unknown."""

    format: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """Outcome of one file: `result` is new, changed or same; the texts are what was stored, and is now."""

    result: str
    slug: str
    before: str
    after: str


def import_document(
    document: Document,
    name: str,
    *,
    actor: Actor,
    content: bytes,
    service: str = "",
    timezone: str = "",
    warned: Sequence[Warned] | None = None,
    stored: Stored = Stored({}),
    origin: Origin = Origin(),
) -> Import:
    """Store what the file `name` says. `service` and `timezone` fill in where it states none.

    The file is known again by its items' ids, its identity, its name, or the slug that this gives. What was
    edited here since is merged; raises `Stale` with both texts where both changed the same lines, and what
    `save_incident.save` raises. `warned` is what is odd in the file, if known, `stored` what lay beside it.
    `origin` says what it was read as, and its id where it comes from.
    """
    permissions.require(actor, "incident.save")
    incident, last, then = _earlier(document, name, origin.identity)
    source = source_queries.source_of(incident) if incident else None
    filled = ImportDefaults(service, timezone).or_those_of(source)
    read, document = document, _restricted(filled.into(document), origin, incident, actor)
    version, since = (incident.version, 0) if incident else (0, audit.newest())
    before = parser.write(rows.to_document(incident)) if incident else ""
    if incident is not None:
        _close_conflict(incident, name, actor)
        if last is not None and last.data["digest"] == digest_of(document):
            _remember(incident, document, name, content, filled, actor, stored, origin)
            _note_move(incident, document, then, name, last, actor)
            return Import("same", incident.slug, before, before)
    saved = _saved(document, name, incident, source, last, actor)
    _remember(saved, document, name, content, filled, actor, stored, origin)
    _warn(saved, warned if document == read else None, document, name, content, origin, stored)
    note(saved, document, name, saved.version, actor=actor)
    if incident is None:
        keep_quiet(saved, document, name, since=since)
    result = "new" if incident is None else "same" if saved.version == version else "changed"
    return Import(result, saved.slug, before, parser.write(rows.to_document(saved)))


def _restricted(document: Document, origin: Origin, incident: Incident | None, actor: Actor) -> Document:
    """What is private there is for whoever brings it in, and later for those it was shown to here."""
    who = incident.restricted if incident else []
    return kept_private(document, origin.format, who or ([actor.name] if actor.user_id is not None else []))


def _note_move(
    incident: Incident, document: Document, then: str, name: str, last: Event, actor: Actor
) -> None:
    """If the file has another name than `then`: it is looked up by the one that it has now."""
    if then not in ("", name):
        note(incident, document, name, last.data["version"], actor=actor)


def _warn(
    incident: Incident,
    warned: Sequence[Warned] | None,
    document: Document,
    name: str,
    content: bytes,
    origin: Origin,
    stored: Stored,
) -> None:
    """Put what is odd in the file on the incident's page, and what was missing beside it."""
    if warned is None:
        read = parse_report.understood(document, name, content, origin.format)
        warned = (*read.warnings, *stored.missing)
    warnings.restate_of_file(incident, warned, parser.write(document))


def _earlier(document: Document, name: str, identity: str) -> tuple[Incident | None, Event | None, str]:
    """The incident that the file is of, what was recorded of its last import, and its file's name then.

    The name is "" where it is not known by its identity.
    """
    slug, then = (source_queries.incident_of(identity) if identity else None) or ("", "")
    last = _last(then or name)
    return _known(document, name, slug or (last.data["slug"] if last else ""), identity), last, then


def _last(name: str) -> Event | None:
    """What was recorded of the last import of the file of this name."""
    subject = name[-audit.LONGEST_SUBJECT :]
    if not events.is_any("import", subject):
        return None
    return next(iter(events.of("import", subject, limit=1)), None)


def digest_of(document: Document) -> str:
    """A digest by which the same document is recognised when it is imported again."""
    return hashlib.sha256(parser.write(document).encode("utf-8", "surrogatepass")).hexdigest()


def note(incident: Incident, document: Document, name: str, version: int, *, actor: Actor) -> None:
    """That the file of this name says what the incident's `version` says, and is known by its name."""
    data = {"slug": incident.slug, "digest": digest_of(document), "version": version}
    audit.record(actor, "import.done", "import", name[-audit.LONGEST_SUBJECT :], **data)


def take_in(
    incident: Incident, name: str, content: bytes, service: str, timezone: str, *, actor: Actor
) -> None:
    """Record the file's text as imported: it is the file that the incident continues from here on."""
    filled, source = ImportDefaults(service, timezone), source_queries.source_of(incident)
    origin = Origin(source.format, source.identity) if source else Origin()
    document = filled.into(readers_registry.read(name, content, as_format=origin.format))
    _remember(incident, document, name, content, filled, actor, origin=origin)
    note(incident, document, name, incident.version, actor=actor)


def rename(incident: Incident, old: str, new: str, *, actor: Actor) -> None:
    """The incident's file has another name from here on."""
    source = source_queries.source_of(incident)
    if source is None or source.name != old:
        return
    document = ImportDefaults(source.service, source.timezone).into(
        readers_registry.read(old, source.content, as_format=source.format, is_stored=True)
    )
    sources.written(incident, new, source.content, version=source.version, actor=actor)
    last = _last(old)
    note(incident, document, new, last.data["version"] if last else 1, actor=actor)


def _saved(
    document: Document,
    name: str,
    incident: Incident | None,
    source: Source | None,
    last: Event | None,
    actor: Actor,
) -> Incident:
    """The document stored: as a new incident, or over one whose `last` import it continues."""
    message = f"Imported {name}"
    if incident is None:
        return save_incident.save(None, document, version=None, actor=actor, message=message, name=name)
    version = incident.version
    based_on = last.data["version"] if last and last.data["slug"] == incident.slug else 1
    wanted = _merged(_led_home(document, incident, name), incident, source, based_on)
    save_incident.save(incident.slug, wanted, version=version, actor=actor, message=message, name=name)
    written_blockers.take_up(document, incident, actor=actor, is_import=True)
    return incident


def _remember(
    incident: Incident,
    document: Document,
    name: str,
    content: bytes,
    filled: ImportDefaults,
    actor: Actor,
    stored: Stored = Stored({}),
    origin: Origin = Origin(),
) -> None:
    _attach(incident, stored)
    # What the save opens again is part of the version that the file is known by.
    catch_up()
    document = _led_home(document, incident, name)
    kept, waits = rows.to_document(incident), any(item.blocked_by for item in document.items)
    if waits or not fresh_rows.are_new(Incident, [incident.id], __name__):
        kept = written_blockers.noted(kept)
    is_all = as_in_file(kept, document, ImportDefaults()) == document
    sources.remember(
        incident,
        name,
        content,
        actor=actor,
        service=filled.service,
        timezone=filled.timezone,
        is_all=is_all,
        as_format=origin.format,
        identity=origin.identity,
    )


def _led_home(document: Document, incident: Incident, name: str) -> Document:
    """The file's document with links to what an export wrote beside it as links of ours again."""
    return attached.led_home(document, attached.of([incident.id]).get(incident.id, ()), name)


def _attach(incident: Incident, stored: Stored) -> None:
    """Note what the links of the incident's text lead to that came beside the file."""
    if not stored.attached:
        return
    written = {links.key(target) for target in links.targets(parser.write(rows.to_document(incident)))}
    for link, number in stored.attached.items():
        row = session().get(Attachment, number)
        if link in written and row is not None:
            attachments.use(incident, link, row)


def _close_conflict(incident: Incident, name: str, actor: Actor) -> None:
    """If the file comes in, nobody has to decide between it and what is here; else this is undone."""
    waiting = review_queries.open_conflict(incident.id, name)
    if waiting is not None:
        reviews.close(waiting, "settled", actor=actor)


def _known(document: Document, name: str, slug: str, identity: str) -> Incident | None:
    """The incident whose items the file names, else that of its earlier import, else the one with its slug.

    What came from another place under the same name is another's.

    By its slug alone no file means a demo incident, nor one that came from another file, unless it says the
    same: a report of the same day and title is another incident.
    """
    wanted = _owning(document) or slug
    if wanted:
        found = _if_there(wanted)
        return None if found is not None and _is_of_another(found, identity) else found
    found = _if_there(
        incidents_slugs.slug_for(document.title, timeline_times.incident_date(document, name), name)
    )
    if found is None:
        return None
    source = source_queries.source_of(found)
    is_another = found.is_demo or (source is not None and not _is_same_file(name, source.name, found.slug))
    if _is_of_another(found, identity):
        return None
    if is_another and rows.to_document(found) != guard_remarks.bare(parser.normal(document)):
        return None
    return found


def _is_of_another(incident: Incident, identity: str) -> bool:
    """Whether an incident came from another report of the source that this one comes from."""
    source = source_queries.source_of(incident)
    return bool(identity and source is not None and source.identity and source.identity != identity)


def _is_same_file(name: str, other: str, slug: str) -> bool:
    """Whether two names may be one file's: seen from two folders, or named as an export names it."""
    if name == f"{slug}.md":
        return True
    one, two = PurePosixPath(name).parts[::-1], PurePosixPath(other).parts[::-1]
    return all(part == its for part, its in zip(one, two, strict=False))


def _owning(document: Document) -> str:
    """The slug of the one incident whose items the document names by id; "" for none or several."""
    numbers = [number for item in document.items if (number := item_numbers.number_of(item.id)) is not None]
    if not numbers:
        return ""
    owners = select(Incident.slug).join(ActionItem, ActionItem.incident_id == Incident.id)
    slugs = list(session().scalars(owners.where(ActionItem.number.in_(numbers)).distinct().limit(2)))
    return slugs[0] if len(slugs) == 1 else ""


def _if_there(slug: str) -> Incident | None:
    # Most that come in are new, and a look without what is hidden from whom takes longer to say so.
    if not NAMED.rows({"slug": slug}):
        return None
    is_seen = session().scalar(select(Incident.id).where(Incident.slug == slug)) is not None
    return queries.for_saving(slug) if is_seen else None


def _merged(document: Document, incident: Incident, source: Source | None, based_on: int) -> Document:
    """The file's edit brought together with what was edited here since the version it is based on."""
    stored = rows.to_document(incident)
    base = parser.parse(queries.revision(incident, based_on).text, is_stored=True)
    mine = parser.normal(document)
    if source is not None:
        # What the file said before is the base, with the ids that its items have got here.
        filled = ImportDefaults(source.service, source.timezone)
        then = filled.into(
            readers_registry.read(source.name, source.content, as_format=source.format, is_stored=True)
        )
        # Whom it is shown to is decided here: no file lifts that.
        then = kept_private(then, source.format, document.restricted) if document.restricted else then
        then = _led_home(parser.normal(then, is_stored=True), incident, source.name)
        base = with_ids(item_ids.recognised(then, base), stored)
        mine = with_ids(mine, base)
    elif incident.version == based_on:
        return emptied_fields.merged(document, item_ids.recognised(base, stored), mine, stored)
    mine = item_ids.recognised(mine, base)
    texts = [parser.write(guard_remarks.bare(each)) for each in (base, mine, stored)]
    text = three_way_merge.merged(texts[0], texts[1], texts[2])
    if text is None:
        raise Stale(
            f"{incident.slug} was edited here too, in the same lines; export it and bring your edit in there",
            version=incident.version,
            mine=texts[1],
            theirs=texts[2],
            slug=incident.slug,
            merged=three_way_merge.merged(texts[0], texts[1], texts[2], leans="theirs") or texts[2],
        )
    return emptied_fields.merged(parser.parse(text), base, mine, stored)


NEWS_FOR = timedelta(days=30)


def keep_quiet(incident: Incident, document: Document, name: str, *, since: int) -> None:
    """Let nobody be told that an old report, or one without a date, came in: of what is recorded `since`."""
    day = timeline_times.incident_date(document, name)
    if day is not None and day >= (clock.now() - NEWS_FOR).date():
        return
    items = [("item", item.id) for item in rows.to_document(incident).items]
    its_own = [("incident", incident.slug), ("import", name[-audit.LONGEST_SUBJECT :]), *items]
    audit.tell_nobody(its_own, since=since)
