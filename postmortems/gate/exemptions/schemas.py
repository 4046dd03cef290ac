"""Schemas of overrides, waivers and pauses."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate

from postmortems import zone_tables
from postmortems.gate.schemas import Strict, is_instant, text

SHORTEST_REASON = 20


def _says_why(text: str) -> None:
    if len(text.strip()) < SHORTEST_REASON:
        raise ValidationError(f"say why, in {SHORTEST_REASON} characters at least")


def _are_different(names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise ValidationError("names one twice")


def Reason() -> fields.String:
    return fields.String(required=True, validate=[validate.Length(max=2000), _says_why])


def _is_zone(text: str) -> None:
    if zone_tables.named(text or "UTC") is None:
        raise ValidationError("is no zone of the tz database; write one such as America/Los_Angeles")


class OverrideShape(Strict):
    """Which guards of a decision are to be passed over once, and why."""

    guards = fields.List(
        fields.String(validate=validate.Length(1, 100)),
        required=True,
        validate=[validate.Length(1, 50), _are_different],
        metadata={"description": "each by its slug; there is no `all`", "example": ["lab-hours"]},
    )
    reason = Reason()
    ticket = text(500, description="where it is discussed: an address, a number")
    expires_s = fields.Integer(
        strict=True,
        load_default=3600,
        validate=validate.Range(60, 14_400),
        metadata={"description": "how long it lasts from being granted"},
    )


class WaiverShape(Strict):
    """A waiver of a guard, a pause of one, or a pause of a target's probes."""

    kind = fields.String(required=True, validate=validate.OneOf(["waiver", "pause", "probe_pause"]))
    guard = text(100)
    target = text(201, description="a full name; empty for all of the guard's targets")
    owner = text(200, description="who mends it until then; by default whoever makes it")
    reason = Reason()
    until = fields.String(required=True, validate=is_instant, metadata={"description": "with its offset"})
    zone = fields.String(load_default="", validate=[validate.Length(max=100), _is_zone])


class OverrideOut(Schema):
    """That named guards be passed over once, for this decision's target and artifact."""

    id = fields.Integer()
    decision_id = fields.String()
    target = fields.String(metadata={"example": "data8/prod"})
    artifact = fields.String()
    guards = fields.List(fields.String())
    reason = fields.String()
    ticket = fields.String()
    expires_s = fields.Integer()
    state = fields.String(metadata={"description": "requested, granted or refused"})
    requested_by = fields.String()
    requested_at = fields.AwareDateTime()
    settled_by = fields.String(metadata={"description": "who granted or refused it"})
    is_self_granted = fields.Boolean(
        metadata={"description": "whether who asked has granted it, as the only admin may"}
    )
    settled_at = fields.AwareDateTime(allow_none=True)
    expires_at = fields.AwareDateTime(allow_none=True)
    items = fields.List(
        fields.String(metadata={"example": "AI-7"}), metadata={"description": "opened to follow it up"}
    )


class OverridesOut(Schema):
    overrides = fields.List(fields.Nested(OverrideOut))
    next = fields.String(metadata={"description": "the `after` of the next page; empty on the last"})


class WaiverOut(Schema):
    """What keeps a guard, or a target's probes, from stopping deploys for a while."""

    id = fields.Integer()
    kind = fields.String(metadata={"description": "waiver, pause or probe_pause"})
    guard = fields.String()
    target = fields.String(metadata={"description": "a full name; empty for all of the guard's targets"})
    owner = fields.String()
    reason = fields.String()
    zone = fields.String()
    made_by = fields.String()
    made_at = fields.AwareDateTime()
    granted_by = fields.String(metadata={"description": "who let it count; empty while another admin has to"})
    ends_at = fields.AwareDateTime()
    ended_by = fields.String(metadata={"description": "who ended it before its time"})


class WaiversOut(Schema):
    waivers = fields.List(fields.Nested(WaiverOut))
    next = fields.String(metadata={"description": "the `after` of the next page; empty on the last"})
