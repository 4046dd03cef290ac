"""Schemas of guards, services and evidence as the API answers them."""

from __future__ import annotations

from marshmallow import Schema, fields


class TargetOut(Schema):
    name = fields.String()
    full_name = fields.String(metadata={"example": "data8/prod"})


class ServiceOut(Schema):
    name = fields.String(metadata={"example": "data8"})
    title = fields.String()
    team = fields.String(metadata={"description": "the id of the team that answers for it, or empty"})
    is_demo = fields.Boolean()
    is_registered = fields.Boolean(
        metadata={"description": "false while only incidents name it: an admin has still to register it"}
    )
    targets = fields.List(
        fields.Nested(TargetOut), metadata={"description": "those registered, in promotion order"}
    )
    named_targets = fields.List(
        fields.String(),
        attribute="named",
        metadata={"description": "of one that is not registered: what incidents name", "example": ["prod"]},
    )


class ServicesOut(Schema):
    services = fields.List(fields.Nested(ServiceOut))
    next = fields.String(metadata={"description": "the `after` of the next page; empty on the last"})


class BecauseIncident(Schema):
    slug = fields.String()
    title = fields.String()
    date = fields.String(allow_none=True)
    url = fields.String()


class BecauseItem(Schema):
    id = fields.String(metadata={"example": "AI-2"})
    text = fields.String()
    owner = fields.String()
    url = fields.String()


class Because(Schema):
    incident = fields.Nested(BecauseIncident)
    action_item = fields.Nested(BecauseItem)


class EvaluationOut(Schema):
    """One verdict, with what was observed and what was expected."""

    id = fields.Integer()
    at = fields.AwareDateTime()
    purpose = fields.String(metadata={"description": "decision, dry_run, test or schedule"})
    decision_id = fields.String(allow_none=True)
    guard_revision = fields.Integer()
    target = fields.String()
    level = fields.String()
    verdict = fields.String()
    reason_code = fields.String()
    summary = fields.String()
    observed = fields.Raw(allow_none=True)
    expected = fields.Raw(allow_none=True)
    checked_at = fields.AwareDateTime(allow_none=True)


class EvaluationsOut(Schema):
    evaluations = fields.List(fields.Nested(EvaluationOut))
    next = fields.String()


class GuardOut(Schema):
    slug = fields.String(metadata={"example": "lab-hours"})
    title = fields.String()
    kind = fields.String()
    config = fields.Dict()
    level = fields.String()
    is_enabled = fields.Boolean()
    on_error = fields.String()
    override = fields.String(metadata={"description": "how many people it takes: none, one or two"})
    max_age_s = fields.Integer()
    remedy = fields.String()
    owner = fields.String()
    is_demo = fields.Boolean()
    revision = fields.Integer()
    created_at = fields.AwareDateTime()
    edited_at = fields.AwareDateTime()
    flaps_since = fields.AwareDateTime(
        allow_none=True, metadata={"description": "since when it flaps: a pass counts from the second on"}
    )
    targets = fields.List(fields.String(metadata={"example": "data8/prod"}))
    because = fields.List(fields.Nested(Because))
    newest = fields.Nested(EvaluationOut, allow_none=True)


class GuardsOut(Schema):
    guards = fields.List(fields.Nested(GuardOut))
    next = fields.String()


class KindOut(Schema):
    kind = fields.String()
    label = fields.String()
    passes_when = fields.String()
    observes = fields.Boolean(metadata={"description": "whether it looks at something outside"})
    schema = fields.Dict(metadata={"description": "JSON Schema of the configuration"})
    sample = fields.Dict()


class KindsOut(Schema):
    kinds = fields.List(fields.Nested(KindOut))


class EvidenceOut(Schema):
    id = fields.Integer()
    kind = fields.String(metadata={"example": "attestation"})
    target = fields.Function(lambda row: row.target.full_name, metadata={"example": "data8/staging"})
    predicate = fields.String()
    subject = fields.String()
    sha = fields.String()
    result = fields.String()
    issuer = fields.String()
    trust = fields.String(metadata={"description": "self_reported, token, person, oidc or system"})
    observed_at = fields.AwareDateTime()
    received_at = fields.AwareDateTime()
    decision_id = fields.String()
    event_id = fields.String(allow_none=True)
    warnings = fields.Function(
        lambda row: row.data.get("warnings", []), metadata={"description": "what is odd about it"}
    )


class LookOut(Schema):
    """What of a guard's newest look is for operators alone."""

    observed_at = fields.AwareDateTime()
    peer = fields.String(metadata={"description": "the address that was asked"})
    rule = fields.String(metadata={"description": "the rule of POSTMORTEMS_EGRESS_ALLOW that allowed it"})
    detail = fields.String(metadata={"description": "why nothing was seen"})
