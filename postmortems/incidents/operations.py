"""Saves and deletes incidents. Closing rules are the gate's: doors call `enforcement.save_incident`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy import delete as delete_rows

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import session
from postmortems.document import part_ids
from postmortems.document.markdown import parser
from postmortems.document.markdown.items import emptied_fields
from postmortems.document.model import Document
from postmortems.document.times import timeline_times
from postmortems.incidents import (
    change_summary,
    edit_merge,
    guard_remarks,
    queries,
    rows,
    search_entries,
    slugs,
    validation,
    warnings,
)
from postmortems.incidents.approvals import operations as approvals
from postmortems.incidents.attachments import operations as attachments
from postmortems.incidents.comments import part_words
from postmortems.incidents.comments import queries as comments
from postmortems.incidents.history import revisions
from postmortems.incidents.items import item_ids, item_numbers, team_rights
from postmortems.incidents.mentions import operations as mentions
from postmortems.incidents.models import Incident
from postmortems.incidents.parts import front_row, stored_parts
from postmortems.incidents.public_reports import operations as public_reports
from postmortems.incidents.restricted import restrictions
from postmortems.incidents.templates import prompts

# What is stored and what is about to be, to what is stored instead.
Completes = Callable[[Document, Document], Document]
# How many slugs are looked up at once: one, as most titles are rare, and ever more of one that is not.
FEW, MANY = 1, 1_000
NAMED = PreparedQuery(select(Incident.slug).where(Incident.slug.in_(bindparam("slugs", expanding=True))))


def save(
    slug: str | None,
    document: Document,
    *,
    version: int | None,
    actor: Actor,
    message: str = "",
    name: str = "",
    is_demo: bool = False,
    opens: bool = False,
    merges: bool = False,
    is_stored: bool = False,
    held: Incident | None = None,
    completes: Completes | None = None,
    items: Collection[str] = (),
    act: str = "incident.save",
) -> Incident:
    """Store a document: a new incident (`slug` None), or the next version of one.

    `version` was edited; None overwrites. `name` is an imported file's. `opens`: that `restricted` names
    nobody is meant. `merges`: others' edits of other parts since `version` stay. `is_stored`: its size is not
    asked. `held` is from `queries.for_saving`. `completes` adds what can be worked out. `items` are all it
    edits: who may edit these, or do `act`, may save it. Raises `Invalid`, `Stale` with both texts.
    """
    permissions.require_anywhere(actor, act)
    if slug is None:
        normal = _begun(document, actor, name, opens=opens, is_stored=is_stored)
        return _create(normal, completes, actor=actor, message=message, name=name, is_demo=is_demo)
    incident = held or queries.for_saving(slug)
    confined, before = team_rights.confined(actor, incident, items, act), rows.to_document(incident)
    document, normal = _normal(document, before, name, is_stored=is_stored)
    if merges and version not in (None, incident.version) and normal != before:
        document = normal = edit_merge.brought_together(incident, document, version or 0)
        version = incident.version
    normal = restrictions.applied(normal, before, actor, opens=opens, created_by=incident.created_by)
    after = _recognised(before, document, normal, confined)
    if after != before:
        _refuse_stale(version, incident, document)
        _store_next(incident, before, after, completes, actor=actor, message=message, name=name)
    return incident


def _begun(document: Document, actor: Actor, name: str, *, opens: bool, is_stored: bool) -> Document:
    """The document of a new incident as it is kept, where the actor may begin one about its services."""
    _, normal = _normal(document, None, name, is_stored=is_stored)
    team_rights.require_new(actor, "incident.save", normal.services)
    return restrictions.applied(normal, Document(), actor, opens=opens)


def _normal(
    document: Document, before: Document | None, name: str, *, is_stored: bool
) -> tuple[Document, Document]:
    """What was sent, and as it is kept."""
    # A file keeps what stands in it; what is written here sheds what a template asked.
    document = document if name else prompts.without(document)
    validation.refuse(document)
    normal = guard_remarks.bare(parser.normal(document, like=before, is_stored=is_stored))
    if normal == document:
        return document, document
    if before is not None:
        normal = emptied_fields.kept(normal, document, before)
    # An item's text may end in what reads as its fields, its id among them.
    validation.refuse(normal)
    return document, part_ids.recognised(normal, document)


def _recognised(
    before: Document, document: Document, normal: Document, confined: Collection[str]
) -> Document:
    """What is to be kept, with the ids of what was there before. Of a save that is `confined`, no more."""
    item_ids.refuse_strangers(before, document, normal)
    after = part_ids.recognised(item_ids.recognised(normal, before), before)
    team_rights.refuse_beyond(confined, before, after)
    return after


def _store_next(
    incident: Incident,
    before: Document,
    after: Document,
    completes: Completes | None,
    *,
    actor: Actor,
    message: str,
    name: str,
) -> None:
    after = _completed(before, after, completes)
    item_ids.refuse_guarded_loss(after, before)
    was_published = incident.status == "published"
    if rows.status_after(incident, after, name) == "published":
        if not was_published:
            approvals.refuse_unapproved((before.severity, after.severity), after, incident)
        elif after.severity != before.severity:
            # Else it would be published as what asks for less, and named what it is afterwards.
            approvals.refuse_unapproved((after.severity,), after, incident)
    after = part_ids.given(_recalled(incident, after))
    _store(incident, before, after, clock.now(), actor=actor, message=message, name=name)
    _record_save(incident, before, after, was_published, actor=actor, message=message)


def _recalled(incident: Incident, document: Document) -> Document:
    """A part that comes back, out of the history or by hand, is the one that was commented on."""
    ids = {part.id for _, part in part_ids.placed(document)}
    return part_words.recalled(document, comments.remembered(incident, ids)) if "" in ids else document


def _refuse_stale(version: int | None, incident: Incident, mine: Document) -> None:
    if version is not None and version != incident.version:
        raise edit_merge.stale(incident, mine, version)


def delete(slug: str, *, actor: Actor) -> None:
    """Take away an incident with its revisions and action items; the event stream keeps what they said."""
    permissions.require_anywhere(actor, "incident.delete")
    incident = queries.for_saving(slug)
    team_rights.require(actor, "incident.delete", incident)
    document = rows.to_document(incident)
    _record_items(change_summary.item_events(document, Document()), slug, actor)
    audit.record(
        actor, "incident.deleted", "incident", slug, title=document.title, text=parser.write(document)
    )
    if incident.restricted:
        restrictions.seal(incident)
    public_reports.withdraw_with(incident, "the incident was deleted", actor=actor)
    attachments.let_go(incident)
    session().execute(delete_rows(Incident).where(Incident.id == incident.id))
    session().expunge(incident)


def _create(
    document: Document, completes: Completes | None, *, actor: Actor, message: str, name: str, is_demo: bool
) -> Incident:
    now = clock.now()
    # A file's report was published where it stood.
    is_own = not (name or is_demo or actor.kind == "system")
    if is_own and rows.status_after(None, document, name) == "published":
        approvals.refuse_unapproved((document.severity,), document, None)
    document = _completed(Document(), _claimed(document, name), completes)
    # Ids that came in with it are another's, or were made up.
    document = part_ids.given(part_ids.recognised(document))
    slug = _free_slug(document, name)
    incident = Incident(slug=slug, is_demo=is_demo, created_by=actor.name, created_at=now)
    _store(incident, Document(), document, now, actor=actor, message=message, name=name)
    data = {"title": document.title, "version": 1, "items": [item.id for item in document.items]}
    happened = [("incident.created", slug, data), *_restricting(Document(), document, slug)]
    if incident.status == "published":
        happened.append(("incident.published", slug, {"version": 1}))
    audit.record_all(actor, "incident", happened)
    return incident


def _claimed(document: Document, name: str) -> Document:
    """The document of a new incident, if its items' ids may come in with it."""
    # Whoever holds the numbers, or takes some, is alone in choosing a slug, too.
    if not document.items or any(item.id for item in document.items):
        item_numbers.hold()
    return item_ids.claimed(document, is_import=bool(name))


def _completed(before: Document, after: Document, completes: Completes | None) -> Document:
    after = item_ids.given(after)
    return completes(before, after) if completes else after


def _free_slug(document: Document, name: str) -> str:
    wanted = slugs.slug_for(document.title, timeline_times.incident_date(document, name), name)
    if document.restricted:
        # Whoever happens upon the same title must not learn from a number that somebody has it already.
        wanted = f"{wanted}-{secrets.token_hex(3)}"
    return _unused(wanted)


def _unused(wanted: str) -> str:
    """The slug, with the first free number behind it where others have it; also others that are hidden."""
    first, count = 1, FEW
    while True:
        named = slugs.numbered(wanted, first, count)
        taken = {row.slug for row in NAMED.rows({"slugs": named})}
        if free := [one for one in named if one not in taken]:
            return free[0]
        first, count = first + count, min(count * 4, MANY)


def _store(
    incident: Incident,
    before: Document,
    after: Document,
    now: datetime,
    *,
    actor: Actor,
    message: str,
    name: str,
) -> None:
    version = (incident.version or 0) + 1
    stored = stored_parts.sections(incident) if version > 1 else []
    # The version moves each time that the incident's own row is written: once, with all that it says.
    with session().no_autoflush:
        if version == 1:
            incident.saved_at = now
        rows.apply(incident, after, now=now, by=actor.name, name=name)
        if version > 1:
            # An edit may touch entries or items alone.
            front_row.move_on(incident, now)
        text = revisions.add(
            incident, before, after, version=version, at=now, author=actor.name, message=message
        )
    stored_parts.remember(incident, after)
    attachments.note_uses(incident, text, actor)
    is_file, is_new = bool(name) or incident.is_demo, version == 1
    # What is odd about a file that comes in, its import says, by the file's own lines.
    if not (is_new and name and not incident.is_demo):
        warnings.restate(incident, after, text, name)
    if is_new:
        search_entries.touch(incident, search_entries.known_new(incident, after))
    else:
        items = [
            search_entries.KnownItem(row, bool(guards)) for section in stored for row, guards in section.items
        ]
        known = search_entries.Known(incident.version, after, items)
        has_others = is_file or _items_are_found_anew(before, after, incident)
        search_entries.touch(incident, None if has_others else known)
    mentions.follow_document(incident, before, after, actor=actor, is_file=is_file)


def _items_are_found_anew(before: Document, after: Document, incident: Incident) -> bool:
    """Whether search finds an item by another text than before: its own, or what its incident gives it."""
    is_front_same = replace(before, sections=()) == replace(after, sections=())
    return not is_front_same or stored_parts.has_written_items(incident)


def _record_save(
    incident: Incident, before: Document, after: Document, was_published: bool, *, actor: Actor, message: str
) -> None:
    changes = change_summary.item_events(before, after)
    _record_items(changes, incident.slug, actor, version=incident.version)
    data = {"version": incident.version, "changed": change_summary.parts(before, after), "message": message}
    audit.record(actor, "incident.saved", "incident", incident.slug, **data)
    _record_restriction(incident, before, after, actor)
    if was_published and incident.status != "published":
        public_reports.withdraw_with(incident, "the incident was re-opened", actor=actor)
    if incident.status == "published" and not was_published:
        approvals.end(incident)
        audit.record(actor, "incident.published", "incident", incident.slug, version=incident.version)


def _record_restriction(incident: Incident, before: Document, after: Document, actor: Actor) -> None:
    audit.record_all(actor, "incident", list(_restricting(before, after, incident.slug)))
    if restrictions.admitted(after.restricted) and not restrictions.admitted(before.restricted):
        public_reports.withdraw_with(incident, "the incident was restricted", actor=actor)


def _restricting(before: Document, after: Document, slug: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Restricting, and opening to all, are acts of their own: who did it stays in the audit log."""
    was, now = restrictions.admitted(before.restricted), restrictions.admitted(after.restricted)
    if was != now:
        verb = "incident.restricted" if now else "incident.opened_to_all"
        yield verb, slug, {"added": sorted(now - was), "taken_off": sorted(was - now)}


def _record_items(events: Iterable[change_summary.ItemEvent], slug: str, actor: Actor, **more: int) -> None:
    told = [(verb, ref, {"incident": slug, **more, **data}) for verb, ref, data in events]
    audit.record_all(actor, "item", told)
