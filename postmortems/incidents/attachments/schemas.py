"""Schemas of attachments in the API."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from postmortems.incidents.attachments import links
from postmortems.incidents.attachments.models import Attachment, AttachmentUse


class UploadSchema(Schema):
    """What a multipart body has, beside the file in `file`."""

    class Meta:
        unknown = RAISE

    incident = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={
            "description": "the slug of the incident that it is for, whose limit then counts",
            "example": "2018-01-25-accidental-merge-to-prod",
        },
    )


class UploadBodySchema(UploadSchema):
    """A file and what it is for."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class AttachmentSchema(Schema):
    """A picture or file, shown to whoever may see an incident whose text has it, before to its uploader."""

    id = fields.String(metadata={"example": "q8pZ3rJt0n5yUe2bKfLw1A"})
    url = fields.String(
        metadata={"description": "where it is", "example": "/attachments/q8pZ3rJt0n5yUe2bKfLw1A/graph.png"}
    )
    markdown = fields.String(
        metadata={
            "description": "what to write into a text",
            "example": "![graph](/attachments/q8pZ3rJt0n5yUe2bKfLw1A/graph.png)",
        }
    )
    name = fields.String(metadata={"example": "graph.png"})
    type = fields.String(
        metadata={"description": "of a picture; empty for other files", "example": "image/png"}
    )
    size = fields.Integer(metadata={"description": "in bytes, as it is stored"})
    width = fields.Integer(allow_none=True, metadata={"description": "of a picture, in pixels"})
    height = fields.Integer(allow_none=True)
    sha256 = fields.String(metadata={"description": "of the bytes as they are stored"})
    created_by = fields.String()
    created_at = fields.AwareDateTime()


class AttachmentUseSchema(AttachmentSchema):
    """An attachment of an incident, with the link that the incident's texts have to it."""

    link = fields.String(
        metadata={
            "description": "ours, or the author's own of an import",
            "example": "img/a.png",
        }
    )


class AttachmentsQuerySchema(Schema):
    """Whose attachments."""

    incident = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "an incident's slug; without it what you uploaded and no saved text has"},
    )
    after = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata={"description": "of the page before"},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class AttachmentsSchema(Schema):
    attachments = fields.List(fields.Nested(AttachmentUseSchema))
    next = fields.String(metadata={"description": "the `after` of the next page; empty on the last"})


def whole(row: Attachment) -> dict[str, Any]:
    """An attachment as the API tells it."""
    names = ("id", "name", "size", "width", "height", "sha256", "created_by", "created_at")
    return {name: getattr(row, name) for name in names} | {
        "type": row.media_type,
        "url": links.address(row.id, row.name),
        "markdown": links.markdown(row.id, row.name, is_picture=row.is_picture),
    }


def used(use: AttachmentUse) -> dict[str, Any]:
    """The same of one that an incident uses."""
    return whole(use.attachment) | {"link": use.link}
