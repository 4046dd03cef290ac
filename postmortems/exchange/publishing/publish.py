"""Publishes an incident: creates its page, brings it up to date, and stops where somebody else wrote there.

What is told to an outlet is what everybody may read: a restricted incident and a draft are never published.
The calls are made outside any unit of work; what came of them is kept in one of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from postmortems import clock, visibility
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import by_key, session
from postmortems.document import unwritten
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.egress.client import Egress, NoSecret, Refused, Unreachable
from postmortems.errors import Conflict, NotFound, OutOfReach, Unavailable
from postmortems.exchange.exports import attached, guard_annotations
from postmortems.exchange.publishing import outlets, pictures
from postmortems.exchange.publishing.kind import Draft, Kind, Page, Picture
from postmortems.exchange.publishing.kinds import KINDS
from postmortems.exchange.publishing.models import CHANGED, CURRENT, FAILED, GONE, Outlet, Publication
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.attachments import links
from postmortems.trackers import wire
from postmortems.trackers.wire import Failed, Host
from postmortems.vault.runtime import Runtime

PUBLISH = "incident.save"
CONFLICT = 409
MOST = 100
# The version that Confluence gives to a page which nobody has edited yet.
FIRST = "1"
# Confluence and GitLab take 255 letters, GitHub one more.
LONGEST_TITLE = 255
UNENDED = "the last try did not end, and what came of it is not known: publish it again"
# What one try takes at most: a few calls, each with its time limit.
LONGEST = timedelta(minutes=2)
# A longer wait than this is told in words.
MOST_WAIT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be published where, and how the page was when we wrote it last; no rows of the database."""

    outlet_id: int
    outlet: str
    incident_id: int
    slug: str
    revision: int
    kind: Kind
    host: Host
    draft: Draft
    key: str
    version: str
    digest: str
    # The digest of what we sent then.
    sent: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: the page where it was written, else how it stands and why, also for operators.

    A page that was created and did not get all its pictures has failed, and is there all the same.
    """

    standing: str
    page: Page | None = None
    trouble: str = ""
    detail: str = ""


def publish(
    slug: str, outlet: str, *, actor: Actor, runtime: Runtime, overwrite: bool = False, anew: bool = False
) -> int:
    """Publish an incident at the outlet of that name; the id of its publication. Outside any unit of work.

    Raises `Conflict` where somebody changed the page since, unless it may `overwrite` that, or where the page
    is gone, unless it shall be created `anew`, where the incident is a draft, or is being published there by
    somebody else; `NotFound` where it is restricted; `OutOfReach` where the outlet does not answer as it
    should. However it ends, it is kept with the publication.
    """
    permissions.require(actor, PUBLISH)
    # With the service's eyes: what is restricted is not there for them, whoever asks.
    with visibility.seen_by(visibility.NOBODY), db.transaction():
        errand = _errand(slug, outlet, actor=actor, runtime=runtime)
        _begin(errand, actor=actor)
    outcome = _done(errand, runtime.egress, overwrite=overwrite, anew=anew)
    with db.transaction():
        number = _keep(errand, outcome, actor=actor)
    if outcome.standing in (CHANGED, GONE):
        raise Conflict(outcome.trouble)
    if outcome.standing == FAILED:
        # Whoever gives commands on the server is an operator: they are told what is private, too.
        is_operator = actor.kind == "system"
        raise OutOfReach(outcome.detail if is_operator and outcome.detail else outcome.trouble)
    return number


def _errand(slug: str, outlet_name: str, *, actor: Actor, runtime: Runtime) -> Errand:
    outlet = outlets.named(outlet_name)
    try:
        incident = incidents.by_slug(slug, actor)
    except NotFound:
        raise NotFound(
            f"there is no incident {slug} to publish; what is restricted is never published"
        ) from None
    if incident.status != "published":
        raise Conflict(f"{slug} is a draft: publish it here first, then elsewhere")
    document = guard_annotations.annotated(unwritten.left_out(rows.to_document(incident)))
    kind, known = KINDS[outlet.kind], _known(outlet.id, incident.id)
    shown = pictures.of(incident.id, parser.write(document)) if kind.attach else ()
    where = _addresses(document, incident.id, runtime.settings.url)
    document = attached.moved(document, where | pictures.addresses(shown))
    source = f"{runtime.settings.url}/incidents/{slug}"
    return Errand(
        outlet_id=outlet.id,
        outlet=outlet.name,
        incident_id=incident.id,
        slug=slug,
        revision=incident.version,
        kind=kind,
        host=_host(outlet, runtime),
        draft=Draft(_title(document.title or slug), kind.write(document, source), source),
        key=known.key if known else "",
        version=known.version if known else "",
        digest=known.digest if known else "",
        sent=known.sent if known else "",
        pictures=shown,
    )


def _addresses(document: Document, incident_id: int, url: str) -> dict[str, str]:
    """By the links of a text, where its attached files are: they stay here, and the page leads to them."""
    ours = {links.key(found[0]): f"{url}{found[0]}" for found in links.OURS.finditer(parser.write(document))}
    used = attached.of([incident_id]).get(incident_id, [])
    return ours | {one.link: f"{url}{links.address(one.number, one.name)}" for one in used}


def _title(whole: str) -> str:
    """A title as long as each system takes one; where it is longer, its beginning."""
    return whole if len(whole) <= LONGEST_TITLE else f"{whole[: LONGEST_TITLE - 1].rstrip()}…"


def _host(outlet: Outlet, runtime: Runtime) -> Host:
    try:
        return outlets.host(outlet, runtime.vault)
    except NoSecret as lost:
        raise Conflict(str(lost)) from None


def _known(outlet_id: int, incident_id: int) -> Publication | None:
    its = select(Publication).where(
        Publication.outlet_id == outlet_id, Publication.incident_id == incident_id
    )
    return session().scalar(its.with_for_update())


def _begin(errand: Errand, *, actor: Actor) -> None:
    """Note that it is tried, and how a page would look whose creation is never answered.

    Of two who press at once one goes on: both would create a page. A process that dies leaves this note.
    """
    row, now = _known(errand.outlet_id, errand.incident_id), clock.now()
    if row is None:
        row = Publication(outlet_id=errand.outlet_id, incident_id=errand.incident_id, standing=FAILED)
        row.key = ""
        session().add(row)
    elif row.trouble == UNENDED and row.at > now - LONGEST:
        raise Conflict(f"{row.by} is publishing {errand.slug} at {errand.outlet} now: look again in a minute")
    if not row.key:
        row.digest = errand.draft.digest
    row.trouble, row.by, row.at = UNENDED, actor.name, now
    session().flush()


def _done(errand: Errand, egress: Egress, *, overwrite: bool, anew: bool) -> Outcome:
    try:
        if not errand.key:
            return _created(errand, egress, overwrite=overwrite)
        page = errand.kind.read(errand.host, errand.key, egress)
        if not errand.version and (page is None or _is_of_others(errand, page)):
            # The outlet was moved, and what it has by that key is not ours.
            return _created(errand, egress, overwrite=False)
        if page is None:
            if anew:
                return _created(errand, egress, overwrite=overwrite)
            return Outcome(
                GONE, None, f"the page of {errand.slug} at {errand.outlet} is gone: publish it again"
            )
        if _is_changed(errand, page) and not overwrite:
            return Outcome(CHANGED, page, _changed(errand, page))
        return _updated(errand, page, egress, overwrite=overwrite)
    except Failed as failed:
        return Outcome(FAILED, None, _failed(failed))
    except Unavailable as failed:
        return Outcome(FAILED, None, str(failed))
    except (Refused, Unreachable) as failed:
        told = f"{errand.outlet} cannot be reached: "
        return Outcome(FAILED, None, f"{told}{failed}", f"{told}{failed.detail}")


def _failed(failed: Failed) -> str:
    """What the outlet said, and from when on it may be asked again where it said that too."""
    now = clock.now()
    seconds = wire.asked_wait_s(failed, now)
    if seconds is None:
        return failed.told
    if seconds > MOST_WAIT.total_seconds():
        return f"{failed.told}; it asks to wait for more than a day"
    until = now + timedelta(seconds=math.ceil(seconds))
    return f"{failed.told}; it asks to wait: publish again after {until:%Y-%m-%d %H:%M:%S} UTC"


def _is_changed(errand: Errand, page: Page) -> bool:
    """Whether somebody else's words are in the page; a version of the same words overwrites nothing."""
    return page.version != errand.version and page.digest != errand.digest


def _is_of_others(errand: Errand, page: Page) -> bool:
    return page.digest != errand.digest and errand.draft.source not in page.body


def _changed(errand: Errand, page: Page) -> str:
    versions = f"version {page.version}, ours was {errand.version or 'none'}"
    return (
        f"somebody changed the page of {errand.slug} at {errand.outlet} ({versions}): look at "
        f"{page.url or page.key}, take over what is worth it, then overwrite it"
    )


def _updated(errand: Errand, page: Page, egress: Egress, *, overwrite: bool) -> Outcome:
    """The page anew, unless it says the same. Its pictures come first; what it has no more goes last."""
    _attach(errand, page.key, egress, overwrite=overwrite)
    try:
        is_there = _says_the_same(errand, page)
        written = page if is_there else errand.kind.update(errand.host, page, errand.draft, egress)
    except Failed as failed:
        if failed.status != CONFLICT:
            raise
        # Somebody saved it between our reading and our writing.
        return Outcome(CHANGED, page, _changed(errand, page))
    try:
        if errand.kind.remove_others:
            errand.kind.remove_others(errand.host, written.key, errand.pictures, egress)
    except Failed as failed:
        told = f"the page is up to date, but pictures it no longer has are still attached: {_failed(failed)}"
        return Outcome(FAILED, written, told)
    return Outcome(CURRENT, written)


def _says_the_same(errand: Errand, page: Page) -> bool:
    """Whether the page has the words that we would send: one more version of them would say nothing new.

    A system that keeps what it is given in other words has those that came of it when we sent the same.
    """
    if page.digest == errand.draft.digest:
        return True
    return errand.sent == errand.draft.digest and page.digest == errand.digest


def _attach(errand: Errand, page: str, egress: Egress, *, overwrite: bool) -> None:
    if errand.kind.attach:
        shown = errand.pictures
        errand.kind.attach(errand.host, page, shown, pictures.content, egress, overwrite=overwrite)


def _created(errand: Errand, egress: Egress, *, overwrite: bool) -> Outcome:
    """A new page; the one that a creation left whose answer never came is known by its words for us."""
    there = errand.kind.named(errand.host, errand.draft, egress)
    if there is None:
        made = errand.kind.create(errand.host, errand.draft, egress)
        try:
            _attach(errand, made.key, egress, overwrite=overwrite)
        except (Failed, Refused, Unreachable, Unavailable) as failed:
            why = _failed(failed) if isinstance(failed, Failed) else str(failed)
            return Outcome(FAILED, made, f"the page is there, without all its pictures: {why}")
        return Outcome(CURRENT, made)
    is_ours = errand.draft.source in there.body
    if overwrite or (is_ours and _is_as_written(errand, there)):
        return _updated(errand, there, egress, overwrite=overwrite)
    if is_ours:
        return Outcome(CHANGED, there, _changed(errand, there))
    where = there.url or there.key
    return Outcome(
        CHANGED,
        None,
        f"{errand.outlet} has a page of this title already, {where}: rename one, or overwrite it",
    )


def _is_as_written(errand: Errand, page: Page) -> bool:
    """Whether nobody changed a page whose creation was never answered: what was sent is what is there."""
    return page.version == FIRST or page.digest in {errand.digest, errand.draft.digest}


def _keep(errand: Errand, outcome: Outcome, *, actor: Actor) -> int:
    row = _known(errand.outlet_id, errand.incident_id)
    if row is None:
        row = Publication(outlet_id=errand.outlet_id, incident_id=errand.incident_id, key="")
        session().add(row)
    row.standing, row.trouble, row.by, row.at = outcome.standing, outcome.trouble, actor.name, clock.now()
    if outcome.page is not None and outcome.standing in (CURRENT, FAILED):
        page = outcome.page
        row.key, row.url, row.version, row.digest = page.key, page.url, page.version, page.digest
        row.sent, row.revision = errand.draft.digest, errand.revision
    session().flush()
    told = {"outlet": errand.outlet, "standing": outcome.standing, "page": row.url or row.key}
    audit.record(actor, "incident.published_at", "incident", errand.slug, **told)
    return row.id


def listing(before: int = 0, limit: int = MOST) -> list[Publication]:
    """The publications, the newest first, of incidents that whoever looks may see."""
    rows = select(Publication).join(Publication.incident).order_by(Publication.id.desc()).limit(limit)
    return list(session().scalars(rows.where(Publication.id < before) if before else rows))


def of_incident(incident_id: int) -> list[Publication]:
    """Where an incident is published."""
    rows = select(Publication).where(Publication.incident_id == incident_id).order_by(Publication.id)
    return list(session().scalars(rows))


def one(number: int) -> Publication:
    """The publication of that id. Raises `NotFound`."""
    return by_key(Publication, number, "there is no such publication")
