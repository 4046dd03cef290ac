"""Reviews over HTTP: conflicts, both of their texts, and the answer."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems.accounts import permissions
from postmortems.exchange import resolve_conflict
from postmortems.formats.page_query import NumberedPageQuery
from postmortems.incidents import queries as incidents
from postmortems.reviews import queries
from postmortems.reviews.models import Review
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("reviews", "What a person has to look at: two edits of the same lines")

LONGEST_TEXT = 4 * 1024 * 1024


class ReviewSchema(Schema):
    id = fields.Integer()
    incident = fields.String(attribute="incident.slug", metadata={"description": "the incident's slug"})
    kind = fields.String(metadata={"example": "conflict"})
    summary = fields.String()
    outcome = fields.String(metadata={"description": "empty while it is open"})
    opened_by = fields.String()
    opened_at = fields.AwareDateTime()
    closed_by = fields.String()
    closed_at = fields.AwareDateTime(allow_none=True)


class ConflictSchema(ReviewSchema):
    """A review with both texts, as Markdown."""

    name = fields.String(attribute="conflict.name", metadata={"description": "the file in the repository"})
    origin = fields.String(attribute="conflict.origin", metadata={"description": "the repository"})
    in_file = fields.String(attribute="conflict.in_file")
    stored = fields.String(attribute="conflict.stored", metadata={"description": "when it was found"})
    merged = fields.String(attribute="conflict.merged", metadata={"description": "a text to begin from"})
    version = fields.Integer(metadata={"description": "the incident's version now, to answer with"})


class ReviewsSchema(Schema):
    reviews = fields.List(fields.Nested(ReviewSchema))
    next = fields.Integer(allow_none=True, metadata={"description": "the `after` of the next page"})


class AnswerSchema(Schema):
    class Meta:
        unknown = RAISE

    take = fields.String(
        required=True,
        validate=validate.OneOf([resolve_conflict.HERE, resolve_conflict.FILE, resolve_conflict.TEXT]),
        metadata={"description": "what is stored, what the file says, or `text`"},
    )
    text = fields.String(load_default="", validate=validate.Length(max=LONGEST_TEXT))
    version = fields.Integer(
        required=True, validate=validate.Range(1, 2**31 - 1), metadata={"description": "that was looked at"}
    )


@blueprint.route("/reviews", methods=["GET"])
@contract(query=NumberedPageQuery, returns=ReviewsSchema, errors=(422,), scope_note="read")
def index(query: dict[str, Any]) -> dict[str, Any]:
    """Open reviews of all incidents, oldest first"""
    found = queries.waiting(actor=current_actor(), after=query["after"], limit=query["limit"])
    return {"reviews": found, "next": found[-1].id if len(found) == query["limit"] else None}


@blueprint.route("/incidents/<slug>/reviews", methods=["GET"])
@contract(query=NumberedPageQuery, returns=ReviewsSchema, errors=(404, 422), scope_note="read")
def of_incident(query: dict[str, Any], slug: str) -> dict[str, Any]:
    """The incident's reviews, open and closed"""
    incident = incidents.by_slug(slug, current_actor())
    found = queries.of(incident, after=query["after"], limit=query["limit"])
    return {"reviews": found, "next": found[-1].id if len(found) == query["limit"] else None}


@blueprint.route("/incidents/<slug>/reviews/<int:review_id>", methods=["GET"])
@contract(returns=ConflictSchema, errors=(404,), scope_note="read")
def show(slug: str, review_id: int) -> Any:
    """A review with both texts"""
    incident = incidents.by_slug(slug, current_actor())
    return _with_version(queries.one(incident, review_id), incident.version)


@blueprint.route("/incidents/<slug>/reviews/<int:review_id>/answer", methods=["POST"])
@contract(body=AnswerSchema, returns=ConflictSchema, errors=(404, 409, 422), scope_note="write")
def answer(body: dict[str, Any], slug: str, review_id: int) -> Any:
    """Say what the incident is to say; the next sync writes it back"""
    actor = current_actor()
    permissions.require(actor, "incident.save")
    incident = incidents.by_slug(slug, actor)
    review = resolve_conflict.answer(
        slug, review_id, body["take"], text=body["text"], version=body["version"], actor=actor
    )
    return _with_version(review, incident.version)


def _with_version(review: Review, version: int) -> dict[str, Any]:
    names = [*ReviewSchema._declared_fields, "conflict"]
    return {name: getattr(review, name) for name in names} | {"version": version}
