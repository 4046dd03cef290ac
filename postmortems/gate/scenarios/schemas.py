"""Schemas of a scenario and its facts. Loaded values are plain JSON again."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from postmortems.gate import schemas
from postmortems.guards import schemas as guards_schemas
from postmortems.guards.evidence.find import OF_GUARDS, SHARED


class RecordedAskShape(schemas.AskShape):
    """What was asked on the day of a scenario."""

    class Meta(schemas.Strict.Meta):
        exclude = ("at", "dry_run", "wait_s", "drill")


class SubjectShape(schemas.Strict):
    digest = guards_schemas.artifact_digest()
    sha = guards_schemas.artifact_commit()


# What is seen by looking is recorded as a probe.
RECORDED = tuple(sorted({*SHARED, *OF_GUARDS} - {"observation"}))
# The evidence that is about a target.
OF_TARGETS = ("attestation", "deploy")


class SeenShape(schemas.Strict):
    """Evidence as a scenario records it. `target` is a full name, or a target's name beside `service`."""

    kind = fields.String(load_default="attestation", validate=validate.OneOf(RECORDED))
    guard = schemas.text(100, description="the guard whose evidence it is, by its slug; empty for any")
    predicate = schemas.text(100)
    service = schemas.text(100)
    target = schemas.text(201)
    subject = fields.Nested(SubjectShape, load_default=dict)
    digest = guards_schemas.artifact_digest()
    sha = guards_schemas.artifact_commit()
    result = schemas.text(20)
    outcome = schemas.text(20)
    observed_at = fields.String(required=True, validate=schemas.is_instant)
    issuer = schemas.text(200)
    trust = schemas.text(20)
    tests = fields.Dict(load_default=dict, validate=schemas.is_storable)
    run = fields.Dict(load_default=dict, validate=schemas.is_storable)
    data = fields.Dict(
        load_default=dict,
        validate=schemas.is_storable,
        metadata={"description": "what else it holds, as it is stored: components, checklist, …"},
    )

    @validates_schema(skip_on_field_errors=True)
    def _has_its_target(self, values: dict[str, Any], **_: Any) -> None:
        if values["kind"] in OF_TARGETS and not values["target"]:
            raise ValidationError("say on which target it was seen", "target")


class FactsShape(schemas.Strict):
    """The recorded inputs of one deploy: when, what was asked, and what there was to see."""

    at = fields.String(required=True, validate=schemas.is_instant)
    request = fields.Nested(RecordedAskShape, required=True)
    evidence = fields.List(fields.Nested(SeenShape), load_default=list, validate=validate.Length(max=200))
    probes = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 100)),
        values=fields.Dict(validate=schemas.is_storable),
        load_default=dict,
        validate=validate.Length(max=100),
    )


class ScenarioShape(schemas.Strict):
    incident = schemas.Name(200)
    name = schemas.Name(100)
    kind = fields.String(required=True, validate=validate.OneOf(["bad", "good"]))
    description = schemas.text(5000)
    facts = fields.Nested(FactsShape, required=True)


class ScenarioEditShape(ScenarioShape):
    """What of a scenario can change; it stays with its incident."""

    class Meta(schemas.Strict.Meta):
        exclude = ("incident",)

    revision = fields.Integer(
        strict=True,
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "the one that was read, or If-Match; without it, what is there is changed"},
    )
