"""Schemas of incidents in the API. Documents are read by `document.json_form`."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from postmortems.document import model
from postmortems.document.json_form import convert
from postmortems.document.times import timeline_times
from postmortems.incidents import rows
from postmortems.incidents.models import Incident, Revision

# What an answer holds beside the document; sent back with it, these members say nothing.
ABOUT = ("slug", "occurred_on", "created_at", "created_by", "saved_at", "published_at", "is_demo")
# The same members in the published JSON Schema, and the two that a save may have.
BESIDE: dict[str, dict[str, Any]] = {
    "slug": {"type": "string", "readOnly": True},
    "version": {"type": "integer", "minimum": 1, "description": "when saving: the version that was edited"},
    "message": {"type": "string", "maxLength": 1000, "writeOnly": True},
    "occurred_on": {"type": "string", "format": "date", "readOnly": True},
    "created_at": {"type": "string", "format": "date-time", "readOnly": True},
    "created_by": {"type": "string", "readOnly": True},
    "saved_at": {"type": "string", "format": "date-time", "readOnly": True},
    "published_at": {"type": ["string", "null"], "format": "date-time", "readOnly": True},
    "is_demo": {"type": "boolean", "readOnly": True},
}


class BlockSchema(Schema):
    """A part of a section, in the author's order. `type` says which members it has."""

    type = fields.String(
        required=True,
        validate=validate.OneOf(["prose", "entry", "category", "item"]),
        metadata={"example": "item"},
    )
    text = fields.String(metadata={"description": "Markdown; of prose, entry and item"})
    heading = fields.String(metadata={"description": "of a category"})
    written = fields.String(
        metadata={"description": "an entry's time as written", "example": "~15:30 - 15:45"}
    )
    title = fields.String(metadata={"description": "an entry's title"})
    kind = fields.String(
        metadata={
            "description": f"entry: {', '.join(model.ENTRY_KINDS)}; item: {', '.join(model.ITEM_KINDS)}"
        }
    )
    at = fields.String(
        allow_none=True, metadata={"description": "read only: the local time that was read from `written`"}
    )
    until = fields.String(allow_none=True, metadata={"description": "read only"})
    precision = fields.String(metadata={"description": "read only: day, minute or second"})
    approximate = fields.Boolean(metadata={"description": "read only"})
    zone = fields.String(metadata={"description": "read only: the zone as somebody stated it"})
    instant = fields.String(
        allow_none=True,
        metadata={"description": "read only: the same moment in UTC, where a zone is known"},
    )
    warnings = fields.List(fields.String(), metadata={"description": "read only: what is odd about the time"})
    id = fields.String(metadata={"description": "an item's; left out for a new one", "example": "AI-2"})
    owner = fields.String()
    team = fields.String()
    due = fields.String(metadata={"format": "date"}, allow_none=True)
    priority = fields.String(validate=validate.OneOf(["", *model.PRIORITIES]))
    status = fields.String(validate=validate.OneOf(["", *model.ITEM_STATUSES]))
    reason = fields.String(
        metadata={"description": "why an item will not be done, or is closed without proof"}
    )
    done_when = fields.String(metadata={"description": "an item's definition of done"})
    guardability = fields.String(validate=validate.OneOf(["", *model.GUARDABILITIES]))
    outcome = fields.String()
    tickets = fields.List(fields.String())
    guards = fields.List(fields.String(), metadata={"description": "slugs of the guards that make it real"})


class SectionSchema(Schema):
    """A titled part of the postmortem."""

    heading = fields.String(metadata={"example": "Action items"})
    role = fields.String(metadata={"description": "read only: what the section is for"})
    blocks = fields.List(fields.Nested(BlockSchema))


class DocumentSchema(Schema):
    """A postmortem, whole."""

    title = fields.String(metadata={"example": "Accidental merge to prod brings things down"})
    date = fields.String(metadata={"format": "date"}, allow_none=True)
    timezone = fields.String(metadata={"example": "America/Los_Angeles"})
    severity = fields.String(validate=validate.OneOf(["", *model.SEVERITIES]))
    status = fields.String(validate=validate.OneOf(["", *model.DOCUMENT_STATUSES]))
    recurrence_of = fields.String(
        metadata={"description": "the slug of the earlier incident that this one repeats"}
    )
    services = fields.List(fields.String(), metadata={"example": ["data8/prod"]})
    tags = fields.List(fields.String())
    restricted = fields.List(
        fields.String(),
        metadata={"description": "names of the accounts that alone may see it; empty for everybody"},
    )
    extra = fields.List(
        fields.List(fields.String()),
        metadata={"description": "other keys of the front matter with their YAML"},
    )
    heading = fields.String(
        metadata={"description": "the first-level heading where it differs from the title"}
    )
    sections = fields.List(fields.Nested(SectionSchema))


class EditSchema(DocumentSchema):
    """A document to save. Members that an answer has beside these may be sent back; they say nothing."""

    version = fields.Integer(metadata={"description": "the version that was edited; or send If-Match"})
    message = fields.String(metadata={"description": "what was changed and why, for the history"})


class IncidentSchema(DocumentSchema):
    """An incident: its document, and what is known about it."""

    slug = fields.String(metadata={"example": "2018-01-25-accidental-merge-to-prod"})
    version = fields.Integer()
    occurred_on = fields.String(metadata={"format": "date"})
    created_at = fields.String(metadata={"format": "date-time"})
    created_by = fields.String()
    saved_at = fields.String(metadata={"format": "date-time"})
    published_at = fields.String(metadata={"format": "date-time"}, allow_none=True)
    is_demo = fields.Boolean()


class FrontSchema(Schema):
    """An incident in a list: without its document."""

    slug = fields.String()
    title = fields.String()
    occurred_on = fields.Date()
    severity = fields.String()
    status = fields.String()
    services = fields.List(fields.String())
    tags = fields.List(fields.String())
    restricted = fields.List(fields.String())
    version = fields.Integer()
    saved_at = fields.DateTime()
    is_demo = fields.Boolean()


class ListSchema(Schema):
    """A page of incidents, newest first."""

    incidents = fields.List(fields.Nested(FrontSchema))
    next = fields.String(metadata={"description": "`after` of the next page; empty on the last one"})


class RevisionSchema(Schema):
    """A save."""

    version = fields.Integer()
    at = fields.DateTime()
    author = fields.String()
    message = fields.String()


class WholeRevisionSchema(RevisionSchema):
    """A save with the document as it was then."""

    text = fields.String(metadata={"description": "canonical Markdown"})


class RevisionsSchema(Schema):
    """The saves of an incident, newest first."""

    revisions = fields.List(fields.Nested(RevisionSchema))


def whole(incident: Incident) -> dict[str, Any]:
    """The incident as JSON, its times with what was read from them."""
    document = rows.to_document(incident)
    readings = timeline_times.read_entries(document, name=incident.slug)
    published = incident.published_at
    return convert.to_json(document, readings) | {
        "slug": incident.slug,
        "version": incident.version,
        "occurred_on": incident.occurred_on.isoformat(),
        "created_at": incident.created_at.isoformat(),
        "created_by": incident.created_by,
        "saved_at": incident.saved_at.isoformat(),
        "published_at": published.isoformat() if published else None,
        "is_demo": incident.is_demo,
    }


def with_text(revision: Revision) -> dict[str, Any]:
    """A save as JSON."""
    names = ("version", "at", "author", "message", "text")
    return {name: getattr(revision, name) for name in names}
