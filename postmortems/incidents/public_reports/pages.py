"""The page of an incident's public report: written beside the original, approved, published, compared."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import Blueprint, Response, current_app, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.db.session import session
from postmortems.document.markdown.references import Attached
from postmortems.document.model import Document, Entry, Section
from postmortems.document.text import one_line, tidy
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from postmortems.formats import zip_stream
from postmortems.guards import internal_hosts
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.attachments import links
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import Incident
from postmortems.incidents.public_reports import drawn, operations, queries, rules, site_pages
from postmortems.incidents.public_reports.queries import Standing
from postmortems.incidents.public_reports.rules import PublicSection, PublicText
from postmortems.incidents.public_reports.surroundings import Surroundings
from postmortems.web import diff, downloads, forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("public_reports", __name__)

# Chosen at first: what customers ask for.
CHOSEN_ROLES = frozenset({"summary", "impact"})


@dataclass(frozen=True, slots=True)
class Row:
    """A section of the form, beside the incident's own; `entries` are those of its timeline."""

    name: str
    section: PublicSection
    is_chosen: bool
    original: Section | None = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.original.entries if self.original else ()


def surroundings() -> Surroundings:
    """What this service knows of its surroundings. One query."""
    settings = current_app.extensions["settings"]
    return Surroundings(
        settings.public_name, settings.url, frozenset(settings.public_hosts), internal_hosts.hosts()
    )


@blueprint.get("/incidents/<slug>/public-report")
def show(slug: str) -> Response:
    """The public report as it stands; the form begins with the incident's own words."""
    incident = _incident(slug)
    document, report = rows.to_document(incident), queries.report_of(incident)
    if report is None:
        chosen = tuple(
            each.id
            for each, row in zip(document.sections, incident.sections, strict=True)
            if row.role in CHOSEN_ROLES
        )
        sections = tuple(section for part in chosen if (section := drawn.section(document, part)))
        return _page(incident, document, PublicText(document.title, "", sections), ())
    return _page(incident, document, queries.text_of(report), [each["text"] for each in report.kept])


def _incident(slug: str) -> Incident:
    incident = incidents.by_slug(slug, current_actor())
    operations.require_access(incident, current_actor())
    return incident


@blueprint.post("/incidents/<slug>/public-report")
def save(slug: str) -> Response | AnyResponse:
    """Keep the text, or put the incident's words into one of its sections again."""
    permissions.require_anywhere(current_actor(), "public_report.edit")
    incident = _incident(slug)
    team_rights.require(current_actor(), "public_report.edit", incident)
    document = rows.to_document(incident)
    redrawn = request.form.get("do", "").partition("draw.")[2]
    text, kept = _sent(document, redrawn), request.form.getlist("kept")
    if redrawn:
        return _page(incident, document, text, kept, is_typed=True)
    version = forms.whole_number(request.form.get("version", ""))
    try:
        with session().begin_nested():
            operations.save(slug, text, kept, version=version, actor=current_actor(), place=surroundings())
    except Invalid as refused:
        return _page(incident, document, text, kept, errors=forms.errors(refused), is_typed=True)
    except Conflict as refused:
        return _page(incident, document, text, kept, errors={"title": [refused.detail]}, is_typed=True)
    flash("Saved. Below is what would be shown.", "success")
    return redirect(f"/incidents/{slug}/public-report#shown", 303)


def _sent(document: Document, redrawn: str) -> PublicText:
    """What the form says; of the section `redrawn` the incident's words, with the entries that are ticked."""
    form, sections = request.form, list[PublicSection]()
    for number in range(rules.MOST_SECTIONS * 2):
        name = f"section.{number}"
        if f"{name}.text" not in form:
            break
        section = PublicSection(
            one_line(form.get(f"{name}.heading", "")),
            tidy(form.get(f"{name}.text", "")),
            form.get(f"{name}.part", ""),
        )
        if redrawn == str(number):
            again = drawn.section(document, section.part, form.getlist(f"{name}.entries"))
            section = replace(section, text=again.text) if again else section
        if f"{name}.chosen" in form or redrawn == str(number):
            sections.append(section)
    added = PublicSection(one_line(form.get("added.heading", "")), tidy(form.get("added.text", "")))
    if added.heading or added.text:
        sections.append(added)
    pictures = tuple(form.getlist("pictures"))
    return PublicText(
        one_line(form.get("title", "")), one_line(form.get("summary", "")), tuple(sections), pictures
    )


@blueprint.post("/incidents/<slug>/public-report/approval")
def approve(slug: str) -> AnyResponse:
    """Ask for an approval, approve what was looked at, or take either back."""
    actor, place, do = current_actor(), surroundings(), request.form.get("do")
    edits = do in ("ask", "withdraw")
    permissions.require_anywhere(actor, "public_report.edit" if edits else "public_report.approve")
    if do == "ask":
        return _done(
            slug, lambda: operations.ask(slug, actor=actor, place=place), "It waits for a second person."
        )
    if do == "withdraw":
        return _done(slug, lambda: operations.withdraw_approval(slug, actor=actor), "It is a draft again.")
    digest = request.form.get("digest", "")
    return _done(
        slug, lambda: operations.approve(slug, digest=digest, actor=actor, place=place), "You approved it."
    )


@blueprint.post("/incidents/<slug>/public-report/publication")
def publish(slug: str) -> AnyResponse:
    """Publish what was approved, or take it away."""
    actor = current_actor()
    permissions.require_anywhere(actor, "public_report.edit")
    if request.form.get("do") == "withdraw":
        return _done(slug, lambda: operations.withdraw(slug, actor=actor), "It is not public any more.")
    act = lambda: operations.publish(slug, actor=actor, place=surroundings())  # noqa: E731
    return _done(slug, act, "It is public.")


@blueprint.post("/incidents/<slug>/public-report/delete")
def discard(slug: str) -> AnyResponse:
    """Delete it with its text and its page."""
    permissions.require_anywhere(current_actor(), "public_report.edit")
    return _done(
        slug, lambda: operations.discard(slug, actor=current_actor()), "The public report was deleted."
    )


def _done(slug: str, act: Callable[[], object], said: str) -> AnyResponse:
    """Do it and go back; what is refused is said there, and nothing was done."""
    try:
        with session().begin_nested():
            act()
    except (Invalid, Conflict, NotFound, NotAllowed, Unavailable) as refused:
        _incident(slug)
        flash(f"{refused.detail[:1].upper()}{refused.detail[1:]}.", "error")
    else:
        flash(said, "success")
    return redirect(f"/incidents/{slug}/public-report", 303)


@blueprint.get("/public-reports.zip")
def static_folder() -> Response:
    """Everything that is public, as a static site in a zip."""
    permissions.require(current_actor(), "incident.read")
    place = surroundings()
    if not place.name:
        raise NotFound("this server publishes nothing: its operator sets POSTMORTEMS_PUBLIC_NAME first")
    out = io.BytesIO()
    out.writelines(zip_stream.zipped(site_pages.files(site_pages.in_folder(place.name))))
    return downloads.named(Response(out.getvalue(), mimetype="application/zip"), "public-reports.zip")


def _page(
    incident: Incident,
    document: Document,
    text: PublicText,
    kept: list[str] | tuple[str, ...],
    *,
    errors: forms.Errors | None = None,
    is_typed: bool = False,
) -> Response:
    place, report = surroundings(), queries.report_of(incident)
    standing = queries.standing(incident, report, place) if report else None
    internal = queries.known(document, place, text.pictures)
    shown = standing.shown if standing and not is_typed else rules.shown(text, internal, kept)
    found = queries.pictures_of(incident)
    attached = {
        each.link: Attached(links.address(each.id, each.name), each.width, each.height)
        for each in found
        if each.link in text.pictures
    }
    return form_page(
        "public_reports/show.html",
        errors=errors,
        incident=incident,
        report=report,
        standing=standing,
        is_typed=is_typed,
        text=text,
        kept=kept,
        form_rows=_rows(document, text),
        shown=shown,
        shown_parts=[
            (each.heading, site_pages.previewed(each.text, attached)) for each in shown.text.sections
        ],
        pictures=found,
        changed=_changed(standing) if standing else [],
        is_on=bool(place.name),
        may_approve=report is not None
        and team_rights.may(current_actor(), "public_report.approve", incident)
        and rules.is_second_person(current_actor().name, report.editors, report.asked_by),
    )


def _rows(document: Document, text: PublicText) -> list[Row]:
    """The incident's sections, each with what is written of it, and behind them the report's own."""
    found, left = list[Row](), list(text.sections)
    for section in document.sections:
        written = next((each for each in left if each.part and each.part == section.id), None)
        if written is not None:
            left.remove(written)
        own = written or drawn.section(document, section.id) or PublicSection(section.heading, "", section.id)
        found.append(Row(f"section.{len(found)}", own, written is not None, section))
    for each in left:
        found.append(Row(f"section.{len(found)}", each, True))
    return found


def _changed(standing: Standing) -> list[diff.Line]:
    """How what would be shown differs from what is published, word by word."""
    if not standing.has_text_changed:
        return []
    edition, shown = standing.report.edition, standing.shown.text
    before = rules.as_markdown(
        edition["title"],
        edition["summary"],
        [(each["heading"], each["text"]) for each in edition["sections"]],
    )
    after = rules.as_markdown(
        shown.title, shown.summary, [(each.heading, each.text) for each in shown.sections]
    )
    return diff.lines(before, after)
