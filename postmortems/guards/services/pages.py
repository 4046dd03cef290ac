"""The pages of services: the list, and one with its targets in promotion order and their guards."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, Problem
from postmortems.followup import queries as followup
from postmortems.followup import rules
from postmortems.followup.queries import Filters
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.exemptions import requests
from postmortems.gate.proof_path import way_back
from postmortems.guards import operations, queries
from postmortems.guards.services import known_services
from postmortems.guards.services.known_services import KnownService
from postmortems.incidents import queries as incidents
from postmortems.reports.services import badge_pages
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("services", __name__)

PAGE_ROWS, NEWEST = 100, 8
UNCLOSED = ",".join(rules.UNCLOSED)
REGISTERED = "{} is registered. Now guards can stand over its targets."


@blueprint.get("/services")
def index() -> Response:
    """All services with their targets, and the form by which an admin adds one."""
    permissions.require(current_actor(), "guard.read")
    return _index()


@blueprint.post("/services")
def add() -> AnyResponse:
    """Add a service with its targets."""
    name = request.form.get("name", "").strip()
    try:
        with session().begin_nested():
            operations.add_service(name, _title(), _targets(), team=_team(), actor=current_actor())
    except (Invalid, Conflict) as refused:
        return _index(_errors(refused, "name"))
    flash(REGISTERED.format(name), "success")
    return redirect(_address(name), 303)


@blueprint.get("/services/<name>")
def show(name: str) -> Response:
    """One service; of one that only incidents name: which, and the form by which an admin registers it."""
    permissions.require(current_actor(), "guard.read")
    return _show(known_services.one(name))


@blueprint.post("/services/<name>")
def edit(name: str) -> AnyResponse:
    """Give the service another title or other targets; one that guards cover cannot go.

    One that incidents name and nobody has registered is registered by it.
    """
    permissions.require(current_actor(), "service.edit")
    service = known_services.one(name)
    try:
        with session().begin_nested():
            operations.save_service(name, _title(), _targets(), team=_team(), actor=current_actor())
    except (Invalid, Conflict) as refused:
        return _show(service, _errors(refused, "targets"))
    flash(f"{name} saved." if service.is_registered else REGISTERED.format(name), "success")
    return redirect(way_back.address(request.values, _address(name)), 303)


@blueprint.post("/services/<name>/targets/<target>/resolve")
def resolve(name: str, target: str) -> AnyResponse:
    """A person's word that the trouble after failed deploys there is over."""
    fields = {"service": name, "target": target, "note": request.form.get("note", "").strip()}
    operations.resolve(fields, actor=current_actor())
    flash(f"Noted: what failed on {name}/{target} until now is resolved.", "success")
    return redirect(_address(name), 303)


def _address(name: str) -> str:
    return f"/services/{quote(name, safe='')}"


def _title() -> str:
    return request.form.get("title", "").strip()


def _team() -> str | None:
    return request.form.get("team")


def _targets() -> list[str]:
    """One target a line, in promotion order."""
    return [line.strip() for line in request.form.get("targets", "").splitlines() if line.strip()]


def _errors(refused: Invalid | Conflict, taken: str) -> forms.Errors:
    if isinstance(refused, Conflict):
        return {taken: [refused.detail]}
    # The targets share one input: what is wrong with one of them is said there.
    wrong = [Problem("/".join(each.pointer.split("/")[:2]), each.detail) for each in refused.problems]
    return forms.flatten(wrong)


def _index(errors: forms.Errors | None = None) -> Response:
    found = known_services.listing(request.args.get("after", ""), PAGE_ROWS + 1)
    rows = found[:PAGE_ROWS]
    return form_page(
        "guards/services/index.html",
        services=rows,
        teams=teams.choices(),
        errors=errors,
        next_url=f"/services?{urlencode({'after': rows[-1].name})}" if len(found) > PAGE_ROWS else "",
        first_url="/services" if "after" in request.args else "",
    )


def _show(service: KnownService, errors: forms.Errors | None = None) -> Response:
    guards = queries.over_service(service.row.id) if service.row else []
    items = followup.listing(Filters(service=service.name, status=UNCLOSED), limit=NEWEST).rows
    return form_page(
        "guards/services/show.html",
        service=service,
        teams=teams.choices(),
        over={
            target.id: [guard for guard in guards if target.id in [covered.id for covered in guard.targets]]
            for target in service.targets
        },
        newest=queries.newest_evaluations([guard.id for guard in guards]),
        deploys=queries.deploys([target.id for target in service.targets]),
        items=items,
        strangers=teams.strangers(row.item.owner for row in items),
        open_count=followup.matching_at_most(Filters(service=service.name, status=UNCLOSED)),
        most=followup.MOST_COUNTED,
        incidents=incidents.listing(incidents.Filters(service=service.name), limit=NEWEST).rows,
        decisions=decisions_queries.decisions(
            decisions_queries.Filters(service=service.name), limit=NEWEST
        ).rows,
        requested=requests.of_targets([target.full_name for target in service.targets]),
        badge=badge_pages.offered(service.name),
        errors=errors,
        rules=rules,
        is_demo=service.is_demo,
    )
