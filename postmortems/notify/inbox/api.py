"""Notifications over HTTP: what you were told, what of it you have read, and what you hear of."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems import clock, limits
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.notify.inbox import operations, queries, texts
from postmortems.notify.inbox.queries import Told
from postmortems.notify.people import operations as people
from postmortems.notify.people import queries as people_queries
from postmortems.notify.people.kinds import KINDS, SWITCHES
from postmortems.notify.people.models import NotificationSettings
from postmortems.notify.people.quiet_hours import clock_time
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint("notifications", "Notifications: what you are told, and what you hear of")

Fields = dict[str, Any]
HIGHEST = 2**31 - 1


class NotificationSchema(Schema):
    """One thing that you were told."""

    id = fields.Integer()
    kind = fields.String(validate=validate.OneOf(list(KINDS)))
    title = fields.String(metadata={"example": "AI-3 is due 2018-02-01, tomorrow"})
    url = fields.String(metadata={"description": "the page", "example": "/action-items/AI-3"})
    item = fields.String(allow_none=True, metadata={"example": "AI-3"})
    incident = fields.String(
        allow_none=True, metadata={"description": "its slug", "example": "2018-01-25-merge"}
    )
    at = fields.AwareDateTime()
    read_at = fields.AwareDateTime(allow_none=True)


class NotificationsSchema(Schema):
    notifications = fields.List(fields.Nested(NotificationSchema))
    unread = fields.Integer(metadata={"description": f"at most {queries.MOST_UNREAD + 1}: that or more"})
    next = fields.Integer(allow_none=True, metadata={"description": "the `before` of the next page"})


class NotificationsQuery(Schema):
    class Meta:
        unknown = RAISE

    read = fields.Boolean(
        load_default=None,
        allow_none=True,
        truthy={"true", "1"},
        falsy={"false", "0"},
        metadata={"description": "only what you have read, or have not; left out, all"},
    )
    before = fields.Integer(load_default=None, validate=validate.Range(1, HIGHEST))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, limits.PAGE))


class ReadSchema(Schema):
    class Meta:
        unknown = RAISE

    read = StrictBoolean(required=True)


class ReadUpToSchema(Schema):
    class Meta:
        unknown = RAISE

    up_to = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, HIGHEST),
        metadata={"description": "the newest that you have seen; what came since stays unread"},
    )


class ReadCountSchema(Schema):
    read = fields.Integer(metadata={"description": "how many were unread"})


class NotificationSettingsBodySchema(Schema):
    class Meta:
        unknown = RAISE

    zone = fields.String(
        required=True, validate=validate.Length(1, 100), metadata={"example": "Europe/Berlin"}
    )
    quiet_from = fields.String(required=True, validate=validate.Length(max=5), metadata={"example": "22:00"})
    quiet_until = fields.String(
        required=True,
        validate=validate.Length(max=5),
        metadata={"description": "the same as `quiet_from` for no quiet hours", "example": "07:00"},
    )
    off = fields.List(
        fields.String(validate=validate.Length(max=40)),
        required=True,
        validate=validate.Length(max=len(SWITCHES)),
        metadata={"description": "what you do not hear of, and by which way", "example": ["mention:mail"]},
    )


class MailAddressSchema(Schema):
    class Meta:
        unknown = RAISE

    address = fields.String(
        required=True,
        validate=validate.Length(max=300),
        metadata={"description": "empty for none", "example": "ada@example.org"},
    )


class NotificationSettingsSchema(Schema):
    zone = fields.String()
    quiet_from = fields.Function(lambda row: clock_time(row.quiet_from), metadata={"example": "22:00"})
    quiet_until = fields.Function(lambda row: clock_time(row.quiet_until), metadata={"example": "07:00"})
    off = fields.List(fields.String(validate=validate.OneOf(sorted(SWITCHES))))
    address = fields.String(metadata={"description": "where mail goes; it is set on the page"})
    confirmed_at = fields.AwareDateTime(allow_none=True)
    trouble = fields.String(metadata={"description": "why mail was switched off"})


@blueprint.route("/notifications", methods=["GET"])
@contract(query=NotificationsQuery, returns=NotificationsSchema, errors=(422,), scope_note="read")
def index(query: Fields) -> Fields:
    """What you were told, newest first, of incidents that you may see"""
    actor = current_actor()
    found = queries.listing(actor, is_read=query["read"], before=query["before"], limit=query["limit"])
    more = found[-1].notification.id if len(found) == query["limit"] else None
    return {"notifications": list(map(_shown, found)), "unread": queries.unread(actor), "next": more}


@blueprint.route("/notifications/<int:number>", methods=["PATCH"])
@contract(body=ReadSchema, returns=NotificationSchema, errors=(404,), scope_note="write")
def edit(body: Fields, number: int) -> Fields:
    """Note that you have read one, or have not"""
    done = operations.read(number, is_read=body["read"], actor=current_actor())
    return _shown(queries.with_subjects([done])[0])


@blueprint.route("/notifications/read", methods=["POST"])
@contract(body=ReadUpToSchema, returns=ReadCountSchema, errors=(), scope_note="write")
def read_all(body: Fields) -> Fields:
    """Note that you have read all up to one"""
    return {"read": operations.read_all(up_to=body["up_to"], actor=current_actor())}


@blueprint.route("/people/<name>/mail-address", methods=["PUT"])
@contract(
    body=MailAddressSchema,
    returns=NotificationSettingsSchema,
    errors=(404, 422, 429, 503),
    scope_note="admin",
)
def set_address(body: Fields, name: str) -> NotificationSettings:
    """Say where somebody's mail goes; an admin vouches for it"""
    sends_mail = bool(runtime().settings.smtp_url)
    return people.set_address(name, body["address"], actor=current_actor(), sends_mail=sends_mail)


@blueprint.route("/notifications/settings", methods=["GET"])
@contract(returns=NotificationSettingsSchema, errors=(), scope_note="read")
def show_settings() -> NotificationSettings:
    """What you hear of, where and when"""
    return people_queries.own(current_actor())


@blueprint.route("/notifications/settings", methods=["PUT"])
@contract(
    body=NotificationSettingsBodySchema, returns=NotificationSettingsSchema, errors=(), scope_note="write"
)
def change_settings(body: Fields) -> NotificationSettings:
    """Change what you hear of, where and when"""
    return people.change(**body, actor=current_actor())


def _shown(told: Told) -> Fields:
    row, incident = told.notification, told.incident or (told.item and told.item.incident)
    title = texts.headline(told, clock.now().date())
    return {
        "id": row.id,
        "kind": row.kind,
        "title": title or texts.past(told),
        "url": texts.page(told),
        "item": told.item.ref if told.item else None,
        "incident": incident.slug if incident else None,
        "at": row.at,
        "read_at": row.read_at,
    }
