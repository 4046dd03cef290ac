"""Channels and deliveries over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import RAISE, Schema, fields, validate

from postmortems import limits
from postmortems.accounts import permissions
from postmortems.formats.choices import OneOfOrNothing
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.notify.channels import deliveries, operations, queries
from postmortems.notify.channels.dispatch import KINDS
from postmortems.notify.channels.formats import FORMATS
from postmortems.web.auth import current_actor
from postmortems.web.openapi import etags
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint("channels", "Channels: chats that are told what people are; and deliveries")

Fields = dict[str, Any]
HIGHEST = 2**31 - 1


class ChannelBodySchema(Schema):
    class Meta:
        unknown = RAISE

    name = fields.String(required=True, validate=validate.Length(1, 100), metadata={"example": "#platform"})
    kind = fields.String(required=True, validate=validate.OneOf(list(FORMATS)))
    url = fields.String(
        required=True,
        validate=validate.Length(max=operations.LONGEST_URL),
        metadata={"description": "kept encrypted, and never given out"},
    )
    tells = fields.List(
        fields.String(validate=validate.OneOf(KINDS)),
        required=True,
        validate=validate.Length(1, len(KINDS)),
        metadata={"example": ["digest", "escalation"]},
    )
    team = fields.String(
        load_default="",
        validate=validate.Length(max=80),
        metadata={"description": "a team's id: only what is that team's; left out, everything"},
    )


class ChannelEditSchema(ChannelBodySchema):
    is_enabled = StrictBoolean()


class ChannelSchema(Schema):
    id = fields.Integer()
    name = fields.String()
    kind = fields.String(validate=validate.OneOf(list(FORMATS)))
    host = fields.String(metadata={"description": "of its address, what is no secret"})
    tells = fields.List(fields.String(validate=validate.OneOf(KINDS)))
    team = fields.Function(lambda row: row.team and row.team.slug, metadata={"description": "or null"})
    is_enabled = fields.Boolean()
    trouble = fields.String(metadata={"description": "why it was switched off, where no person did it"})
    failing_since = fields.AwareDateTime(allow_none=True)
    created_at = fields.AwareDateTime()


class ChannelsSchema(Schema):
    channels = fields.List(fields.Nested(ChannelSchema))


class DeliverySchema(Schema):
    id = fields.Integer(attribute="message.id")
    channel = fields.String(attribute="message.channel", validate=validate.OneOf(deliveries.CHANNELS))
    to = fields.String(metadata={"description": "the account, or the channel's name"})
    kind = fields.String()
    about = fields.String()
    state = fields.String(attribute="message.state", validate=validate.OneOf(deliveries.STATES))
    attempts = fields.Integer(attribute="message.attempts")
    created_at = fields.AwareDateTime(attribute="message.created_at")
    due_at = fields.AwareDateTime(attribute="message.due_at")
    sent_at = fields.AwareDateTime(attribute="message.sent_at", allow_none=True)
    trouble = fields.String(attribute="message.trouble")


class DeliveriesSchema(Schema):
    deliveries = fields.List(fields.Nested(DeliverySchema))
    next = fields.Integer(allow_none=True, metadata={"description": "the `before` of the next page"})


class DeliveriesQuery(Schema):
    class Meta:
        unknown = RAISE

    channel = fields.String(load_default="", validate=OneOfOrNothing(deliveries.CHANNELS))
    person = fields.String(load_default="", validate=validate.Length(max=100))
    state = fields.String(load_default="", validate=OneOfOrNothing(deliveries.STATES))
    before = fields.Integer(load_default=None, validate=validate.Range(1, HIGHEST))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, limits.PAGE))


@blueprint.route("/channels", methods=["GET"])
@contract(returns=ChannelsSchema, errors=(), scope_note="admin")
def index() -> Response:
    """All channels by name"""
    permissions.require(current_actor(), "channel.manage")
    return etags.answered(ChannelsSchema, {"channels": queries.listing()})


@blueprint.route("/channels", methods=["POST"])
@contract(body=ChannelBodySchema, returns=ChannelSchema, status=201, errors=(409,), scope_note="admin")
def add(body: Fields) -> Response:
    """Add a channel"""
    made = operations.add(body, actor=current_actor(), vault=runtime().vault)
    return etags.answered(ChannelSchema, made, 201)


@blueprint.route("/channels/<int:number>", methods=["GET"])
@contract(returns=ChannelSchema, errors=(404,), scope_note="admin")
def show(number: int) -> Response:
    """One channel; its ETag is what an edit sends as If-Match"""
    permissions.require(current_actor(), "channel.manage")
    return etags.answered(ChannelSchema, queries.by_id(number))


@blueprint.route("/channels/<int:number>", methods=["PATCH"])
@contract(body=ChannelEditSchema(partial=True), returns=ChannelSchema, errors=(404, 412), scope_note="admin")
def change(body: Fields, number: int) -> Response:
    """Change a channel, or switch it on again; with If-Match, so that nobody's edit is lost"""
    permissions.require(current_actor(), "channel.manage")
    etags.refuse_changed(ChannelSchema, lambda: queries.held(number), "the channel")
    changed = operations.change(number, body, actor=current_actor(), vault=runtime().vault)
    return etags.answered(ChannelSchema, changed)


@blueprint.route("/channels/<int:number>", methods=["DELETE"])
@contract(status=204, errors=(404,), scope_note="admin")
def remove(number: int) -> None:
    """Remove a channel; what waits for it is not sent"""
    operations.remove(number, actor=current_actor())


@blueprint.route("/channels/<int:number>/test", methods=["POST"])
@contract(returns=DeliverySchema, status=202, errors=(404, 409), scope_note="admin")
def test(number: int) -> Any:
    """Send a message that says only that it arrived"""
    message = operations.test(number, actor=current_actor())
    return deliveries.shown([message])[0]


@blueprint.route("/deliveries", methods=["GET"])
@contract(query=DeliveriesQuery, returns=DeliveriesSchema, errors=(404, 422), scope_note="admin")
def list_deliveries(query: Fields) -> Fields:
    """Who was told by mail or chat, newest first, and how it went"""
    found = deliveries.listing(current_actor(), **query)
    more = found[-1].message.id if len(found) == query["limit"] else None
    return {"deliveries": found, "next": more}


@blueprint.route("/deliveries/<int:number>/send", methods=["POST"])
@contract(returns=DeliverySchema, status=202, errors=(404, 409), scope_note="admin")
def send_again(number: int) -> Any:
    """Send one once more, or now one that was tried and waits to be tried again"""
    return deliveries.send_again(number, actor=current_actor())
