"""Comments over HTTP: threads on an incident and its parts, and suggestions that can be applied."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems.accounts import permissions
from postmortems.document import part_ids
from postmortems.formats.page_query import NumberedPageQuery
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.gate.enforcement import suggested_words
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.comments import operations, queries
from postmortems.incidents.comments.models import Comment
from postmortems.incidents.mentions import queries as mentions
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import reads
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("comments", "Comments on an incident and its parts")

Fields = dict[str, Any]
HIGHEST = 2**31 - 1
PART = "the `id` of a section or block in the incident's JSON, or `AI-2`; left out for the whole"


class CommentSchema(Schema):
    """A comment, with what became of its part."""

    id = fields.Integer()
    part = fields.String(metadata={"description": PART, "example": "5f3a9c01"})
    part_is_removed = fields.Boolean(metadata={"description": "the part is not there any more"})
    quoted = fields.String(metadata={"description": "what the part said when this was written"})
    reply_to = fields.Integer(allow_none=True, metadata={"description": "the first comment of its thread"})
    text = fields.String(metadata={"description": "Markdown; empty when it was deleted"})
    suggestion = fields.String(allow_none=True, metadata={"description": "other words for the part"})
    suggestion_state = fields.String(
        metadata={"description": "empty without a suggestion; open; applied; stale: the part changed since"}
    )
    applied_version = fields.Integer(allow_none=True)
    author = fields.String()
    at = fields.AwareDateTime()
    edited_at = fields.AwareDateTime(allow_none=True)
    resolved_at = fields.AwareDateTime(allow_none=True)
    resolved_by = fields.String()
    deleted_at = fields.AwareDateTime(allow_none=True)
    deleted_by = fields.String()
    warnings = fields.List(
        fields.String(),
        metadata={
            "description": "of what you wrote, where it mentions somebody who is not told",
            "example": ["kim may not see this restricted incident: they are not told of it"],
        },
    )


class CommentsSchema(Schema):
    comments = fields.List(fields.Nested(CommentSchema))
    next = fields.Integer(allow_none=True, metadata={"description": "the `after` of the next page"})


class NewCommentSchema(Schema):
    class Meta:
        unknown = RAISE

    text = fields.String(load_default="", metadata={"description": "Markdown", "example": "Was it 14:10?"})
    part = fields.String(load_default="", allow_none=True, metadata={"description": PART})
    reply_to = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, HIGHEST),
        metadata={"description": "the comment that this one answers"},
    )
    suggestion = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "words for the part: its text, or its heading"},
    )


class CommentChangeSchema(Schema):
    class Meta:
        unknown = RAISE

    resolved = StrictBoolean(metadata={"description": "of a thread's first comment"})
    text = fields.String(metadata={"description": "of one's own comment"})
    suggestion = fields.String(allow_none=True)


@blueprint.route("/incidents/<slug>/comments", methods=["GET"])
@contract(query=NumberedPageQuery, returns=CommentsSchema, errors=(404, 422), scope_note="read")
def index(query: Fields, slug: str) -> Fields:
    """The comments on an incident, oldest first; of one that was deleted nothing but that it was there"""
    incident = incidents.by_slug(slug, current_actor())
    found = queries.of(incident, after=query["after"], limit=query["limit"])
    return {
        "comments": shown(incident, *found),
        "next": found[-1].id if len(found) == query["limit"] else None,
    }


@blueprint.route("/incidents/<slug>/comments", methods=["POST"])
@contract(
    body=NewCommentSchema, returns=CommentSchema, status=201, errors=(404, 409, 422), scope_note="write"
)
def add(body: Fields, slug: str) -> Fields:
    """Comment on the incident, on a part of it, or on a comment; suggest other words for a part"""
    comment = operations.add(
        slug,
        body["text"],
        actor=current_actor(),
        part=body["part"] or "",
        reply_to=body["reply_to"],
        suggestion=body["suggestion"],
    )
    return told(comment)


@blueprint.route("/incidents/<slug>/comments/<int(max=2147483647):comment_id>", methods=["PATCH"])
@contract(body=CommentChangeSchema, returns=CommentSchema, errors=(404, 409, 422), scope_note="write")
def edit(body: Fields, slug: str, comment_id: int) -> Fields:
    """Resolve a thread or open it again, or change the words of your own comment"""
    actor = current_actor()
    permissions.require(actor, "comment.write")
    comment = queries.one(incidents.for_saving(slug), comment_id, also_deleted=True)
    if body.keys() & {"text", "suggestion"}:
        comment = operations.edit(
            slug,
            comment_id,
            body.get("text", comment.text),
            actor=actor,
            suggestion=body.get("suggestion", comment.suggestion),
        )
    if "resolved" in body:
        comment = operations.resolve(slug, comment_id, is_resolved=body["resolved"], actor=actor)
    return told(comment)


@blueprint.route("/incidents/<slug>/comments/<int(max=2147483647):comment_id>", methods=["DELETE"])
@contract(status=204, errors=(404,), scope_note="write")
def remove(slug: str, comment_id: int) -> None:
    """Delete your own comment, or anybody's as an admin; that it was there, and who deleted it, stays"""
    operations.delete(slug, comment_id, actor=current_actor())


@blueprint.route("/incidents/<slug>/comments/<int(max=2147483647):comment_id>/apply", methods=["POST"])
@contract(returns=CommentSchema, errors=(404, 409, 422), scope_note="write")
def apply(slug: str, comment_id: int) -> Fields:
    """Put the suggested words in their part's place: a new version, and the thread is resolved

    It is refused where the part says something else by now than when the suggestion was made.
    """
    return told(suggested_words.apply(slug, comment_id, actor=current_actor()))


def told(comment: Comment) -> Fields:
    """A comment as `CommentSchema` dumps it, with what its author should know."""
    incident = comment.incident
    # Who changes a comment is shown it.
    reads.note([incident.id])
    untold = [str(each) for each in mentions.untold({"": comment.text}, incident.restricted)]
    return shown(incident, comment)[0] | ({"warnings": untold} if untold else {})


def shown(incident: Incident, *found: Comment) -> list[Fields]:
    """Comments of the incident as `CommentSchema` dumps them."""
    parts = part_ids.by_id(rows.to_document(incident))
    own = CommentSchema._declared_fields.keys() - {"part_is_removed", "suggestion_state", "warnings"}
    dumped = []
    for comment in found:
        remark = queries.remark(comment, parts)
        beside = {"part_is_removed": remark.is_on_removed, "suggestion_state": remark.suggestion_state}
        dumped.append({name: getattr(comment, name) for name in own} | beside)
    return dumped
