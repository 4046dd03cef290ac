"""Schemas of decisions, scenarios and drills as the API answers them."""

from __future__ import annotations

from marshmallow import Schema, fields

from postmortems.gate.schemas import ArtifactShape
from postmortems.guards.responses import Because


class ReasonOut(Schema):
    """Why the decision as a whole is what it is: unknown_target, uncovered, wait_deadline_passed."""

    reason_code = fields.String(metadata={"example": "unknown_target"})
    summary = fields.String()
    remedy = fields.String()


class WarningOut(Schema):
    guard = fields.String(allow_none=True)
    reason_code = fields.String()
    summary = fields.String()


class CountedWaiverOut(Schema):
    """Who lets the guard be passed over, why and until when, and what the guard said itself."""

    kind = fields.String(metadata={"description": "override, waiver, pause"})
    owner = fields.String()
    made_by = fields.String()
    reason = fields.String()
    ends_at = fields.String()
    counts = fields.Boolean(metadata={"description": "false for one that ended lately"})
    verdict = fields.String(allow_none=True)
    summary = fields.String(allow_none=True)


class LaterOut(Schema):
    """What a guard that only watches said when it had looked, after the answer."""

    verdict = fields.String()
    reason_code = fields.String()
    summary = fields.String()
    observed = fields.Raw(allow_none=True)
    expected = fields.Raw(allow_none=True)
    at = fields.String(metadata={"description": "when it was judged"})


class GuardAnswerOut(Schema):
    """What one guard said, observed against expected, and why it is there."""

    guard = fields.String(metadata={"example": "lab-hours"})
    title = fields.String()
    kind = fields.String(metadata={"example": "window"})
    level = fields.String(metadata={"example": "soft"})
    revision = fields.Integer()
    verdict = fields.String(metadata={"example": "fail"})
    effective = fields.String(metadata={"example": "block"})
    reason_code = fields.String()
    summary = fields.String()
    observed = fields.Raw(allow_none=True)
    expected = fields.Raw(allow_none=True)
    checked_at = fields.String(allow_none=True)
    next_possible_at = fields.String(allow_none=True)
    remedy = fields.String()
    evidence_id = fields.Integer(allow_none=True, metadata={"description": "the look it was judged by"})
    waiver = fields.Nested(CountedWaiverOut, allow_none=True)
    override = fields.Integer(metadata={"description": "how many people may pass it over; 0: nobody"})
    because = fields.List(fields.Nested(Because))
    later = fields.Nested(
        LaterOut,
        allow_none=True,
        metadata={
            "description": "of one whose `reason_code` is judged_later, where the decision is read again: "
            "what it said then; null until it has"
        },
    )
    is_cut = fields.Boolean(metadata={"description": "told in short, for the answer would be too long"})


class PassOut(Schema):
    """Whether the deploy could be let past what stops it, and who would have to."""

    allowed = fields.Boolean(metadata={"description": "whether everything that stops it can be overridden"})
    roles = fields.List(fields.String())
    guards = fields.List(fields.String(), metadata={"description": "those that can be"})
    people = fields.Integer(metadata={"description": "how many it takes: 2 are who asks and who grants"})


class KeyOut(Schema):
    kty = fields.String()
    crv = fields.String()
    use = fields.String()
    alg = fields.String()
    kid = fields.String()
    x = fields.String()


class KeysOut(Schema):
    keys = fields.List(fields.Nested(KeyOut))


class AnswerOut(Schema):
    """The gate's answer, exactly as it is stored; read again, guards that were judged later say so."""

    id = fields.String()
    decision = fields.String(
        metadata={"example": "block", "description": "allow, allow_with_warnings, wait, block"}
    )
    service = fields.String()
    target = fields.String(metadata={"description": "the full name", "example": "data8/prod"})
    artifact = fields.Nested(ArtifactShape)
    dry_run = fields.Boolean()
    drill = fields.Integer(metadata={"description": "of a live drill only: the scenario's id"})
    evaluated_at = fields.String()
    valid_until = fields.String()
    wait_deadline = fields.String(allow_none=True)
    incidents = fields.Integer(metadata={"description": "how many incidents the guards are there for"})
    reasons = fields.List(fields.Nested(ReasonOut))
    guards = fields.List(fields.Nested(GuardAnswerOut), metadata={"description": "the failing ones first"})
    warnings = fields.List(fields.Nested(WarningOut))
    override = fields.Nested(PassOut)
    single_use = fields.Boolean(metadata={"description": "it rests on an override: verify it once"})
    signature = fields.String(metadata={"description": "a JWT that says the same in short: see gate/keys"})


class DecisionOut(Schema):
    """A decision in a list; ask for one by its id to see every guard's answer."""

    id = fields.String()
    decision = fields.String()
    service = fields.String()
    target = fields.String()
    artifact = fields.String()
    is_dry_run = fields.Boolean()
    is_demo = fields.Boolean()
    asked_by = fields.String()
    asked_at = fields.AwareDateTime()
    evaluated_at = fields.AwareDateTime()
    valid_until = fields.AwareDateTime(allow_none=True)


class DecisionsOut(Schema):
    decisions = fields.List(fields.Nested(DecisionOut))
    next = fields.String(metadata={"description": "the `after` of the next page; empty on the last"})


class VerifiedOut(Schema):
    """Whether a decision still lets this artifact go to this target."""

    id = fields.String()
    is_valid = fields.Boolean()
    decision = fields.String()
    reason_code = fields.String(
        metadata={"description": "valid, expired, used, not_allowed, dry_run, other_target or other_artifact"}
    )
    summary = fields.String()
    valid_until = fields.AwareDateTime(allow_none=True)


class ResultOut(Schema):
    """One guard's verdict in a drill."""

    guard = fields.String()
    revision = fields.Integer()
    kind = fields.String()
    level = fields.String()
    verdict = fields.String()
    effective = fields.String()
    reason_code = fields.String()
    summary = fields.String()
    observed = fields.Raw(allow_none=True)
    expected = fields.Raw(allow_none=True)
    next_possible_at = fields.String(allow_none=True)


class DrillOut(Schema):
    id = fields.Integer()
    scenario_id = fields.Integer()
    at = fields.AwareDateTime()
    by = fields.String()
    decision = fields.String()
    is_as_expected = fields.Boolean(metadata={"description": "a bad deploy blocked, a good one let through"})
    results = fields.List(fields.Nested(ResultOut))


class LiveDrillOut(Schema):
    """What the gate itself said to a bad deploy that was asked for as a drill."""

    id = fields.Integer()
    scenario_id = fields.Integer()
    at = fields.AwareDateTime()
    by = fields.String()
    decision_id = fields.String(metadata={"description": "its answer, kept as long as a dry run's"})
    decision = fields.String(metadata={"example": "block"})
    is_as_expected = fields.Boolean(metadata={"description": "whether the gate blocked it"})


class LiveDrillsOut(Schema):
    live_drills = fields.List(fields.Nested(LiveDrillOut))
    next = fields.String(metadata={"description": "empty: the newest twenty are all that is told"})


class ScenarioOut(Schema):
    id = fields.Integer()
    incident = fields.String(metadata={"description": "its slug"})
    name = fields.String()
    kind = fields.String(metadata={"example": "bad"})
    description = fields.String()
    facts = fields.Dict()
    revision = fields.Integer(metadata={"description": "to be sent with an edit, also as the ETag"})
    edited_at = fields.AwareDateTime()
    newest_drill = fields.Nested(DrillOut, allow_none=True)


class ScenariosOut(Schema):
    scenarios = fields.List(fields.Nested(ScenarioOut))
    next = fields.String(metadata={"description": "the `after` of the next page; empty on the last"})
