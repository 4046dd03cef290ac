"""The pages of incidents: the list, one incident, its Markdown."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.errors import Invalid
from postmortems.exchange import queries as sources
from postmortems.exchange.exports import layouts
from postmortems.gate.proof_path import queries as proof_paths
from postmortems.gate.protection import queries as protection_queries
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.gate.suggestions import suggest
from postmortems.guards import queries as guards
from postmortems.guards.services import known_services
from postmortems.incidents import beside, operations, queries, related, warnings
from postmortems.incidents.approvals import queries as approvals
from postmortems.incidents.comments import marks
from postmortems.incidents.comments import part_words as comment_parts
from postmortems.incidents.comments import queries as comments
from postmortems.incidents.exports import api as exports_api
from postmortems.incidents.items import item_numbers, team_rights
from postmortems.incidents.mentions import queries as mentions
from postmortems.incidents.models import Incident
from postmortems.incidents.public_reports import queries as public_reports
from postmortems.incidents.restricted import break_glass, reads
from postmortems.reviews import queries as reviews
from postmortems.search import queries as search
from postmortems.web import downloads, rendered_parts
from postmortems.web.auth import current_actor
from postmortems.web.kept import parts
from postmortems.web.pdf import pdf
from postmortems.web.render import page, page_or_part

blueprint = Blueprint("incidents", __name__)

PAGE_ROWS = 50
# What the list can be taken away as.
FILES = (("zip", "Markdown, in a zip"), ("csv", "CSV"))
# What a zip can be made for; the first gives files back as they came.
LAYOUTS_OFFERED = tuple(layout.name for layout in layouts.TABLE)
# And one incident, beside Markdown; the last needs what not every server has.
FILES_OF_ONE = (
    ("docx", "Word"),
    ("confluence", "Confluence, storage format"),
    ("notion", "Markdown for Notion"),
    ("gdocs", "HTML for Google Docs"),
    ("html", "HTML, one file"),
    ("json", "JSON"),
    ("pdf", "PDF"),
)


@blueprint.get("/incidents")
def index() -> Response:
    """The list; its filters are the address."""
    filters = _filters()
    found = queries.listing(filters, request.args.get("after", ""), PAGE_ROWS)
    return page_or_part(
        "incidents/index.html",
        "incidents/_list.html",
        filters=filters,
        incidents=found.rows,
        items=queries.item_counts(found.rows),
        states=approvals.states(found.rows),
        hits=search.hits([incident.id for incident in found.rows], filters.q),
        matching=queries.matching(filters),
        years=queries.years(),
        services=known_services.choices(),
        next_url=_address(found.after) if found.after else "",
        first_url=_address() if "after" in request.args else "",
        query=filters.query(),
        files=FILES,
        layouts=LAYOUTS_OFFERED,
    )


def _filters() -> queries.Filters:
    year = request.args.get("year", "")
    if year and not (year.isdecimal() and len(year) == 4):
        raise Invalid("is no year; write four digits such as 2018", "/year")
    names = ("service", "severity", "status", "q", "state", "team")
    texts = {name: request.args.get(name, "").strip() for name in names}
    return queries.Filters(
        year=int(year) if year else None,
        occurred_from=_day("occurred_from"),
        occurred_before=_day("occurred_before"),
        repeats=request.args.get("repeats", "") not in {"", "0"},
        untagged=request.args.get("untagged", "") not in {"", "0"},
        **texts,
    )


def _day(name: str) -> date | None:
    text = request.args.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("is no date; write it as 2018-01-25", f"/{name}") from None


def _address(after: str = "") -> str:
    """This list's address with its filters, and where its page begins."""
    kept = {name: value for name, value in request.args.items() if value and name != "after"}
    query = urlencode(kept | ({"after": after} if after else {}))
    return f"{request.path}?{query}" if query else request.path


@blueprint.get("/feed.atom")
def feed() -> Response:
    """What was published last, for a feed reader; the list's filters narrow it."""
    permissions.require(current_actor(), "incident.read")
    with downloads.leaving(restricted="restricted" in request.args):
        return exports_api.atom_answer(_filters())


@blueprint.get("/incidents/<slug>")
def show(slug: str) -> str:
    """One incident as people read it."""
    actor, proof = current_actor(), request.args.get("proof", "")
    proof = proof if item_numbers.number_of(proof) else ""
    found = beside.glance(slug, actor)
    if found.is_restricted:
        # Nothing of it stays in the process, and each look at it is recorded.
        body = Markup(_report(slug, actor, proof))
    else:
        name = ("incident", slug, proof)
        body = parts.shown(name, lambda whose: _report(slug, whose, proof), is_personal=found.is_personal)
    return page("incidents/show.html", title=found.title or slug, is_demo=found.is_demo, body=body)


def _report(slug: str, actor: Actor, proof: str) -> str:
    """All of the page but its frame; `proof` names the item whose path to proof is open."""
    incident = queries.with_items(slug, actor)
    there = beside.tables(incident, actor)
    shown = rendered_parts.shown(incident, has_files="attachment_uses" in there)
    items = {item.id: item for item in incident.items}
    promoted = guards.promoted({name.partition("/")[0] for name in incident.services})
    may_guard = permissions.may(actor, "guard.edit")
    suggestions = suggest.for_document(shown.document, incident.items, promoted) if may_guard else []
    protections = protection_queries.of_items(items)
    would_stop = scenarios_queries.would_stop(incident) if "scenarios" in there else scenarios_queries.NOTHING
    paths = proof_paths.of_incident(incident, would_stop.replays, protections, suggestions, promoted)
    threads = comments.threads(incident, shown.document) if "comments" in there else []
    return parts.rendered(
        "incidents/_show.html",
        incident=incident,
        parts=shown.parts,
        references=shown.references,
        items=items,
        review=approvals.review(incident, shown.document, is_known=bool(there & approvals.TABLES)),
        threads=threads,
        labels=comment_parts.labels(shown.document),
        marks=marks.Marks(comments.open_counts(threads), incident.slug),
        strangers=teams.strangers(item.owner for item in incident.items),
        protections=protections,
        would_stop=would_stop,
        suggestions=suggestions,
        paths=paths,
        proof=proof,
        who_may=proof_paths.who_may(paths, actor),
        editable=team_rights.own_among(actor, incident.items),
        repeats=shown.document.recurrence_of,
        files=FILES_OF_ONE if pdf.is_installed() else FILES_OF_ONE[:-1],
        **_around(incident, there, actor),
    )


@blueprint.get("/incidents/<slug>/related")
def show_related(slug: str) -> Response:
    """What else happened like it; the incident's page fetches it when one scrolls there."""
    found = related.of(slug, current_actor())
    return page_or_part("incidents/related.html", "incidents/_related.html", slug=slug, related=found)


def _around(incident: Incident, there: Collection[str], actor: Actor) -> dict[str, Any]:
    """What is told above and beside the report; only the tables that have something are asked."""
    return {
        "mentioned": mentions.unseen_in(incident, actor) if "mentions" in there else [],
        "repeated_by": queries.repeated_by(incident.slug) if "repeated_by" in there else [],
        "warnings": warnings.open_of(incident) if "incident_warnings" in there else [],
        "file": sources.file_of(incident) if "sources" in there else None,
        "reviews": reviews.of(incident, only_open=True) if "reviews" in there else [],
        "looks": break_glass.looks_into(incident) if incident.restricted else [],
        "readers": reads.newest(incident) if incident.restricted else [],
        "look_ends": break_glass.ends_at(incident, actor) if incident.restricted else None,
        **public_reports.beside(incident, actor, is_there="public_reports" in there),
    }


@blueprint.get("/incidents/<slug>.md")
def export(slug: str) -> Response:
    """The document as canonical Markdown, to keep beside the team's other pages."""
    incident = queries.by_slug(slug, current_actor())
    has_comments = request.args.get("comments", "") in {"1", "true"}
    return _markdown(exports_api.as_markdown(incident, comments=has_comments), f"{incident.slug}.md")


def _markdown(text: str, name: str) -> Response:
    response = Response(text, mimetype="text/markdown")
    # Named, so that it lands in the team's folder under the name it will keep.
    response.headers["Content-Disposition"] = downloads.attachment(name)
    return response


@blueprint.post("/incidents/<slug>/warnings/<int:number>/dismiss")
def dismiss(slug: str, number: int) -> AnyResponse:
    """Show a warning no more."""
    warnings.dismiss(slug, number, actor=current_actor())
    return redirect(f"/incidents/{slug}", 303)


@blueprint.post("/incidents/<slug>/delete")
def delete(slug: str) -> AnyResponse:
    """Take the incident away; the page has asked once."""
    operations.delete(slug, actor=current_actor())
    return redirect("/incidents", 303)
