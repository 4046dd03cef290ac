"""The form page of a scenario: the deploy, the request, and a row for each piece of evidence.

Every button also works without a script: it posts the form, which comes back with a row more or fewer, as
text, or with what the guards see now. The form and the text are two ways to say one value, saved by one act.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, flash, make_response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, Problem, Stale
from postmortems.formats import strict_yaml
from postmortems.gate import schemas
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.models import Scenario
from postmortems.gate.proof_path import way_back
from postmortems.gate.scenarios import capture
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.gate.scenarios import schemas as scenarios_schemas
from postmortems.gate.scenarios.form import rows as form_rows
from postmortems.gate.scenarios.form import values as form_values
from postmortems.gate.scenarios.form.values import Values
from postmortems.guards.services import known_services
from postmortems.incidents import queries as incidents
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import Incident
from postmortems.web import diff, forms
from postmortems.web.auth import current_actor
from postmortems.web.render import page
from postmortems.web.server.app_runtime import runtime
from postmortems.web.transactions import own_units

blueprint = Blueprint("scenario_form", __name__)

MOST_SERVICES = 200
LONGEST_REVISION = 9
MAY_DIFFER = "its time, what it declares, the evidence"
Errors = dict[str, list[str]]


@dataclass
class Notes:
    """What stands above the form: what is wrong, what was done, and whose edit came in between."""

    errors: Errors = field(default_factory=dict)
    note: str = ""
    troubles: list[str] = field(default_factory=list)
    stale: Stale | None = None


@blueprint.get("/gate/scenarios/new")
def begin() -> Response:
    """A new scenario of an incident, filled with what its document says of the deploy.

    `?kind=good` begins one that the gate must allow, as a copy of the bad one where there is one.
    """
    actor = current_actor()
    permissions.require_anywhere(actor, "scenario.edit")
    incident = incidents.by_slug(request.args.get("incident", ""), actor)
    team_rights.require(actor, "scenario.edit", incident)
    if request.args.get("kind") == "good":
        return _form(incident, None, *_first_good(incident))
    return _form(incident, None, form_rows.first_values(incident))


def _first_good(incident: Incident) -> tuple[Values, Notes]:
    bad = next((one for one in scenarios_queries.scenarios(incident) if one.kind == "bad"), None)
    fresh = {"kind": "good", "name": "", "description": ""}
    if bad is None:
        return form_rows.first_values(incident) | fresh, Notes()
    note = f"This is “{bad.name}”. Change what is otherwise when such a deploy is right: {MAY_DIFFER}."
    return form_rows.values_of(bad) | fresh, Notes(note=note)


@blueprint.post("/gate/scenarios/new")
def create() -> AnyResponse:
    """Keep the scenario, which is drilled at once; or show the form again, after its other buttons."""
    actor = current_actor()
    permissions.require_anywhere(actor, "scenario.edit")
    return _posted(incidents.by_slug(request.form.get("incident", ""), actor), None, actor)


@blueprint.get("/gate/scenarios/<int:scenario_id>/edit")
def edit(scenario_id: int) -> Response:
    """The form with what is stored."""
    permissions.require_anywhere(current_actor(), "scenario.edit")
    scenario = decisions_queries.scenario(scenario_id)
    team_rights.require(current_actor(), "scenario.edit", scenario.incident)
    return _form(scenario.incident, scenario, form_rows.values_of(scenario))


@blueprint.post("/gate/scenarios/<int:scenario_id>/edit")
def save(scenario_id: int) -> AnyResponse:
    """Change the scenario, which is drilled anew; or show the form again, after its other buttons."""
    permissions.require_anywhere(current_actor(), "scenario.edit")
    scenario = decisions_queries.scenario(scenario_id)
    return _posted(scenario.incident, scenario, current_actor())


@blueprint.post("/gate/scenarios/new/record-now")
@own_units
def record_for_new() -> Response:
    """The form with what the guards over its target see at this moment."""
    return _record(None)


@blueprint.post("/gate/scenarios/<int:scenario_id>/record-now")
@own_units
def record_for(scenario_id: int) -> Response:
    """The same for a scenario that is stored; nothing is saved by it."""
    return _record(scenario_id)


@blueprint.post("/gate/scenarios/as-text")
def as_text() -> str:
    """What the form says as text, or that it cannot be read yet."""
    permissions.require_anywhere(current_actor(), "scenario.edit")
    values = _values()
    return page("gate/_scenario_text.html", text=form_rows.text_of(values))


def _posted(incident: Incident, scenario: Scenario | None, actor: Actor) -> AnyResponse:
    team_rights.require(actor, "scenario.edit", incident)
    values, button = _values(), request.form.get("do", "save")
    if button != "save":
        pressed, errors = _pressed(values, button)
        return _form(incident, scenario, pressed, Notes(errors))
    rows: Mapping[str, int] = {}
    try:
        facts, rows = _facts(values)
        fields: dict[str, Any] = {name: values[name] for name in form_values.NAMED} | {"facts": facts}
        # What is refused is undone here already: the page that says so shows what is stored.
        with session().begin_nested():
            if scenario is None:
                kept = scenarios_operations.record(fields | {"incident": incident.slug}, actor=actor)
            else:
                kept = scenarios_operations.edit(scenario.id, fields, _revision(), actor=actor)
    except Stale as stale:
        return _form(incident, scenario, values, Notes(stale=stale))
    except (Invalid, Conflict) as refused:
        unnamed = {} if values["name"] else {"name": ["give it a name"]}
        return _form(incident, scenario, values, Notes(_errors(refused, values, rows) | unnamed))
    flash("Recorded and drilled." if scenario is None else "Saved and drilled again.", "success")
    return redirect(way_back.address(request.values, f"/gate/scenarios/{kept.id}"), 303)


def _pressed(values: Values, button: str) -> tuple[Values, Errors]:
    """The form after any button but Save and Record now."""
    rows: Mapping[str, int] = {}
    try:
        if button == "add":
            return form_rows.added(values, request.form.get("add", "")), {}
        if button == "as-text" and values["as"] != "text":
            facts, _ = form_values.to_facts(values)
            return values | {"as": "text", "facts": strict_yaml.write(facts)}, {}
        if button == "as-form" and values["as"] == "text":
            facts, rows = _facts(values)
            checked = schemas.load(scenarios_schemas.FactsShape(), facts, "/facts")
            return form_rows.shown(checked, values), {}
    except Invalid as refused:
        return values, _errors(refused, values, rows)
    return form_values.removed(values, button), {}


def _record(scenario_id: int | None) -> Response:
    actor, values = current_actor(), _values()
    permissions.require_anywhere(actor, "scenario.edit")
    notes = Notes()
    rows: Mapping[str, int] = {}
    with db.reading():
        # Whether there is such a scenario or incident for this person, before anything is looked at.
        _, incident = _about(scenario_id, actor)
        team_rights.require(actor, "scenario.edit", incident)
    try:
        facts, rows = _facts(values | {"at": values["at"] or form_rows.now_in(values["zone"])})
        if values["as"] == "text":
            schemas.load(scenarios_schemas.FactsShape(), facts, "/facts")
        captured = capture.record_now(facts, actor=actor, egress=runtime().egress)
        notes.troubles = captured.troubles
        notes.note = form_rows.recorded_note(captured)
    except Invalid as refused:
        notes.errors, captured = _errors(refused, values, rows), None
    with db.reading():
        if captured is not None:
            values = form_rows.recorded(captured.facts, values)
        scenario, incident = _about(scenario_id, actor)
        return _form(incident, scenario, values, notes)


def _about(scenario_id: int | None, actor: Actor) -> tuple[Scenario | None, Incident]:
    if scenario_id is None:
        return None, incidents.by_slug(request.form.get("incident", ""), actor)
    scenario = decisions_queries.scenario(scenario_id)
    return scenario, scenario.incident


def _values() -> Values:
    return form_values.complete(forms.nest(request.form.items(multi=True)))


def _facts(values: Values) -> tuple[dict[str, Any], Mapping[str, int]]:
    """The facts that the form says, whichever way it says them. Raises `Invalid`."""
    if values["as"] != "text":
        return form_values.to_facts(values)
    facts = strict_yaml.read(values["facts"], "/facts")
    if not isinstance(facts, dict):
        raise Invalid("write at, request, evidence and probes, each with a colon", "/facts")
    return facts, {}


def _revision() -> int:
    """The revision that was edited; 0, which no scenario has, where the request does not say it."""
    text = request.form.get("revision", "")
    return int(text) if text.isdecimal() and len(text) <= LONGEST_REVISION else 0


def _errors(refused: Invalid | Conflict, values: Values, rows: Mapping[str, int]) -> Errors:
    """Messages by field of the form; those about the text say where in it."""
    if isinstance(refused, Conflict):
        return {"name": [refused.detail]}
    if values["as"] != "text":
        return forms.flatten(form_values.at_fields(refused.problems, values, rows))
    return forms.flatten(_in_text(refused.problems, values["facts"]))


def _in_text(problems: Iterable[Problem], text: str) -> Iterable[Problem]:
    for problem in problems:
        _, first, *deeper = f"{problem.pointer}/".rstrip("/").split("/") if problem.pointer else ("", "facts")
        if first != "facts" or problem.line is not None or not deeper:
            yield Problem(f"/{first}", problem.detail)
            continue
        line = strict_yaml.line_of(text, "/" + "/".join(deeper))
        yield Problem("/facts", f"line {line}, {'.'.join(deeper)}: {problem.detail}")


def _form(
    incident: Incident, scenario: Scenario | None, values: Values, notes: Notes | None = None
) -> Response:
    notes = notes or Notes()
    stale = notes.stale
    revision = stale.version if stale else request.form.get("revision") or (scenario and scenario.revision)
    body = page(
        "gate/scenario_form.html",
        incident=incident,
        scenario=scenario,
        values=values,
        revision=revision or "",
        told=notes,
        errors=notes.errors,
        lines=diff.lines(stale.theirs, stale.mine) if stale else [],
        rows=form_rows.drawn(values),
        asked=form_values.ASKED,
        choices=form_rows.choices(values["target"]),
        targets=known_services.targets(known_services.listing(limit=MOST_SERVICES)),
        text=form_rows.text_of(values),
        is_demo=incident.is_demo,
    )
    return make_response(body, 409 if stale else 422 if notes.errors else 200)
