"""Webhooks over HTTP: keep, switch, replace secrets, and list deliveries."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems.accounts import permissions
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.notify import webhooks
from postmortems.notify.models import Message, Webhook
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint("notify", "Tell other systems what happens here, signed as Standard Webhooks says.")

Fields = dict[str, Any]


class WebhookBody(Schema):
    class Meta:
        unknown = RAISE

    name = fields.String(required=True, metadata={"example": "chat"})
    url = fields.String(required=True, metadata={"example": "https://hooks.example.org/postmortems"})
    events = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "verbs, with * for all of a kind",
            "example": ["item.reopened", "decision.*"],
        },
    )


class WebhookEditBody(WebhookBody):
    is_enabled = StrictBoolean()


class WebhookOut(Schema):
    id = fields.Integer()
    name = fields.String()
    url = fields.String()
    events = fields.List(fields.String())
    is_enabled = fields.Boolean()
    trouble = fields.String(metadata={"description": "why it was switched off, where no person did it"})
    failing_since = fields.AwareDateTime(allow_none=True)
    previous_until = fields.AwareDateTime(
        allow_none=True, metadata={"description": "until when the secret before signs as well"}
    )
    created_at = fields.AwareDateTime()


class SecretOut(Schema):
    webhook = fields.Nested(WebhookOut)
    secret = fields.String(metadata={"description": "given out this once"})


class WebhooksOut(Schema):
    webhooks = fields.List(fields.Nested(WebhookOut))


class MessageOut(Schema):
    id = fields.Integer()
    message = fields.String(attribute="about", metadata={"description": "the webhook-id it is sent under"})
    type = fields.String(attribute="payload.type")
    state = fields.String(validate=validate.OneOf(["waiting", "sent", "dead", "held"]))
    attempts = fields.Integer()
    created_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime()
    sent_at = fields.AwareDateTime(allow_none=True)
    last_status = fields.Integer(allow_none=True)
    trouble = fields.String()


class MessagesOut(Schema):
    messages = fields.List(fields.Nested(MessageOut))
    next = fields.Integer(allow_none=True)


class MessagesQuery(Schema):
    before = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 2**62))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


@blueprint.route("/webhooks", methods=["GET"])
@contract(returns=WebhooksOut, scope_note="admin", errors=())
def list_webhooks() -> Fields:
    """All webhooks, by name."""
    permissions.require(current_actor(), "webhook.manage")
    return {"webhooks": webhooks.listing()}


@blueprint.route("/webhooks", methods=["POST"])
@contract(body=WebhookBody, returns=SecretOut, status=201, scope_note="admin", errors=(409, 422))
def add_webhook(body: Fields) -> Fields:
    """Add a webhook; the answer has the secret that signs for it, this once."""
    webhook, secret = webhooks.add(**body, actor=current_actor(), vault=runtime().vault)
    return {"webhook": webhook, "secret": secret}


@blueprint.route("/webhooks/<int:webhook_id>", methods=["PATCH"])
@contract(body=WebhookEditBody(partial=True), returns=WebhookOut, scope_note="admin")
def edit_webhook(body: Fields, webhook_id: int) -> Webhook:
    """Change what is sent. Switched on again, a webhook begins with what happens from then on."""
    return webhooks.edit(webhook_id, body, actor=current_actor())


@blueprint.route("/webhooks/<int:webhook_id>", methods=["DELETE"])
@contract(status=204, scope_note="admin", errors=(404,))
def remove_webhook(webhook_id: int) -> None:
    """Remove a webhook; what waits for it is not sent."""
    webhooks.remove(webhook_id, actor=current_actor())


@blueprint.route("/webhooks/<int:webhook_id>/secret", methods=["POST"])
@contract(returns=SecretOut, scope_note="admin", errors=(404,))
def rotate_secret(webhook_id: int) -> Fields:
    """Replace the secret; for a day the one before signs as well."""
    webhook, secret = webhooks.rotate(webhook_id, actor=current_actor(), vault=runtime().vault)
    return {"webhook": webhook, "secret": secret}


@blueprint.route("/webhooks/<int:webhook_id>/messages", methods=["GET"])
@contract(query=MessagesQuery, returns=MessagesOut, scope_note="admin", errors=(404,))
def list_messages(query: Fields, webhook_id: int) -> Fields:
    """What was and is to be sent to a webhook, newest first."""
    permissions.require(current_actor(), "webhook.manage")
    found = webhooks.messages(webhooks.by_id(webhook_id), **query)
    return {"messages": found, "next": found[-1].id if len(found) == query["limit"] else None}


@blueprint.route("/webhooks/<int:webhook_id>/messages/<int:message_id>/send", methods=["POST"])
@contract(returns=MessageOut, status=202, scope_note="admin", errors=(404, 409))
def send_message(webhook_id: int, message_id: int) -> Message:
    """Send a message once more, under the same webhook-id."""
    return webhooks.send_again(webhook_id, message_id, actor=current_actor())
