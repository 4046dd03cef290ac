"""Ask the gate, read its decisions, keep and drill scenarios, over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, make_response, request
from marshmallow import fields, validate

from postmortems import signing
from postmortems.gate import asking, drilling, queries, replies, rules, schemas, verifying
from postmortems.gate.concluding import Answered
from postmortems.gate.models import Drill, Scenario
from postmortems.guards.schemas import LARGEST_PAGE, PageQuery
from postmortems.people import permissions
from postmortems.web.auth import current_actor
from postmortems.web.contract import api_blueprint, contract

blueprint = api_blueprint(
    "gate", "May I deploy this artifact to this target now? And would we have stopped that?"
)

Fields = dict[str, Any]
# When to ask again while the answer is wait, in seconds.
ASK_AGAIN_S = 10
REFUSING = frozenset({"block", "wait"})


class AskQuery(schemas.Strict):
    http = fields.String(
        load_default="",
        validate=validate.OneOf(["", "verdict"]),
        metadata={
            "description": "`verdict` answers 403 for block and wait, for callers that read statuses only"
        },
    )


class DecisionsQuery(PageQuery):
    service = schemas.Text(100)
    target = schemas.Text(201, metadata={"description": "a full name", "example": "data8/prod"})
    decision = fields.String(load_default="", validate=validate.OneOf(["", *rules.DECISIONS]))
    is_dry_run = fields.Boolean(load_default=None, allow_none=True)
    artifact = schemas.Text(200, metadata={"description": "its digest, or its commit"})
    guard = schemas.Text(100, metadata={"description": "decisions that asked this guard, by its slug"})
    since = fields.Date(load_default=None, metadata={"description": "a day, in UTC"})
    until = fields.Date(load_default=None, metadata={"description": "a day, in UTC, included"})


class ScenariosQuery(schemas.Strict):
    incident = schemas.Text(200, metadata={"description": "the slug of an incident"})
    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, LARGEST_PAGE))


@blueprint.route("/gate/decisions", methods=["POST"])
@blueprint.doc(
    parameters=[
        {
            "in": "header",
            "name": "Idempotency-Key",
            "schema": {"type": "string", "maxLength": asking.LONGEST_KEY},
            "description": "the same key and body get the same decision; another body is refused",
        }
    ]
)
@contract(
    query=AskQuery(),
    body=schemas.ASK,
    returns=replies.AnswerOut,
    scope_note="gate:read",
    errors=(409, 422),
    own_units=True,
    takes_over=True,
)
def ask(query: Fields, body: Fields) -> Response:
    """May I deploy? The answer has every guard's reasons, the failing ones first."""
    key = request.headers.get("Idempotency-Key")
    found = asking.ask_once(body, actor=current_actor(), idempotency_key=key)
    response = _answered(found, is_waited_for=bool(body["wait_s"]))
    if query["http"] == "verdict" and found.answer["decision"] in REFUSING:
        response.status_code = 403
    return response


def _answered(found: Answered, *, is_waited_for: bool) -> Response:
    """The answer as it was stored; 202 with where to ask while it waits for somebody who comes back."""
    response = Response(found.text, mimetype="application/json")
    if found.is_replayed:
        response.headers["Idempotent-Replayed"] = "true"
    if found.answer["decision"] == "wait" and is_waited_for:
        response.status_code = 202
        response.headers["Location"] = f"/api/v1/gate/decisions/{found.answer['id']}"
        response.headers["Retry-After"] = str(ASK_AGAIN_S)
    return response


@blueprint.route("/gate/decisions", methods=["GET"])
@contract(query=DecisionsQuery, returns=replies.DecisionsOut, scope_note="gate:read", errors=(422,))
def list_decisions(query: Fields) -> Fields:
    """Decisions, newest first."""
    permissions.require(current_actor(), "gate.read")
    after, limit = query.pop("after"), query.pop("limit")
    page = queries.decisions(queries.Filters(**query), after, limit)
    return {"decisions": page.rows, "next": page.after}


@blueprint.route("/gate/decisions/<decision_id>", methods=["GET"])
@contract(returns=replies.AnswerOut, scope_note="gate:read", errors=(404,), own_units=True)
def show_decision(decision_id: str) -> Response:
    """One decision, exactly as it was answered; one that waits is judged once more, and is 202 meanwhile."""
    permissions.require(current_actor(), "gate.read")
    return _answered(asking.poll(decision_id, actor=current_actor()), is_waited_for=True)


@blueprint.route("/gate/keys", methods=["GET"])
@contract(returns=replies.KeysOut, scope_note="gate:read")
def show_keys() -> Fields:
    """The keys by which the `signature` of an answer is checked, as a JSON Web Key Set."""
    return {"keys": signing.public_keys()}


@blueprint.route("/gate/decisions/<decision_id>/verify", methods=["POST"])
@contract(body=schemas.VerifyShape, returns=replies.VerifiedOut, scope_note="gate:read", errors=(404, 422))
def verify_decision(body: Fields, decision_id: str) -> verifying.Verified:
    """Whether the decision still lets this artifact go to this target; what is not named is not compared."""
    return verifying.verify(decision_id, body, actor=current_actor())


@blueprint.route("/scenarios", methods=["GET"])
@contract(query=ScenariosQuery, returns=replies.ScenariosOut, scope_note="read", errors=(422,))
def list_scenarios(query: Fields) -> Fields:
    """Recorded deploys, each with its newest drill."""
    permissions.require(current_actor(), "incident.read")
    page = queries.scenario_page(query["incident"], query["after"], query["limit"])
    return {"scenarios": _shown(page.rows), "next": page.after}


@blueprint.route("/scenarios", methods=["POST"])
@contract(body=schemas.ScenarioShape, returns=replies.ScenarioOut, status=201, scope_note="write")
def add_scenario(body: Fields) -> Fields:
    """Record a deploy of an incident, bad or good; it is drilled at once."""
    return _shown([drilling.record(body, actor=current_actor())])[0]


@blueprint.route("/scenarios/<int:scenario_id>", methods=["GET"])
@contract(returns=replies.ScenarioOut, scope_note="read", errors=(404,))
def show_scenario(scenario_id: int) -> Response:
    """One scenario with its facts and its newest drill; its ETag is the revision to send with an edit."""
    permissions.require(current_actor(), "incident.read")
    return _tagged(queries.scenario(scenario_id))


@blueprint.route("/scenarios/<int:scenario_id>", methods=["PATCH"])
@contract(
    body=schemas.ScenarioEditShape(partial=True),
    returns=replies.ScenarioOut,
    scope_note="write",
    errors=(404, 409, 412, 422),
)
def edit_scenario(body: Fields, scenario_id: int) -> Response:
    """Change what is sent; the scenario is drilled anew. A stale revision is refused with both texts."""
    revision = body.pop("revision", None)
    tags = request.if_match.as_set(include_weak=True)
    if revision is None and len(tags) == 1 and (tag := next(iter(tags))).isdecimal():
        revision = int(tag)
    return _tagged(drilling.edit(scenario_id, body, revision, actor=current_actor()))


@blueprint.route("/scenarios/<int:scenario_id>", methods=["DELETE"])
@contract(status=204, scope_note="write", errors=(404,))
def remove_scenario(scenario_id: int) -> None:
    """Remove a scenario with its drills; what they proved is proven no longer."""
    drilling.delete(scenario_id, actor=current_actor())


@blueprint.route("/scenarios/<int:scenario_id>/drill", methods=["POST"])
@contract(returns=replies.DrillOut, scope_note="write", errors=(404,))
def drill_scenario(scenario_id: int) -> Drill:
    """Run today's guards against the recorded deploy."""
    return drilling.drill(scenario_id, actor=current_actor())


def _tagged(scenario: Scenario) -> Response:
    response = make_response(replies.ScenarioOut().dump(_shown([scenario])[0]))
    response.set_etag(str(scenario.revision))
    return response


def _shown(scenarios: Iterable[Scenario]) -> list[Fields]:
    """Scenarios as `replies.ScenarioOut` dumps them, in a fixed number of queries."""
    rows = list(scenarios)
    newest = queries.newest_drills([scenario.id for scenario in rows])
    return [
        {
            "id": scenario.id,
            "incident": scenario.incident.slug,
            "name": scenario.name,
            "kind": scenario.kind,
            "description": scenario.description,
            "facts": scenario.facts,
            "revision": scenario.revision,
            "edited_at": scenario.edited_at,
            "newest_drill": newest.get(scenario.id),
        }
        for scenario in rows
    ]
