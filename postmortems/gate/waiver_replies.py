"""The shapes of overrides, waivers and pauses as they go out."""

from __future__ import annotations

from marshmallow import Schema, fields


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
