"""Adds and removes attachments, and notes which incidents use them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from urllib.parse import quote

from sqlalchemy import delete, select, update

from postmortems import clock, limits, search_words, visibility
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, TooMany
from postmortems.incidents.attachments import file_store, links, queries
from postmortems.incidents.attachments.image_process import Checked
from postmortems.incidents.attachments.models import USES, Attachment, AttachmentUse
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import Incident, Revision
from postmortems.visibility import Viewer

# How many uploads without a document one person may have.
MOST_UNUSED = 200
# What the incident of a use says, as it stands now.
NEWEST_TEXT = (
    select(Revision.text)
    .where(Revision.incident_id == USES.c.incident_id)
    .order_by(Revision.version.desc())
    .limit(1)
    .scalar_subquery()
)


def refuse_size(size: int, name: str) -> None:
    """Raise `Invalid` for a file that is larger than one may be."""
    most = db.files().largest
    if not most:
        raise Invalid("this server takes no files; POSTMORTEMS_FILE_MB is 0", "/file")
    if size > most:
        raise Invalid(
            f"{name or 'the file'} is larger than {limits.in_mb(most)}, the most for one; make it smaller",
            "/file",
        )


def add(
    checked: Checked, *, actor: Actor, incident: Incident | None = None, is_import: bool = False
) -> Attachment:
    """Store a file that was checked; the one that is there already, where the actor or incident has it.

    `incident` is the one that it is meant for, which may have only so much. An import brings as many as it
    has. Raises `Invalid`, `TooMany`, `Unavailable`.
    """
    # Nobody else sees it before a text has it, and whoever saves that is asked whether they may.
    permissions.require_anywhere(actor, "incident.save")
    _refuse_full(checked, actor, incident, is_import=is_import)
    digest = file_store.put(checked.content)
    known = _known(digest, checked.name, actor, incident)
    if known is not None:
        return known
    row = Attachment(
        id=secrets.token_urlsafe(16),
        sha256=digest,
        name=checked.name,
        media_type=checked.media_type,
        size=len(checked.content),
        width=checked.width,
        height=checked.height,
        created_by=actor.name,
        created_at=clock.now(),
    )
    session().add(row)
    session().flush()
    # Its name stays out of what everybody may read: it may be of a restricted incident.
    audit.record(actor, "attachment.added", "attachment", row.id, type=row.media_type, size=row.size)
    return row


def _refuse_full(checked: Checked, actor: Actor, incident: Incident | None, *, is_import: bool) -> None:
    most, waiting = db.files().per_incident, queries.unused_size(actor)
    if not is_import and len(queries.own_unused(actor, MOST_UNUSED)) >= MOST_UNUSED:
        raise TooMany(
            f"{MOST_UNUSED} of your files are in no saved document; save it, or remove some", retry_after_s=60
        )
    used = queries.size_of(incident) if incident else 0
    if used + waiting + len(checked.content) > most:
        whose = "this incident's files and those you have not saved yet" if incident else "your unsaved files"
        raise Invalid(
            f"{checked.name} is too much: {whose} would be more than {limits.in_mb(most)}; remove some",
            "/file",
        )


def _known(digest: str, name: str, actor: Actor, incident: Incident | None) -> Attachment | None:
    """The same content under the same name, unsaved by this actor or used by this incident."""
    same = queries.shown().where(Attachment.sha256 == digest, Attachment.name == name)
    if incident is not None:
        used = select(USES.c.attachment_id).where(USES.c.incident_id == incident.id)
        if found := session().scalars(same.where(Attachment.id.in_(used))).first():
            return found
    mine = same.where(Attachment.created_by == actor.name, ~queries.IS_USED)
    return session().scalars(mine).first()


def note_uses(incident: Incident, text: str, actor: Actor) -> None:
    """Note which attachments a text that is being saved links to: from here on they are the incident's, too.

    Only what its author may see: nobody brings to light by its id what is hidden from them. What an older
    text has stays noted, for it can be read and restored.
    """
    found = links.ids(text)
    if not found:
        return
    noted = set(session().scalars(select(USES.c.link).where(USES.c.incident_id == incident.id)))
    missing = {number for number in found if f"{links.PATH}{number}" not in noted}
    if not missing:
        return
    with visibility.seen_by(Viewer(actor.name)):
        visible = list(session().scalars(queries.shown().where(Attachment.id.in_(missing))))
    for row in visible:
        _use(incident, f"{links.PATH}{row.id}", row)
    session().flush()
    if visible:
        _refuse_too_much(incident)


def _refuse_too_much(incident: Incident) -> None:
    if queries.size_of(incident) > db.files().per_incident:
        most = limits.in_mb(db.files().per_incident)
        raise Invalid(f"its pictures and files are more than {most} together; take some out of the text")


def use(incident: Incident, link: str, attachment: Attachment) -> None:
    """Note that the incident's text has this link of its author's, and what it leads to from here on."""
    row = session().get(AttachmentUse, (incident.id, link))
    if row is None:
        _use(incident, link, attachment)
    elif session().get_one(Attachment, row.attachment_id).sha256 != attachment.sha256:
        row.attachment_id = attachment.id
    elif row.attachment_id != attachment.id:
        # The same again.
        session().delete(attachment)
    session().flush()
    _refuse_too_much(incident)


def _use(incident: Incident, link: str, attachment: Attachment) -> None:
    session().add(AttachmentUse(incident_id=incident.id, link=link, attachment_id=attachment.id))


def remove(number: str, *, actor: Actor) -> None:
    """Delete an attachment for good, from older versions too. Raises `NotFound`, `Conflict` while used."""
    permissions.require_anywhere(actor, "incident.save")
    row = queries.one(number, actor, is_held=True)
    _refuse_others(row, actor)
    if _is_in_text(row):
        raise Conflict("the text of an incident has it; take it out there and save, then remove the file")
    audit.record(actor, "attachment.removed", "attachment", row.id, type=row.media_type, size=row.size)
    session().execute(delete(AttachmentUse).where(AttachmentUse.attachment_id == row.id))
    session().delete(row)
    session().flush()
    file_store.drop(row.sha256)


def _refuse_others(row: Attachment, actor: Actor) -> None:
    """Raise `NotAllowed` where an incident has the file, or had it, in which the actor may not write."""
    act = "incident.save"
    if not permissions.depends(actor, act):
        permissions.require(actor, act)
        return
    uses = {
        use.incident_id for use in db.rows(select(USES.c.incident_id).where(USES.c.attachment_id == row.id))
    }
    if not uses and row.created_by != actor.name:
        permissions.require(actor, act)
    whose = team_rights.of_incidents(actor, act, uses)
    for incident_id in uses:
        permissions.require(actor, act, whose.get(incident_id, team_rights.NONE))


def _is_in_text(row: Attachment) -> bool:
    """Whether an incident's text, as it stands now, has a link to it; any incident's, whoever asks."""
    with visibility.seen_by(visibility.EVERYTHING):
        uses = session().execute(select(USES.c.link, NEWEST_TEXT).where(USES.c.attachment_id == row.id))
        return any(
            search_words.fold(written) in search_words.fold(text)
            for link, text in uses
            for written in (link, quote(link))
        )


def let_go(incident: Incident) -> None:
    """An incident is being deleted: what only it uses is shown to nobody, and removed in time."""
    others = select(USES.c.attachment_id).where(USES.c.incident_id != incident.id)
    its = select(USES.c.attachment_id).where(USES.c.incident_id == incident.id)
    alone = update(Attachment).where(Attachment.id.in_(its), Attachment.id.not_in(others))
    session().execute(alone.values(created_by="").execution_options(synchronize_session=False))


def forget_unused(now: datetime, keep_days: int) -> int:
    """Remove what no saved document has after so many days (0: never), and contents that nobody has."""
    count = 0
    if keep_days:
        with db.transaction():
            old = select(Attachment.id).where(
                ~queries.IS_USED, Attachment.created_at < now - timedelta(days=keep_days)
            )
            gone = delete(Attachment).where(Attachment.id.in_(old))
            result = session().execute(gone.execution_options(synchronize_session=False))
            count = int(getattr(result, "rowcount", 0))
    return count + file_store.sweep(now)
