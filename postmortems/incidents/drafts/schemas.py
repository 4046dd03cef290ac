"""Schemas of drafts in the API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from postmortems.incidents.drafts import draft_values
from postmortems.incidents.drafts.models import Draft
from postmortems.incidents.schemas import DocumentSchema


class VersionQuerySchema(Schema):
    """What Markdown cannot say."""

    version = fields.Integer(
        load_default=None,
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "the incident's version that the draft began from; or send If-Match"},
    )


class ListedDraftSchema(Schema):
    """A draft without what was typed."""

    id = fields.String(metadata={"example": "0123456789abcdef0123456789abcdef"})
    incident = fields.String(allow_none=True, metadata={"description": "its slug; null for a new one"})
    title = fields.String()
    version = fields.Integer(metadata={"description": "that it began from; 0 for a new one"})
    stored_version = fields.Integer(metadata={"description": "the newest of the incident; 0 for a new one"})
    saved_at = fields.DateTime(metadata={"description": "when it was kept"})


class DraftsSchema(Schema):
    """One's own drafts, newest first: all of them, as their number is bounded."""

    drafts = fields.List(fields.Nested(ListedDraftSchema))


class HalfFilledSchema(Schema):
    """One place that cannot be saved as it stands."""

    pointer = fields.String()
    detail = fields.String()


class DraftSchema(DocumentSchema):
    """A draft: the document as far as it is written, and what is known about it."""

    id = fields.String(metadata={"example": "0123456789abcdef0123456789abcdef"})
    incident = fields.String(allow_none=True, metadata={"description": "its slug; null for a new one"})
    version = fields.Integer(metadata={"description": "that it began from; 0 for a new one"})
    stored_version = fields.Integer(metadata={"description": "the newest of the incident; 0 for a new one"})
    saved_at = fields.String(metadata={"format": "date-time"})
    message = fields.String(metadata={"description": "what was said of the change, for the history"})
    pasted = fields.List(
        fields.String(), metadata={"description": "pasted into the form and not made into rows yet"}
    )
    problems = fields.List(
        fields.Nested(HalfFilledSchema),
        metadata={"description": "what has to be mended before it can be saved"},
    )
    text = fields.String(metadata={"description": "canonical Markdown; empty while there are problems"})


# What an answer has beside the document, and may be sent back: it says nothing then.
BESIDE = ("id", "incident", "stored_version", "saved_at", "pasted", "problems", "text")


def listed(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.name,
        "incident": draft.incident.slug if draft.incident else None,
        "title": draft.title,
        "version": draft.version,
        "stored_version": draft.incident.version if draft.incident else 0,
        "saved_at": draft.saved_at,
    }


def whole(draft: Draft) -> dict[str, Any]:
    """The draft as JSON; half-filled fields are as they were typed."""
    values, message = draft_values.fields(draft)
    document, problems = draft_values.as_json(values)
    beside = listed(draft) | {
        "title": document["title"],
        "saved_at": draft.saved_at.isoformat(),
        "message": message,
        "pasted": draft_values.pasted(values),
        "problems": [{"pointer": wrong.pointer, "detail": wrong.detail} for wrong in problems],
        "text": "" if problems else draft_values.markdown(values),
    }
    return document | beside
