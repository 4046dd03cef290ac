"""Queries of public reports: of an incident for who works on it, and what anybody may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, exists, or_, select, tuple_

from postmortems.accounts import permissions
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.document.model import Document
from postmortems.errors import NotFound
from postmortems.incidents import rows
from postmortems.incidents.attachments.models import USES, Attachment
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import Admitted, Incident
from postmortems.incidents.public_reports import drawn, rules
from postmortems.incidents.public_reports.models import PublicReport
from postmortems.incidents.public_reports.redaction import Known
from postmortems.incidents.public_reports.rules import PublicSection, PublicText, Shown
from postmortems.incidents.public_reports.surroundings import Surroundings

# The tables themselves: what is public is so whoever looks, and no condition of theirs is put to it.
REPORTS, INCIDENTS, ADMITTED = PublicReport.__table__, Incident.__table__, Admitted.__table__
PAGE_ROWS, FEED_ENTRIES, MOST_EXPORTED = 50, 50, 10_000
MOST_WAITING = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """A public report as it is worked on: its text, what that would show, and what of it is new."""

    report: PublicReport
    text: PublicText
    shown: Shown
    state: str
    # The incident's version now.
    incident_version: int
    has_text_changed: bool
    has_incident_changed: bool

    @property
    def is_approved(self) -> bool:
        return self.state == "approved"


def report_of(incident: Incident) -> PublicReport | None:
    """The incident's public report."""
    return session().get(PublicReport, incident.id)


def beside(incident: Incident, actor: Actor, *, is_there: bool = True) -> dict[str, Any]:
    """What the incident's page says of its public report, to who may know of it. One query if `is_there`."""
    may_know = not incident.restricted or permissions.may(actor, "incident.restrict")
    report = report_of(incident) if may_know and is_there else None
    # Whether the words differ takes a look at all of them; that somebody saved one of the two does not.
    has_changed = report is not None and (
        incident.version != report.published_from
        or (report.published_at or report.edited_at) < report.edited_at
    )
    return {"may_know_public": may_know, "public_report": report, "public_changed": has_changed}


def to_approve(actor: Actor, limit: int = PAGE_ROWS) -> list[tuple[PublicReport, Incident]]:
    """What waits for somebody to approve it who did not work on it, and who may; the oldest first.

    Of restricted incidents only an admin does.
    """
    act = "public_report.approve"
    if not permissions.may_anywhere(actor, act):
        return []
    wanted = select(PublicReport, Incident).join(Incident, Incident.id == PublicReport.incident_id)
    wanted = wanted.where(PublicReport.asked_at.is_not(None), PublicReport.approved_digest == "")
    if not permissions.may(actor, "incident.restrict"):
        is_restricted = exists(
            select(ADMITTED.c.name).where(ADMITTED.c.incident_id == PublicReport.incident_id)
        )
        wanted = wanted.where(~is_restricted)
    rows = session().execute(wanted.order_by(PublicReport.asked_at).limit(MOST_WAITING))
    found = [(report, incident) for report, incident in rows]
    whose = team_rights.of_incidents(actor, act, {incident.id for _, incident in found})
    found = [pair for pair in found if permissions.may(actor, act, whose.get(pair[1].id, team_rights.NONE))]
    mine = [pair for pair in found if rules.is_second_person(actor.name, pair[0].editors, pair[0].asked_by)]
    return mine[:limit]


def text_of(report: PublicReport) -> PublicText:
    """What its authors wrote."""
    sections = tuple(PublicSection(**each) for each in report.sections)
    return PublicText(report.title, report.summary, sections, tuple(report.pictures))


def known(document: Document, place: Surroundings, pictures: Sequence[str]) -> Known:
    """What is internal about this incident: all accounts are, those switched off too. One query."""
    accounts = session().scalars(select(User.name))
    return Known(
        people=frozenset(accounts) | drawn.people(document),
        hosts=place.hosts,
        public_hosts=place.public_hosts,
        tickets=drawn.tickets(document),
        pictures=frozenset(pictures),
    )


def standing(incident: Incident, report: PublicReport, place: Surroundings) -> Standing:
    """How the report stands now; `incident` is whole."""
    text = text_of(report)
    internal = known(rows.to_document(incident), place, text.pictures)
    address = report.slug if report.first_published_at else ""
    shown = rules.shown(text, internal, [each["text"] for each in report.kept], address)
    is_same = _is_published(report, shown)
    state = rules.state(
        is_public=report.is_public,
        is_withdrawn=report.withdrawn_at is not None,
        is_same=is_same,
        is_asked=report.asked_at is not None,
        is_approved=bool(report.approved_digest) and report.approved_digest == shown.digest,
    )
    return Standing(
        report,
        text,
        shown,
        state,
        incident.version,
        has_text_changed=bool(report.edition) and not is_same,
        has_incident_changed=incident.version != (report.published_from or report.drawn_from),
    )


def _is_published(report: PublicReport, shown: Shown) -> bool:
    told = {name: value for name, value in report.edition.items() if name != "pictures"}
    pictures = [each["link"] for each in report.edition.get("pictures", ())]
    return told == rules.edition_of(shown.text) and pictures == list(shown.text.pictures)


def pictures_of(incident: Incident) -> list[Row[Any]]:
    """The pictures that the incident's texts have: link, id, name, size in pixels, content, and type."""
    columns = (
        USES.c.link,
        Attachment.id,
        Attachment.name,
        Attachment.sha256,
        Attachment.media_type,
        Attachment.width,
        Attachment.height,
    )
    wanted = select(*columns).join(Attachment, Attachment.id == USES.c.attachment_id)
    is_its = (USES.c.incident_id == incident.id, Attachment.media_type != "")
    return list(session().execute(wanted.where(*is_its).order_by(USES.c.link)))


def _public() -> Select[Any]:
    """What anybody may read: published as its incident is, and of a restricted one with an admin's word."""
    restricted = exists(select(ADMITTED.c.name).where(ADMITTED.c.incident_id == REPORTS.c.incident_id))
    columns = (REPORTS.c.slug, REPORTS.c.edition, REPORTS.c.published_at, REPORTS.c.first_published_at)
    return (
        select(*columns, INCIDENTS.c.occurred_on)
        .join(INCIDENTS, INCIDENTS.c.id == REPORTS.c.incident_id)
        .where(
            REPORTS.c.is_public,
            INCIDENTS.c.status == "published",
            or_(REPORTS.c.despite_restriction, ~restricted),
        )
    )


def public_report(slug: str) -> Row[Any]:
    """What is published under that name. Raises `NotFound`, alike for one that never was. One query."""
    found = session().execute(_public().where(REPORTS.c.slug == slug)).first()
    if found is None:
        raise NotFound("there is no such report")
    return found


def public_reports(after: str = "", limit: int = PAGE_ROWS) -> list[Row[Any]]:
    """What is published, newest first; `after` is the slug of the last of the page before. One query."""
    order = (REPORTS.c.first_published_at, REPORTS.c.slug)
    wanted = _public()
    if after:
        last = select(*order).where(REPORTS.c.slug == after).subquery()
        wanted = wanted.join(last, tuple_(*order) < tuple_(last.c.first_published_at, last.c.slug))
    return list(session().execute(wanted.order_by(*(each.desc() for each in order)).limit(limit)))
