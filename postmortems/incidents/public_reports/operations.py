"""Writes, approves, publishes and withdraws public reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from postmortems import clock, visibility
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, Problem, Unavailable
from postmortems.incidents import queries as incidents
from postmortems.incidents import slugs
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import Incident
from postmortems.incidents.public_reports import queries, redaction, rules
from postmortems.incidents.public_reports.models import PublicReport
from postmortems.incidents.public_reports.queries import Standing
from postmortems.incidents.public_reports.rules import PublicText
from postmortems.incidents.public_reports.surroundings import Surroundings

# What stands in an address for a title of which nothing is left.
NO_TITLE = "incident-report"


def require_access(incident: Incident, actor: Actor) -> None:
    """Raise `NotAllowed` for who may not know whether there is a public report of a restricted incident."""
    if incident.restricted and not permissions.may(actor, "incident.restrict"):
        raise NotAllowed("this incident is restricted: only an admin may make a public report of it")


def save(
    slug: str,
    text: PublicText,
    kept: Sequence[str],
    *,
    version: int | None,
    actor: Actor,
    place: Surroundings,
) -> PublicReport:
    """Store the public text; what is published stays what it is until it is published again.

    `kept` are texts that stay in although they would be taken out. `version` is the one that was edited, None
    where that was not said. Whoever approved it before has to approve it again. Raises `Invalid` with
    pointers, `Conflict` where somebody saved since.
    """
    permissions.require_anywhere(actor, "public_report.edit")
    incident = incidents.for_saving(slug)
    team_rights.require(actor, "public_report.edit", incident)
    require_access(incident, actor)
    _refuse_wrong(text, kept, incident)
    report = queries.report_of(incident)
    stored = report.version if report else 0
    if version is not None and version != stored:
        raise Conflict(f"version {stored} of the public report was saved since you began: look at it first")
    keeps = list(dict.fromkeys(each.strip() for each in kept if each.strip()))
    if report is None:
        report = _begun(incident)
    elif queries.text_of(report) == text and {each["text"] for each in report.kept} == set(keeps):
        return report
    added = _keep(report, keeps, actor)
    _write(report, text, incident.version, actor)
    if report.first_published_at is None:
        report.slug = _slug(incident, report, place)
    session().flush()
    audit.record(actor, "public_report.saved", "incident", slug, version=report.version, kept=added)
    return report


def _begun(incident: Incident) -> PublicReport:
    report = PublicReport(
        incident_id=incident.id, slug="", drawn_from=incident.version, edited_at=clock.now()
    )
    report.version, report.kept, report.editors, report.edition = 0, [], [], {}
    session().add(report)
    return report


def _keep(report: PublicReport, keeps: Sequence[str], actor: Actor) -> list[str]:
    """Let these texts in, and no others; those that nobody let in before."""
    known = {each["text"]: each for each in report.kept}
    new = {"by": actor.name, "at": clock.now().isoformat()}
    report.kept = [known.get(each) or {"text": each, **new} for each in keeps]
    return [each for each in keeps if each not in known]


def _write(report: PublicReport, text: PublicText, drawn_from: int, actor: Actor) -> None:
    report.title, report.summary = text.title, text.summary
    report.sections = [
        {"part": each.part, "heading": each.heading, "text": each.text} for each in text.sections
    ]
    report.pictures = list(text.pictures)
    report.drawn_from = drawn_from
    report.version += 1
    report.editors = sorted({*report.editors, actor.name})
    report.edited_by, report.edited_at = actor.name, clock.now()
    _unapproved(report)


def _unapproved(report: PublicReport) -> None:
    report.asked_by, report.asked_at = "", None
    report.approved_by, report.approved_at, report.approved_digest = "", None, ""


def _refuse_wrong(text: PublicText, kept: Sequence[str], incident: Incident) -> None:
    problems = []
    if not text.title.strip():
        problems.append(Problem("/title", "give the public report a title of its own"))
    for pointer, said, most in (
        ("/title", text.title, rules.LONGEST_TITLE),
        ("/summary", text.summary, rules.LONGEST_SUMMARY),
    ):
        if len(said) > most:
            problems.append(Problem(pointer, f"is longer than {most} characters"))
        if "\n" in said:
            problems.append(Problem(pointer, "must be one line"))
    if len(text.sections) > rules.MOST_SECTIONS:
        problems.append(Problem("/sections", f"more than {rules.MOST_SECTIONS} of them"))
    if sum(len(each.text) + len(each.heading) for each in text.sections) > rules.LONGEST_TEXT:
        problems.append(
            Problem("/sections", f"all together are longer than {rules.LONGEST_TEXT:,} characters")
        )
    for number, each in enumerate(text.sections):
        if len(each.heading) > rules.LONGEST_TITLE or "\n" in each.heading:
            told = f"must be one line of at most {rules.LONGEST_TITLE} characters"
            problems.append(Problem(f"/sections/{number}/heading", told))
    if len(kept) > rules.MOST_KEPT:
        problems.append(Problem("/kept", f"more than {rules.MOST_KEPT} of them"))
    problems += _wrong_pictures(text, incident)
    if problems:
        raise Invalid(problems)


def _wrong_pictures(text: PublicText, incident: Incident) -> list[Problem]:
    pictures = _pictures(incident, text.pictures)
    return [
        Problem(f"/pictures/{number}", "is no picture of this incident's texts")
        for number, link in enumerate(text.pictures)
        if link not in pictures
    ]


def _pictures(incident: Incident, links: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By link, what is kept of the pictures that the incident's texts have."""
    if not links:
        return {}
    # Its name would say what nobody looked at.
    return {
        row.link: {
            "link": row.link,
            "sha256": row.sha256,
            "media_type": row.media_type,
            "name": f"{row.sha256[:16]}.{row.media_type.rpartition('/')[2]}",
            "width": row.width,
            "height": row.height,
        }
        for row in queries.pictures_of(incident)
        if row.link in links
    }


def _slug(incident: Incident, report: PublicReport, place: Surroundings) -> str:
    """A readable address of the title as it is shown, told from others by a number."""
    shown = queries.standing(incident, report, place).shown.text
    title = redaction.MARK.sub(" ", shown.title)
    wanted = slugs.slug_for(title, None) if title.strip() else NO_TITLE
    wanted = f"{incident.occurred_on.isoformat()}-{wanted}"
    with session().no_autoflush:
        alike = select(queries.REPORTS.c.slug).where(
            queries.REPORTS.c.slug.startswith(wanted, autoescape=True),
            queries.REPORTS.c.incident_id != incident.id,
        )
        return slugs.unique(wanted, set(session().scalars(alike)))


def _held(slug: str, actor: Actor, act: str) -> tuple[Incident, PublicReport]:
    permissions.require_anywhere(actor, act)
    incident = incidents.for_saving(slug)
    team_rights.require(actor, act, incident)
    require_access(incident, actor)
    report = queries.report_of(incident)
    if report is None:
        raise NotFound(f"there is no public report of {slug}")
    return incident, report


def ask(slug: str, *, actor: Actor, place: Surroundings) -> PublicReport:
    """Ask for the approval of a second person. Raises `Conflict` where nothing new waits for one."""
    incident, report = _held(slug, actor, "public_report.edit")
    standing = queries.standing(incident, report, place)
    if standing.state == "published":
        raise Conflict("what is written is published already: change it first")
    _refuse_unready(standing)
    report.asked_by, report.asked_at = actor.name, clock.now()
    session().flush()
    audit.record(actor, "public_report.approval_requested", "incident", slug, version=report.version)
    return report


def _refuse_unready(standing: Standing) -> None:
    if any(each.where == rules.ADDRESS for each in standing.shown.hidden):
        raise Conflict("its address names what may not be shown: delete this public report and begin another")
    if standing.shown.hidden:
        told = ", ".join(repr(each.text) for each in standing.shown.hidden[:5])
        raise Conflict(
            f"marks in the text still spell out what may not be shown ({told}): write it otherwise"
        )
    if not any(each.text.strip() for each in standing.shown.text.sections):
        raise Conflict("choose a section and write something in it first")


def approve(slug: str, *, digest: str, actor: Actor, place: Surroundings) -> PublicReport:
    """Approve exactly what was looked at, by its `digest`, in one's own name.

    Raises `NotAllowed` for who wrote it or asked, `Conflict` where nobody asked or it would show something
    else by now.
    """
    incident, report = _held(slug, actor, "public_report.approve")
    if actor.kind not in {"person", "token"}:
        raise NotAllowed("a person approves a public report, not the service")
    if report.asked_at is None:
        raise Conflict("nobody asked for an approval of this public report yet")
    if not rules.is_second_person(actor.name, report.editors, report.asked_by):
        raise NotAllowed("you wrote this public report, or asked for its approval: somebody else approves it")
    standing = queries.standing(incident, report, place)
    if digest != standing.shown.digest:
        raise Conflict("it would show something else by now than what you looked at: look at it again")
    _refuse_unready(standing)
    report.approved_by, report.approved_at, report.approved_digest = actor.name, clock.now(), digest
    session().flush()
    audit.record(actor, "public_report.approved", "incident", slug, version=report.version)
    return report


def withdraw_approval(slug: str, *, actor: Actor) -> PublicReport:
    """Take the approval back, and the question for it. Raises `NotFound` where there is neither."""
    _, report = _held(slug, actor, "public_report.edit")
    if report.asked_at is None:
        raise NotFound("nobody asked for an approval")
    _unapproved(report)
    session().flush()
    audit.record(actor, "public_report.approval_withdrawn", "incident", slug, version=report.version)
    return report


def publish(slug: str, *, actor: Actor, place: Surroundings) -> PublicReport:
    """Show to everybody what was approved. Raises `Conflict` where that is not what would be shown now."""
    incident, report = _held(slug, actor, "public_report.edit")
    if not place.name:
        raise Unavailable("this server publishes nothing: its operator sets POSTMORTEMS_PUBLIC_NAME first")
    if incident.status != "published":
        raise Conflict("the incident's own report is a draft: publish it first")
    standing = queries.standing(incident, report, place)
    if standing.state == "published":
        raise Conflict("it is published as it is")
    if not standing.is_approved:
        told = (
            "it would show something else than what was approved"
            if report.approved_by
            else "nobody has approved it"
        )
        raise Conflict(f"{told}: ask a second person to approve it")
    _refuse_unready(standing)
    _freeze(incident, report, standing, actor, place)
    session().flush()
    audit.record(
        actor, "public_report.published", "incident", slug, public=report.slug, version=report.version
    )
    return report


def _freeze(
    incident: Incident, report: PublicReport, standing: Standing, actor: Actor, place: Surroundings
) -> None:
    now, shown = clock.now(), standing.shown.text
    if report.first_published_at is None:
        report.slug = _slug(incident, report, place)
    pictures = _pictures(incident, shown.pictures)
    report.edition = rules.edition_of(shown) | {"pictures": [pictures[link] for link in shown.pictures]}
    report.is_public, report.despite_restriction = True, bool(incident.restricted)
    report.published_from, report.published_by = report.drawn_from, actor.name
    report.published_approval, report.published_at = report.approved_by, now
    report.first_published_at = report.first_published_at or now
    report.withdrawn_by, report.withdrawn_because, report.withdrawn_at = "", "", None
    report.editors = []
    _unapproved(report)


def withdraw(slug: str, *, actor: Actor) -> PublicReport:
    """Take the public page away; its text stays to be worked on. Raises `Conflict` where none is public."""
    _, report = _held(slug, actor, "public_report.edit")
    if not report.is_public:
        raise Conflict("it is not public")
    _take_down(report, slug, "", actor)
    return report


def discard(slug: str, *, actor: Actor) -> None:
    """Delete the public report with its text, and its page with it."""
    _, report = _held(slug, actor, "public_report.edit")
    if report.is_public:
        _take_down(report, slug, "deleted", actor)
    session().delete(report)
    session().flush()
    audit.record(actor, "public_report.deleted", "incident", slug, public=report.slug)


def withdraw_with(incident: Incident, because: str, *, actor: Actor) -> None:
    """Take away what is public of an incident that was restricted, re-opened or is being deleted.

    What was approved is so no longer: it was approved as what everybody may know of.
    """
    # Whoever restricts it may not be among those who see it from now on.
    with visibility.seen_by(visibility.EVERYTHING):
        report = queries.report_of(incident)
        if report is None:
            return
        _unapproved(report)
        if report.is_public:
            _take_down(report, incident.slug, because, actor)


def _take_down(report: PublicReport, slug: str, because: str, actor: Actor) -> None:
    report.is_public, report.despite_restriction = False, False
    report.withdrawn_by, report.withdrawn_because, report.withdrawn_at = actor.name, because, clock.now()
    session().flush()
    audit.record(
        actor, "public_report.withdrawn", "incident", slug, public=report.slug, because=because or "asked for"
    )
