"""Schemas of an incident's history in the API: comparisons, authorship, restoring."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from postmortems.formats.choices import OneOfOrNothing
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.incidents.schemas import RevisionSchema

HIGHEST = 2**31 - 1
FORMATS = {"json": "application/json", "html": "text/html", "patch": "text/x-diff"}


class DiffQuerySchema(Schema):
    """Which two versions, as what."""

    from_ = fields.Integer(
        data_key="from",
        load_default=None,
        validate=validate.Range(0, HIGHEST),
        metadata={"description": "the older version; left out: the one before `to`; 0: nothing at all"},
    )
    to = fields.Integer(
        load_default=None,
        validate=validate.Range(1, HIGHEST),
        metadata={"description": "the newer version; left out: the newest"},
    )
    format = fields.String(
        load_default="",
        validate=OneOfOrNothing(FORMATS),
        metadata={
            "description": "instead of Accept: `html` marks words, `patch` is of the Markdown, by line"
        },
    )


class WordsSchema(Schema):
    """A run of text: in both versions, only in the older, or only in the newer."""

    op = fields.String(validate=validate.OneOf(["same", "removed", "added"]))
    text = fields.String()


class FieldDiffSchema(Schema):
    """A field with what it said and says."""

    name = fields.String(metadata={"example": "text"})
    old = fields.String(metadata={"description": "empty where it said nothing"})
    new = fields.String()
    words = fields.List(fields.Nested(WordsSchema))


CHANGES = fields.List(
    fields.String(validate=validate.OneOf(["added", "removed", "renamed", "moved", "changed"]))
)


class BlockDiffSchema(Schema):
    """Prose, an entry, a category or an item of which something differs."""

    kind = fields.String(validate=validate.OneOf(["prose", "entry", "category", "item"]))
    name = fields.String(metadata={"description": "an item's id, an entry's time, a category's heading"})
    changes = CHANGES
    moved_from = fields.String(metadata={"description": "the heading of the section where what moved stood"})
    changed_fields = fields.List(fields.Nested(FieldDiffSchema), data_key="fields", attribute="fields")


class SectionDiffSchema(Schema):
    """A section of which something differs."""

    heading = fields.String()
    was = fields.String(metadata={"description": "its heading before, where it is renamed"})
    changes = CHANGES
    section = fields.Integer(
        allow_none=True,
        metadata={"description": "its place in the older version, from 0, as restoring takes it"},
    )
    blocks = fields.List(fields.Nested(BlockDiffSchema))


class DiffSchema(Schema):
    """What the newer version has other than the older, by part and by word."""

    from_ = fields.Nested(RevisionSchema, data_key="from", allow_none=True)
    to = fields.Nested(RevisionSchema)
    changed_fields = fields.List(fields.Nested(FieldDiffSchema), data_key="fields", attribute="fields")
    sections = fields.List(fields.Nested(SectionDiffSchema))
    by_line = fields.Boolean(
        metadata={"description": "so much differs that somewhere lines or texts are compared, not words"}
    )


class WrittenSchema(Schema):
    """Who changed a part last; null where that was before it was noted."""

    version = fields.Integer(allow_none=True)
    author = fields.String(allow_none=True)
    at = fields.DateTime(allow_none=True)


class WrittenBlockSchema(WrittenSchema):
    """A block, and who changed it last."""

    kind = fields.String(validate=validate.OneOf(["prose", "entry", "category", "item"]))
    name = fields.String()


class WrittenSectionSchema(WrittenSchema):
    """A section, and who changed it, or any of its blocks, last."""

    heading = fields.String()
    blocks = fields.List(fields.Nested(WrittenBlockSchema))


class WrittenFieldSchema(WrittenSchema):
    """A field of the front matter, and who changed it last."""

    name = fields.String()


class AuthorshipSchema(Schema):
    """By part of the incident as it is now, who changed it last."""

    written_fields = fields.List(fields.Nested(WrittenFieldSchema), data_key="fields", attribute="fields")
    sections = fields.List(fields.Nested(WrittenSectionSchema))


class RestoreSchema(Schema):
    """What to have back."""

    section = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, HIGHEST),
        metadata={"description": "one section, by its place in that version, from 0; left out: all of it"},
    )
    status = StrictBoolean(
        load_default=False,
        metadata={"description": "also whether it was a draft or published then"},
    )
    version = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, HIGHEST),
        metadata={"description": "the version that you looked at; refused where somebody saved since"},
    )
    dry_run = StrictBoolean(
        load_default=False, metadata={"description": "only say what it would change, and save nothing"}
    )
