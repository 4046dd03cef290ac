"""Shapes of the API of notes."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

from postmortems.capture import notes
from postmortems.document.model import ENTRY_KINDS
from postmortems.formats.choices import OneOfOrNothing


class NoteSchema(Schema):
    """A timeline entry to append."""

    class Meta:
        unknown = RAISE

    text = fields.String(
        load_default="",
        validate=validate.Length(max=notes.LONGEST_TEXT),
        metadata={
            "description": "Markdown; needed where there is no title",
            "example": "Rolled back to 1.4.2",
        },
    )
    title = fields.String(load_default="", validate=validate.Length(max=notes.LONGEST_TITLE))
    kind = fields.String(load_default="", validate=OneOfOrNothing(ENTRY_KINDS))
    at = fields.String(
        load_default="",
        validate=validate.Length(max=100),
        metadata={
            "description": "when it was; now where it is left out. ISO 8601, with an offset or in the "
            "incident's zone; a clock such as `14:05`, the last such time, or that of the incident's day "
            "where all is two days ago or more; `10m ago`; or a time as the timeline takes it, such as "
            "`~14:05`",
            "example": "14:05",
        },
    )


class NotedSchema(Schema):
    """The entry that was appended."""

    id = fields.String(metadata={"description": "its part id", "example": "5f3a9c01"})
    incident = fields.String(metadata={"description": "the incident's slug"})
    title_of_incident = fields.String()
    version = fields.Integer(metadata={"description": "the incident's version now"})
    section = fields.String(metadata={"description": "the section's part id"})
    section_heading = fields.String(metadata={"example": "Timeline"})
    written = fields.String(metadata={"description": "the time as the timeline has it", "example": "14:05"})
    title = fields.String()
    text = fields.String()
    kind = fields.String()
    at = fields.String(metadata={"description": "the local time"}, allow_none=True)
    instant = fields.AwareDateTime(allow_none=True, metadata={"description": "the same in UTC"})
    is_new = fields.Boolean(metadata={"description": "false where its key was sent before"})
    url = fields.String()


class ChatAnswerSchema(Schema):
    """What the chat shows to who typed the command, and to nobody else."""

    response_type = fields.String(metadata={"example": "ephemeral"})
    text = fields.String(
        metadata={"example": "Noted at 14:05 in Hub down: https://postmortems.example.org/…"}
    )
