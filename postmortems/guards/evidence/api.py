"""Evidence over HTTP: submit and list it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from marshmallow import Schema, fields, validate

from postmortems.gate.enforcement import guard_changes
from postmortems.guards import operations, schemas
from postmortems.guards import responses as guards_responses
from postmortems.guards.config_fields import PREDICATE, or_nothing
from postmortems.guards.evidence import in_toto, refusals
from postmortems.guards.models import Evidence
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("evidence", "What pipelines and people saw, for guards to judge.")

Fields = dict[str, Any]


class PlaceQuery(schemas.Strict):
    service = fields.String(required=True, metadata={"example": "data8"})
    target = fields.String(required=True, metadata={"description": "where it was seen", "example": "staging"})
    predicate = fields.String(
        load_default="",
        validate=or_nothing(PREDICATE),
        metadata={"description": "the name guards look for; by default `test-result` or `slsa-verified`"},
    )
    observed_at = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=40))


class StatementOut(Schema):
    evidence = fields.List(fields.Nested(guards_responses.EvidenceOut))


# What every door takes that brings evidence in, and answers.
taking = partial(
    contract,
    returns=guards_responses.EvidenceOut,
    status=201,
    scope_note="evidence:write",
    errors=(422,),
    own_units=True,
)


def submitted(submit: Callable[..., Evidence], said: Fields) -> Evidence:
    """Evidence by whoever asks; what is suspicious about it is audited though it is refused."""
    actor = current_actor()
    with refusals.telling(actor):
        return submit(said, actor=actor)


@blueprint.route("/evidence/attestations", methods=["POST"])
@taking(body=schemas.AttestationBody)
def add_attestation(body: Fields) -> Evidence:
    """Vouch for an artifact, as seen on a target."""
    return submitted(operations.attest, body)


@blueprint.route("/evidence/statements", methods=["POST"])
@taking(query=PlaceQuery, body=in_toto.StatementBody, returns=StatementOut)
def add_statement(query: Fields, body: Fields) -> Fields:
    """The same as an in-toto statement: a test result, or a verification summary (SLSA)."""
    actor = current_actor()
    with refusals.telling(actor):
        said = in_toto.attestations(body, query)
        return {"evidence": [operations.attest(one, actor=actor) for one in said]}


@blueprint.route("/evidence/deploys", methods=["POST"])
@taking(body=schemas.DeployBody)
def add_deploy(body: Fields) -> Evidence:
    """Say that a deploy began or ended. They may come late, twice and in any order."""
    return submitted(guard_changes.record_deploy, body)


@blueprint.route("/evidence/facts", methods=["POST"])
@taking(body=schemas.FactsBody)
def add_facts(body: Fields) -> Evidence:
    """Say what holds on a target's environment, such as its Kubernetes version."""
    return submitted(operations.record_facts, body)


@blueprint.route("/evidence/resolutions", methods=["POST"])
@taking(body=schemas.ResolutionBody, scope_note="sign")
def add_resolution(body: Fields) -> Evidence:
    """Say, as a person, that the trouble after the failed deploys on a target is over."""
    return submitted(operations.resolve, body)
