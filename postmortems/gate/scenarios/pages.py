"""The pages of scenarios: recorded deploys with their drills."""

from __future__ import annotations

from flask import Blueprint, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.db import session as db
from postmortems.formats import strict_yaml
from postmortems.gate.decisions import ask, live_drill, redaction
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.proof_path import way_back
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.gate.scenarios.form import rows
from postmortems.gate.scenarios.form import values as form_values
from postmortems.incidents import queries as incidents
from postmortems.web.auth import current_actor
from postmortems.web.render import page
from postmortems.web.server.app_runtime import runtime
from postmortems.web.transactions import own_units

blueprint = Blueprint("scenarios", __name__)

PAGE_ROWS = 50


@blueprint.get("/gate/scenarios")
def index() -> str:
    """All scenarios, each with its newest drill."""
    permissions.require(current_actor(), "incident.read")
    after = request.args.get("after", "0")
    listed = scenarios_queries.scenario_page("", int(after) if after.isdecimal() else 0, PAGE_ROWS)
    return page(
        "gate/scenarios.html",
        scenarios=listed.rows,
        newest=scenarios_queries.newest_drills([scenario.id for scenario in listed.rows]),
        next_url=f"/gate/scenarios?after={listed.after}" if listed.after else "",
        first_url="/gate/scenarios" if "after" in request.args else "",
    )


@blueprint.get("/gate/scenarios/<int:scenario_id>")
def show(scenario_id: int) -> str:
    """One scenario: its newest drill guard by guard, earlier drills, its facts."""
    permissions.require(current_actor(), "incident.read")
    scenario = decisions_queries.scenario(scenario_id)
    values = rows.values_of(scenario)
    return page(
        "gate/scenario.html",
        scenario=scenario,
        drills=scenarios_queries.drills(scenario),
        live=live_drill.newest(scenario),
        values=values,
        asked=[field for field in form_values.ASKED if values["asked"][field.name]],
        rows=rows.drawn(values),
        text=strict_yaml.write(redaction.facts(scenario.facts)),
        is_demo=scenario.incident.is_demo,
    )


@blueprint.post("/gate/scenarios/<int:scenario_id>/drill")
def drill(scenario_id: int) -> AnyResponse:
    """Run today's guards against it."""
    done = scenarios_operations.drill(scenario_id, actor=current_actor())
    said = f"Drilled: {done.decision.replace('_', ' ')}"
    flash(
        f"{said}, as it should." if done.is_as_expected else f"{said}. That is not as it should be.",
        "success" if done.is_as_expected else "warning",
    )
    return redirect(f"/gate/scenarios/{scenario_id}", 303)


@blueprint.post("/gate/scenarios/<int:scenario_id>/live-drill")
@own_units
def drill_live(scenario_id: int) -> AnyResponse:
    """Ask the gate itself for the bad deploy, as a drill."""
    actor = current_actor()
    with db.reading():
        question = live_drill.question(scenario_id, actor=actor)
        name = decisions_queries.scenario(scenario_id).name
    answer = ask.ask_once(question, actor=actor, runtime=runtime()).stored()
    told = live_drill.summary(name, answer)
    flash(f"{told[0].upper()}{told[1:]}.", "success" if answer.decision == "block" else "warning")
    return redirect(f"/gate/scenarios/{scenario_id}#live", 303)


@blueprint.post("/gate/scenarios/<int:scenario_id>/delete")
def delete(scenario_id: int) -> AnyResponse:
    """Take the scenario away; the page has asked once."""
    slug = decisions_queries.scenario(scenario_id).incident.slug
    scenarios_operations.delete(scenario_id, actor=current_actor())
    return redirect(f"/incidents/{slug}", 303)


@blueprint.post("/incidents/<slug>/drill")
def drill_incident(slug: str) -> AnyResponse:
    """Run today's guards against every scenario of the incident."""
    actor = current_actor()
    done = scenarios_operations.drill_incident(incidents.by_slug(slug, actor), actor=actor)
    odd = sum(not one.is_as_expected for one in done)
    told = f"{odd} not as it should be" if odd else "all as they should be"
    flash(f"Drilled {len(done)}: {told}.", "warning" if odd else "success")
    return redirect(way_back.address(request.values, f"/incidents/{slug}#would-stop"), 303)
