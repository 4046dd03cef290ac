"""Schemas of incidents in the API. `document.json_form` reads documents and says what is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from marshmallow import Schema, fields, validate

from postmortems.document.json_form import convert, members
from postmortems.document.json_form import fields as form_fields
from postmortems.document.json_form.fields import Load, Member
from postmortems.document.model import Document
from postmortems.document.times import timeline_times
from postmortems.formats.choices import OneOfOrNothing
from postmortems.incidents import edit_merge, rows
from postmortems.incidents.approvals import queries as approvals
from postmortems.incidents.approvals import rules
from postmortems.incidents.mentions import queries as mentions
from postmortems.incidents.models import Incident

# What an answer and a save have beside the document, in the published JSON Schema. What is read only
# may be sent back and says nothing.
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
    "merged": {"type": "object", "readOnly": True},
    "warnings": {"type": "array", "readOnly": True},
    "state": {"enum": list(rules.STATES), "readOnly": True},
}
# Of these, what an answer takes from the incident's row as it is.
STORED = BESIDE.keys() - {"message", "merged", "warnings", "state"}


def _fields(own: Mapping[str, Member], nested: type[Schema] = Schema) -> dict[str, fields.Field[Any]]:
    """The members of a document's JSON form for the API's reference; `nested` is what lists hold."""
    return {name: _field(member, nested) for name, member in own.items()}


def _field(member: Member, nested: type[Schema]) -> fields.Field[Any]:
    is_day, kind = member.load is form_fields.day, (member.shape or {}).get("type", "")
    said = {"description": member.reference, "example": member.example, "format": "date" if is_day else ""}
    metadata = {name: value for name, value in said.items() if value}
    read_by: dict[str, Any] = getattr(member.load, "keywords", {})
    if kind == "boolean":
        return fields.Boolean(metadata=metadata)
    if kind == "array" or "load" in read_by:
        return fields.List(_listed(read_by.get("load", form_fields.name), nested), metadata=metadata)
    choices = OneOfOrNothing(read_by["values"]) if "values" in read_by else None
    return fields.String(validate=choices, allow_none=is_day or "null" in kind, metadata=metadata)


def _listed(load: Load, nested: type[Schema]) -> fields.Field[Any]:
    if load is members.pair:
        return fields.List(fields.String())
    return fields.String() if load is form_fields.name else fields.Nested(nested)


class BlockSchema(Schema):
    """A part of a section, in the author's order. `type` says which members it has."""

    class Meta:
        include = _fields(members.ANY_BLOCK)

    type = fields.String(
        required=True, validate=validate.OneOf(list(members.BLOCKS)), metadata={"example": "item"}
    )


class SectionSchema(Schema):
    """A titled part of the postmortem."""

    class Meta:
        include = _fields(members.SECTION, BlockSchema)


class DocumentSchema(Schema):
    """A postmortem, whole."""

    class Meta:
        include = _fields(members.DOCUMENT, SectionSchema)


class EditSchema(DocumentSchema):
    """A document to save. Members that an answer has beside these may be sent back; they say nothing."""

    version = fields.Integer(metadata={"description": "the version that was edited; or send If-Match"})
    message = fields.String(metadata={"description": "what was changed and why, for the history"})


class TogetherSchema(Schema):
    """What others had saved since the version that was edited; it stays."""

    edited = fields.Integer(metadata={"description": "the version that was edited"})
    onto = fields.Integer(metadata={"description": "the version that was stored when this came"})
    parts = fields.List(
        fields.String(),
        metadata={"description": "what differs between the two", "example": ["title", "section Timeline"]},
    )
    moved = fields.List(
        fields.String(),
        metadata={"description": "rows that both moved: each stands once, where this edit put it"},
    )


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
    merged = fields.Nested(
        TogetherSchema, metadata={"description": "only where a save was brought together with others"}
    )
    warnings = fields.List(
        fields.String(),
        metadata={
            "description": "only where somebody is mentioned who is not told",
            "example": ["kim may not see this restricted incident: they are not told of it"],
        },
    )
    state = fields.String(metadata={"description": f"of the report: {', '.join(rules.STATES)}"})


class FrontSchema(Schema):
    """An incident in a list: without its document."""

    slug = fields.String()
    title = fields.String()
    occurred_on = fields.Date()
    severity = fields.String()
    status = fields.String()
    state = fields.String(metadata={"description": f"of the report: {', '.join(rules.STATES)}"})
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


class ChangedFieldSchema(Schema):
    """A field that a save changed; a long text has neither value."""

    name = fields.String(metadata={"example": "owner"})
    old = fields.String(metadata={"description": "cut where it is long; empty where it said nothing"})
    new = fields.String()


class ChangeSchema(Schema):
    """A part that a save changed."""

    part = fields.String(
        validate=validate.OneOf(["field", "section", "entry", "item", "category", "more"]),
        metadata={"description": "`more` ends a long list; its name is how many parts are left out"},
    )
    name = fields.String(
        metadata={
            "description": "a field's name, a section's or category's heading, an entry's time, an item's id",
            "example": "AI-3",
        }
    )
    changes = fields.List(
        fields.String(validate=validate.OneOf(["added", "removed", "renamed", "moved", "changed"]))
    )
    section = fields.String(metadata={"description": "where it stands"})
    was = fields.String(metadata={"description": "the heading before"})
    moved_from = fields.String(metadata={"description": "the section where it stood"})
    changed_fields = fields.List(fields.Nested(ChangedFieldSchema), data_key="fields", attribute="fields")


class SaveSchema(RevisionSchema):
    """A save with what it changed."""

    changes = fields.List(
        fields.Nested(ChangeSchema),
        allow_none=True,
        metadata={"description": "null for old saves beyond the first 50 of an answer; `diff` has them"},
    )


class WholeRevisionSchema(RevisionSchema):
    """A save with the document as it was then."""

    text = fields.String(metadata={"description": "canonical Markdown"})


class RevisionsSchema(Schema):
    """The saves of an incident, newest first."""

    revisions = fields.List(fields.Nested(SaveSchema))


def fronts(incidents: Sequence[Incident]) -> list[dict[str, Any]]:
    """Incidents as a list has them."""
    states = approvals.states(incidents)
    own = FrontSchema._declared_fields.keys() - {"state"}
    return [{name: getattr(each, name) for name in own} | {"state": states[each.id]} for each in incidents]


def whole(incident: Incident, document: Document | None = None) -> dict[str, Any]:
    """The incident as JSON, its times with what was read from them.

    `document` is what is stored with what is kept beside it, where the caller has put that in.
    """
    document = rows.to_document(incident) if document is None else document
    readings = timeline_times.read_entries(document, name=incident.slug)
    beside = {name: getattr(incident, name) for name in BESIDE if name in STORED}
    beside["state"] = approvals.states([incident])[incident.id]
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in beside.items()}
    together = edit_merge.together_of(incident)
    merged = {"merged": asdict(together)} if together else {}
    untold = [str(each) for each in mentions.untold_in(document)]
    warned = {"warnings": untold} if untold else {}
    return convert.to_json(document, readings) | plain | merged | warned
