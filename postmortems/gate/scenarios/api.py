"""Scenarios over HTTP: keep and drill them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, make_response, request
from marshmallow import fields, validate

from postmortems import limits
from postmortems.accounts import permissions
from postmortems.db import session as db
from postmortems.errors import Invalid
from postmortems.gate import schemas
from postmortems.gate.decisions import ask, live_drill, redaction
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.decisions import responses as decisions_responses
from postmortems.gate.models import Drill, LiveDrill, Scenario
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.gate.scenarios import schemas as scenarios_schemas
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint("scenarios", "Recorded deploys: would we have stopped that?")

Fields = dict[str, Any]


class ScenariosQuery(schemas.Strict):
    incident = schemas.text(200, description="the slug of an incident")
    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, limits.PAGE))


@blueprint.route("/scenarios", methods=["GET"])
@contract(query=ScenariosQuery, returns=decisions_responses.ScenariosOut, scope_note="read", errors=(422,))
def list_scenarios(query: Fields) -> Fields:
    """Recorded deploys, each with its newest drill."""
    permissions.require(current_actor(), "incident.read")
    page = scenarios_queries.scenario_page(query["incident"], query["after"], query["limit"])
    return {"scenarios": _shown(page.rows), "next": page.after}


@blueprint.route("/scenarios", methods=["POST"])
@contract(
    body=scenarios_schemas.ScenarioShape,
    returns=decisions_responses.ScenarioOut,
    status=201,
    scope_note="write",
)
def add_scenario(body: Fields) -> Fields:
    """Record a deploy of an incident, bad or good; it is drilled at once."""
    return _shown([scenarios_operations.record(body, actor=current_actor())])[0]


@blueprint.route("/scenarios/<int:scenario_id>", methods=["GET"])
@contract(returns=decisions_responses.ScenarioOut, scope_note="read", errors=(404,))
def show_scenario(scenario_id: int) -> Response:
    """One scenario with its facts and its newest drill; its ETag is the revision to send with an edit."""
    permissions.require(current_actor(), "incident.read")
    return _tagged(decisions_queries.scenario(scenario_id))


@blueprint.route("/scenarios/<int:scenario_id>", methods=["PATCH"])
@contract(
    body=scenarios_schemas.ScenarioEditShape(partial=True),
    returns=decisions_responses.ScenarioOut,
    scope_note="write",
    errors=(404, 409, 412, 422),
)
def edit_scenario(body: Fields, scenario_id: int) -> Response:
    """Change what is sent; the scenario is drilled anew. A stale revision is refused with both texts."""
    changes = {name: value for name, value in body.items() if name != "revision"}
    return _tagged(scenarios_operations.edit(scenario_id, changes, _revision(body), actor=current_actor()))


@blueprint.route("/scenarios/<int:scenario_id>", methods=["DELETE"])
@contract(status=204, scope_note="write", errors=(404,))
def remove_scenario(scenario_id: int) -> None:
    """Remove a scenario with its drills; what they proved is proven no longer."""
    scenarios_operations.delete(scenario_id, actor=current_actor())


@blueprint.route("/scenarios/<int:scenario_id>/drill", methods=["POST"])
@contract(returns=decisions_responses.DrillOut, scope_note="write", errors=(404,))
def drill_scenario(scenario_id: int) -> Drill:
    """Run today's guards against the recorded deploy."""
    return scenarios_operations.drill(scenario_id, actor=current_actor())


@blueprint.route("/scenarios/<int:scenario_id>/live-drills", methods=["POST"])
@contract(
    returns=decisions_responses.LiveDrillOut,
    status=201,
    scope_note="write and gate:read",
    errors=(404, 422, 503),
    own_units=True,
)
def drill_live(scenario_id: int) -> LiveDrill:
    """Ask the gate itself for the bad deploy, as a drill

    Today's guards judge it as they stand, and look where they look. The answer lets nothing through and
    counts as no decision. A pipeline that sends the scenario's request to `gate/decisions` with `drill` tries
    its own way there, too.
    """
    actor = current_actor()
    with db.reading():
        question = live_drill.question(scenario_id, actor=actor)
    ask.ask_once(question, actor=actor, runtime=runtime()).stored()
    with db.reading():
        return live_drill.newest(decisions_queries.scenario(scenario_id), 1)[0]


@blueprint.route("/scenarios/<int:scenario_id>/live-drills", methods=["GET"])
@contract(returns=decisions_responses.LiveDrillsOut, scope_note="read", errors=(404,))
def list_live_drills(scenario_id: int) -> Fields:
    """What the gate itself said when this scenario was drilled live, newest first"""
    permissions.require(current_actor(), "incident.read")
    return {"live_drills": live_drill.newest(decisions_queries.scenario(scenario_id)), "next": ""}


def _revision(body: Fields) -> int | None:
    """The revision that was read, as far as the request says; None changes whatever is there."""
    if "revision" in body or "If-Match" not in request.headers or request.if_match.star_tag:
        return body.get("revision")
    tags = request.if_match.as_set(include_weak=True)
    if len(tags) != 1 or not (tag := next(iter(tags))).isdecimal():
        raise Invalid('If-Match is one revision in quotes, such as "3"', "/revision")
    return int(tag)


def _tagged(scenario: Scenario) -> Response:
    response = make_response(decisions_responses.ScenarioOut().dump(_shown([scenario])[0]))
    response.set_etag(str(scenario.revision))
    return response


def _shown(scenarios: Iterable[Scenario]) -> list[Fields]:
    """Scenarios as `decisions_responses.ScenarioOut` dumps them, in a fixed number of queries."""
    rows = list(scenarios)
    newest = scenarios_queries.newest_drills([scenario.id for scenario in rows])
    return [
        {
            "id": scenario.id,
            "incident": scenario.incident.slug,
            "name": scenario.name,
            "kind": scenario.kind,
            "description": scenario.description,
            "facts": redaction.facts(scenario.facts),
            "revision": scenario.revision,
            "edited_at": scenario.edited_at,
            "newest_drill": newest.get(scenario.id),
        }
        for scenario in rows
    ]
