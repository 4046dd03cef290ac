"""The gate over HTTP: ask for a decision, and read decisions."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import fields

from postmortems.accounts import permissions
from postmortems.formats.choices import OneOfOrNothing
from postmortems.formats.strict_fields import Day
from postmortems.gate import schemas
from postmortems.gate.decisions import ask as decisions_ask
from postmortems.gate.decisions import queries, verify
from postmortems.gate.decisions import responses as decisions_responses
from postmortems.gate.decisions.answer import DecisionAnswer
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.verdicts import decision_table
from postmortems.guards.schemas import PageQuery
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint("gate", "May I deploy this artifact to this target now?")

Fields = dict[str, Any]
# When to ask again while the answer is wait, in seconds.
ASK_AGAIN_S = 10
REFUSING = frozenset({"block", "wait"})


class AskQuery(schemas.Strict):
    http = fields.String(
        load_default="",
        validate=OneOfOrNothing(("verdict",)),
        metadata={
            "description": "`verdict` answers 403 for block and wait, for callers that read statuses only"
        },
    )


class DecisionsQuery(PageQuery):
    service = schemas.text(100)
    target = schemas.text(201, description="a full name", example="data8/prod")
    decision = fields.String(load_default="", validate=OneOfOrNothing(decision_table.DECISIONS))
    is_dry_run = fields.Boolean(load_default=None, allow_none=True)
    artifact = schemas.text(200, description="its digest, or its commit")
    guard = schemas.text(100, description="decisions that asked this guard, by its slug")
    since = Day(load_default=None, metadata={"description": "a day, in UTC"})
    until = Day(load_default=None, metadata={"description": "a day, in UTC, included"})


@blueprint.route("/gate/decisions", methods=["POST"])
@blueprint.doc(
    parameters=[
        {
            "in": "header",
            "name": "Idempotency-Key",
            "schema": {"type": "string", "maxLength": decisions_ask.LONGEST_KEY},
            "description": "the same key and body get the same decision; another body is refused",
        }
    ]
)
@contract(
    query=AskQuery(),
    body=schemas.ASK,
    returns=decisions_responses.AnswerOut,
    scope_note="gate:read",
    errors=(409, 422),
    own_units=True,
    takes_over=True,
)
def ask(query: Fields, body: Fields) -> Response:
    """May I deploy? The answer has every guard's reasons, the failing ones first."""
    key = request.headers.get("Idempotency-Key")
    asked = DeployRequest.of(body)
    found = decisions_ask.ask_once(asked, actor=current_actor(), runtime=runtime(), idempotency_key=key)
    response = _answered(found, is_waited_for=bool(asked.wait_s))
    if query["http"] == "verdict" and found.decision in REFUSING:
        response.status_code = 403
    return response


def _answered(answer: DecisionAnswer, *, is_waited_for: bool) -> Response:
    """The answer as it was stored; 202 with where to ask while it waits for somebody who comes back."""
    response = Response(answer.text, mimetype="application/json")
    if answer.is_replayed:
        response.headers["Idempotent-Replayed"] = "true"
    if answer.decision == "wait" and is_waited_for:
        response.status_code = 202
        response.headers["Location"] = f"/api/v1/gate/decisions/{answer.id}"
        response.headers["Retry-After"] = str(ASK_AGAIN_S)
    return response


@blueprint.route("/gate/decisions", methods=["GET"])
@contract(
    query=DecisionsQuery, returns=decisions_responses.DecisionsOut, scope_note="gate:read", errors=(422,)
)
def list_decisions(query: Fields) -> Fields:
    """Decisions, newest first."""
    permissions.require(current_actor(), "gate.read")
    after, limit = query.pop("after"), query.pop("limit")
    page = queries.decisions(queries.Filters(**query), after, limit)
    return {"decisions": page.rows, "next": page.after}


@blueprint.route("/gate/decisions/<decision_id>", methods=["GET"])
@contract(returns=decisions_responses.AnswerOut, scope_note="gate:read", errors=(404,), own_units=True)
def show_decision(decision_id: str) -> Response:
    """One decision, as it was answered; one that waits is judged once more, and is 202 meanwhile

    A guard that only watches and was judged after the answer says in `later` what it found.
    """
    permissions.require(current_actor(), "gate.read")
    found = decisions_ask.poll(decision_id, actor=current_actor(), runtime=runtime())
    return _answered(found, is_waited_for=True)


@blueprint.route("/gate/keys", methods=["GET"])
@contract(returns=decisions_responses.KeysOut, scope_note="gate:read")
def show_keys() -> Fields:
    """The keys by which the `signature` of an answer is checked, as a JSON Web Key Set."""
    return {"keys": runtime().signer.public_keys()}


@blueprint.route("/gate/decisions/<decision_id>/verify", methods=["POST"])
@contract(
    body=schemas.VerifyShape,
    returns=decisions_responses.VerifiedOut,
    scope_note="gate:read",
    errors=(404, 422),
)
def verify_decision(body: Fields, decision_id: str) -> verify.Verified:
    """Whether the decision still lets this artifact go to this target: both have to be named."""
    return verify.verify(decision_id, verify.DeployClaim.of(body), actor=current_actor())
