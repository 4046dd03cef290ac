"""Sign-offs and policies over HTTP. Only people, or their tokens of the scope `sign`, may give them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from postmortems import clock, limits
from postmortems.accounts import permissions
from postmortems.gate.decisions import pending_signoffs
from postmortems.guards import schemas
from postmortems.guards.evidence.api import submitted, taking
from postmortems.guards.kinds.signoff import operations as signoff_operations
from postmortems.guards.kinds.signoff import schemas as signoff_schemas
from postmortems.guards.models import Acknowledgement, Evidence, Policy
from postmortems.guards.policies import operations as policies_operations
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("signing", "What only people can say: sign-offs, and that they know a policy.")

Fields = dict[str, Any]


class AskedOut(Schema):
    guard = fields.Function(lambda asked: asked.guard.slug)
    decision_id = fields.Function(lambda asked: asked.decision.id)
    target = fields.Function(lambda asked: asked.question.target, metadata={"example": "data8/prod"})
    digest = fields.Function(lambda asked: asked.question.artifact.digest)
    sha = fields.Function(lambda asked: asked.question.artifact.sha)
    actor = fields.Function(lambda asked: asked.question.actor, metadata={"description": "who asks"})
    asked_at = fields.Function(lambda asked: asked.decision.asked_at.isoformat())
    checklist = fields.Function(lambda asked: asked.guard.config.get("checklist", []))
    summary = fields.String()
    why_not = fields.String(metadata={"description": "why your word would not count; empty if it would"})


class SignoffsOut(Schema):
    signoffs = fields.List(fields.Nested(AskedOut))


class VersionOut(Schema):
    number = fields.Integer()
    text = fields.String()
    url = fields.String()
    at = fields.AwareDateTime()
    by = fields.String()


class PolicyOut(Schema):
    slug = fields.String(metadata={"example": "deployment-policy"})
    title = fields.String()
    newest = fields.Nested(VersionOut)


class PoliciesQuery(schemas.Strict):
    after = fields.String(load_default="", validate=validate.Length(max=100))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, limits.PAGE))


class PoliciesOut(Schema):
    policies = fields.List(fields.Nested(PolicyOut))
    next = fields.String(metadata={"description": "the `after` of the next page; empty on the last"})


class AcknowledgementBody(schemas.Strict):
    version = fields.Integer(
        strict=True, required=True, validate=validate.Range(1, 100_000), metadata={"example": 1}
    )


class AcknowledgementOut(Schema):
    version = fields.Integer(attribute="number")
    person = fields.String()
    at = fields.AwareDateTime()


@blueprint.route("/signoffs", methods=["GET"])
@contract(returns=SignoffsOut, scope_note="gate:read", errors=())
def list_signoffs() -> Fields:
    """The sign-offs that decisions of the last day wait for, the newest 50."""
    permissions.require(current_actor(), "gate.read")
    return {"signoffs": pending_signoffs.signoffs(current_actor(), clock.now())}


@blueprint.route("/evidence/signoffs", methods=["POST"])
@taking(body=signoff_schemas.SignoffBody, scope_note="sign", errors=(404, 422))
def add_signoff(body: Fields) -> Evidence:
    """Approve or reject an artifact for a target, in your own name."""
    return submitted(signoff_operations.sign, body)


@blueprint.route("/policies", methods=["GET"])
@contract(query=PoliciesQuery, returns=PoliciesOut, scope_note="read", errors=(422,))
def list_policies(query: Fields) -> Fields:
    """Policies by slug, each with its newest version."""
    permissions.require(current_actor(), "policy.read")
    limit = query["limit"]
    found = policies_operations.listing(query["after"], limit + 1)
    return {"policies": found[:limit], "next": found[limit - 1].slug if len(found) > limit else ""}


@blueprint.route("/policies/<slug>", methods=["GET"])
@contract(returns=PolicyOut, scope_note="read", errors=(404,))
def show_policy(slug: str) -> Policy:
    """One policy with its newest version."""
    permissions.require(current_actor(), "policy.read")
    return policies_operations.by_slug(slug)


@blueprint.route("/policies/<slug>", methods=["PUT"])
@contract(body=signoff_schemas.PolicyEditBody, returns=PolicyOut, scope_note="admin", errors=(409, 422))
def publish_policy(body: Fields, slug: str) -> Policy:
    """Publish a policy's next version, its first where there is none."""
    return policies_operations.publish(slug, body, actor=current_actor())


@blueprint.route("/policies/<slug>/acknowledgements", methods=["POST"])
@contract(
    body=AcknowledgementBody,
    returns=AcknowledgementOut,
    status=201,
    scope_note="sign",
    errors=(404, 409, 422),
)
def acknowledge_policy(body: Fields, slug: str) -> Acknowledgement:
    """Say, in your own name, that you have read this version, which has to be the newest."""
    return policies_operations.acknowledge(slug, body["version"], actor=current_actor())
