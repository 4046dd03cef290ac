"""Mentions over HTTP: where somebody spoke of you, and what of it you have seen."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems import limits
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.incidents.mentions import operations, queries
from postmortems.incidents.mentions.models import Mention
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("mentions", "Mentions: where somebody spoke of you")

Fields = dict[str, Any]
HIGHEST = 2**31 - 1


class MentionedInSchema(Schema):
    slug = fields.String(metadata={"example": "2018-01-25-accidental-merge-to-prod"})
    title = fields.String()


class MentionSchema(Schema):
    """One place that mentions you."""

    id = fields.Integer()
    incident = fields.Nested(MentionedInSchema)
    place = fields.String(
        metadata={
            "description": "the `id` of a block in the incident's JSON, `AI-2`, or `comment-7`",
            "example": "5f3a9c01",
        }
    )
    url = fields.String(
        metadata={"description": "the page, at that place", "example": "/incidents/2018-01-25-merge#AI-2"}
    )
    by = fields.String(metadata={"description": "who wrote it", "example": "ben"})
    at = fields.AwareDateTime()
    seen_at = fields.AwareDateTime(allow_none=True)


class MentionsSchema(Schema):
    mentions = fields.List(fields.Nested(MentionSchema))
    next = fields.Integer(allow_none=True, metadata={"description": "the `before` of the next page"})


class MentionsQuery(Schema):
    class Meta:
        unknown = RAISE

    seen = fields.Boolean(
        load_default=None,
        allow_none=True,
        truthy={"true", "1"},
        falsy={"false", "0"},
        metadata={"description": "only what you have looked at, or have not; left out, all"},
    )
    before = fields.Integer(load_default=None, validate=validate.Range(1, HIGHEST))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, limits.PAGE))


class SeenSchema(Schema):
    class Meta:
        unknown = RAISE

    seen = StrictBoolean(required=True)


@blueprint.route("/mentions", methods=["GET"])
@contract(query=MentionsQuery, returns=MentionsSchema, errors=(422,), scope_note="read")
def index(query: Fields) -> Fields:
    """Where you are mentioned, newest first, in incidents that you may see"""
    found = queries.listing(
        current_actor(), is_seen=query["seen"], before=query["before"], limit=query["limit"]
    )
    return {
        "mentions": [_shown(mention) for mention in found],
        "next": found[-1].id if len(found) == query["limit"] else None,
    }


@blueprint.route(f"/mentions/<int(max={HIGHEST}):mention_id>", methods=["PATCH"])
@contract(body=SeenSchema, returns=MentionSchema, errors=(404, 422), scope_note="write")
def edit(body: Fields, mention_id: int) -> Fields:
    """Say that you have seen where you are mentioned, or have not"""
    return _shown(operations.mark(mention_id, is_seen=body["seen"], actor=current_actor()))


def _shown(mention: Mention) -> Fields:
    told = {name: getattr(mention, name) for name in ("id", "place", "by", "at", "seen_at")}
    incident = {"slug": mention.incident.slug, "title": mention.incident.title}
    return told | {"incident": incident, "url": mention.address}
