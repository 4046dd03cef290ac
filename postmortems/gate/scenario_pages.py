"""The pages of scenarios: recorded deploys with their drills, and the form in which one is kept as YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from flask import Blueprint, Response, flash, make_response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.db import session
from postmortems.errors import Conflict, Invalid, Problem
from postmortems.gate import drilling, queries, yaml_text
from postmortems.gate.models import Scenario
from postmortems.guards import queries as guards
from postmortems.incidents import queries as incidents
from postmortems.incidents.models import Incident
from postmortems.people import permissions
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import page, zone_named

blueprint = Blueprint("scenarios", __name__)

PAGE_ROWS = 50

Errors = dict[str, list[str]]


@blueprint.get("/gate/scenarios")
def index() -> str:
    """All scenarios, each with its newest drill."""
    permissions.require(current_actor(), "incident.read")
    after = request.args.get("after", "0")
    found = queries.scenario_page("", int(after) if after.isdecimal() else 0, PAGE_ROWS)
    return page(
        "gate/scenarios.html",
        scenarios=found.rows,
        newest=queries.newest_drills([scenario.id for scenario in found.rows]),
        next_url=f"/gate/scenarios?after={found.after}" if found.after else "",
        first_url="/gate/scenarios" if "after" in request.args else "",
    )


@blueprint.get("/gate/scenarios/new")
def begin() -> Response:
    """A new scenario of an incident, filled with what its document says of the deploy."""
    actor = current_actor()
    permissions.require(actor, "scenario.edit")
    incident = incidents.by_slug(request.args.get("incident", ""), actor)
    return _new(incident, {"name": "", "kind": "bad", "description": "", "facts": _first_facts(incident)}, {})


@blueprint.post("/gate/scenarios/new")
def create() -> AnyResponse:
    """Keep the scenario; it is drilled at once."""
    actor = current_actor()
    incident = incidents.by_slug(request.form.get("incident", ""), actor)
    try:
        with session().begin_nested():
            scenario = drilling.record(_posted() | {"incident": incident.slug}, actor=actor)
    except (Invalid, Conflict) as refused:
        return _new(incident, request.form, _errors(refused))
    flash("Recorded and drilled.", "success")
    return redirect(f"/gate/scenarios/{scenario.id}", 303)


@blueprint.get("/gate/scenarios/<int:scenario_id>")
def show(scenario_id: int) -> Response:
    """One scenario: its newest drill guard by guard, earlier drills, its facts."""
    permissions.require(current_actor(), "incident.read")
    return _show(queries.scenario(scenario_id))


@blueprint.post("/gate/scenarios/<int:scenario_id>")
def edit(scenario_id: int) -> AnyResponse:
    """Change the scenario; it is drilled anew."""
    scenario = queries.scenario(scenario_id)
    try:
        with session().begin_nested():
            drilling.edit(scenario_id, _posted(), actor=current_actor())
    except (Invalid, Conflict) as refused:
        return _show(scenario, request.form, _errors(refused))
    flash("Saved and drilled again.", "success")
    return redirect(f"/gate/scenarios/{scenario_id}", 303)


@blueprint.post("/gate/scenarios/<int:scenario_id>/drill")
def drill(scenario_id: int) -> AnyResponse:
    """Run today's guards against it."""
    done = drilling.drill(scenario_id, actor=current_actor())
    said = f"Drilled: {done.decision.replace('_', ' ')}"
    flash(
        f"{said}, as it should." if done.is_as_expected else f"{said}. That is not as it should be.",
        "success" if done.is_as_expected else "warning",
    )
    return redirect(f"/gate/scenarios/{scenario_id}", 303)


@blueprint.post("/gate/scenarios/<int:scenario_id>/delete")
def delete(scenario_id: int) -> AnyResponse:
    """Take the scenario away; the page has asked once."""
    slug = queries.scenario(scenario_id).incident.slug
    drilling.delete(scenario_id, actor=current_actor())
    return redirect(f"/incidents/{slug}", 303)


@blueprint.post("/incidents/<slug>/drill")
def drill_incident(slug: str) -> AnyResponse:
    """Run today's guards against every scenario of the incident."""
    actor = current_actor()
    done = drilling.drill_incident(incidents.by_slug(slug, actor), actor=actor)
    odd = sum(not one.is_as_expected for one in done)
    told = f"{odd} not as it should be" if odd else "all as they should be"
    flash(f"Drilled {len(done)}: {told}.", "warning" if odd else "success")
    return redirect(f"/incidents/{slug}#would-stop", 303)


def _posted() -> dict[str, Any]:
    """The form as a scenario's fields. Raises `Invalid` at `/facts` for YAML that cannot be read."""
    fields: dict[str, Any] = {
        name: request.form.get(name, "").strip() for name in ("name", "kind", "description")
    }
    return fields | {"facts": yaml_text.read(request.form.get("facts", ""), "/facts")}


def _first_facts(incident: Incident) -> str:
    """What the document says of the deploy: when it began, and which target it hit."""
    known = [entry for section in incident.sections for entry in section.entries if entry.instant]
    begun = next((entry for entry in known if entry.kind == "trigger"), known[0] if known else None)
    at = begun.instant.astimezone(zone_named(incident.timezone)) if begun and begun.instant else None
    service, _, target = (incident.services[0] if incident.services else "").partition("/")
    if service and not target:
        target = next((found.targets[-1].name for found in guards.services() if found.name == service), "")
    request_facts = {
        "service": service,
        "target": target,
        "declared_target": f"{service}/{target}" if target else "",
        "artifact": {"digest": "sha256:"},
        "change_kind": "feature",
    }
    first = {"at": at.isoformat() if at else "", "request": request_facts, "evidence": [], "probes": {}}
    return str(yaml.safe_dump(first, sort_keys=False))


def _errors(refused: Invalid | Conflict) -> Errors:
    """Messages by field; those inside the facts say where."""
    if isinstance(refused, Conflict):
        return {"name": [refused.detail]}
    wrong = []
    for problem in refused.problems:
        _, first, *deeper = f"{problem.pointer}/".rstrip("/").split("/") if problem.pointer else ("", "facts")
        place = f"{'.'.join(deeper)}: " if deeper else ""
        wrong.append(Problem(f"/{first}", f"{place}{problem.detail}"))
    return forms.flatten(wrong)


def _new(incident: Incident, values: Mapping[str, str], errors: Errors) -> Response:
    body = page("gate/scenario_new.html", incident=incident, values=values, errors=errors)
    return make_response(body, 422 if errors else 200)


def _show(
    scenario: Scenario, posted: Mapping[str, str] | None = None, errors: Errors | None = None
) -> Response:
    stored = {name: getattr(scenario, name) for name in ("name", "kind", "description")}
    body = page(
        "gate/scenario.html",
        scenario=scenario,
        drills=queries.drills(scenario),
        values=posted if posted is not None else stored | {"facts": yaml_text.write(scenario.facts)},
        errors=errors or {},
        expected=drilling.EXPECTED[scenario.kind],
        is_demo=scenario.incident.is_demo,
    )
    return make_response(body, 422 if errors else 200)
