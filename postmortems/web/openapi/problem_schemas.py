"""Shapes of a refused request (RFC 9457): what is wrong, where, and the ways out."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields


class RemedySchema(ma.Schema):
    """One way out of a refusal: a field to fill in, or a page to go to."""

    code = fields.String(required=True, metadata={"example": "choose_attestable"})
    do = fields.String(required=True, metadata={"description": "what to do", "example": "People confirm it"})
    field = fields.String(metadata={"description": "the field to fill in", "example": "guardability"})
    value = fields.String(metadata={"description": "what it then says; left out where you write it"})
    page = fields.String(metadata={"description": "the page to go to", "example": "/guards/new?item=AI-7"})


class WrongPlaceSchema(ma.Schema):
    """One wrong place in the input."""

    pointer = fields.String(
        required=True, metadata={"description": "JSON pointer into the body", "example": "/title"}
    )
    detail = fields.String(required=True, metadata={"description": "what to do about it"})
    line = fields.Integer(
        metadata={"description": "where it stands, or where the body stops being JSON or YAML"}
    )
    column = fields.Integer()
    reason_code = fields.String(
        metadata={
            "description": "items that may not be closed only: undecided, unproven, owned, unreasoned, "
            "unanswered or undropped",
            "example": "undecided",
        }
    )
    remedies = fields.List(
        fields.Nested(RemedySchema), metadata={"description": "the ways out, the plainest first"}
    )


class WordsSchema(ma.Schema):
    """A run of words: in both texts, only in the older, or only in the newer."""

    op = fields.String(required=True, validate=ma.validate.OneOf(["same", "removed", "added"]))
    text = fields.String(required=True)


class ClashSchema(ma.Schema):
    """A part that two people changed to different ones."""

    kind = fields.String(required=True, validate=ma.validate.OneOf(["field", "item", "section"]))
    part = fields.String(
        metadata={"description": "the item's id or the section's heading", "example": "AI-3"}
    )
    field = fields.String(metadata={"description": "left empty for lines of a section", "example": "owner"})
    base = fields.String(metadata={"description": "what both began from"})
    theirs = fields.String()
    yours = fields.String()
    theirs_words = fields.List(fields.Nested(WordsSchema), metadata={"description": "base to theirs"})
    yours_words = fields.List(fields.Nested(WordsSchema), metadata={"description": "base to yours"})


class ProblemSchema(ma.Schema):
    """Why a request was refused (RFC 9457)."""

    type = fields.String(required=True, metadata={"example": "/api/docs#problem-invalid"})
    title = fields.String(required=True, metadata={"example": "Something in the input is wrong"})
    status = fields.Integer(required=True, metadata={"example": 422})
    detail = fields.String(required=True, metadata={"example": "Missing data for required field."})
    errors = fields.List(fields.Nested(WrongPlaceSchema))
    version = fields.Integer(metadata={"description": "stale saves only: the version that is stored now"})
    mine = fields.String(metadata={"description": "stale saves only: what was sent"})
    theirs = fields.String(metadata={"description": "stale saves only: what is stored now"})
    yours = fields.String(metadata={"description": "stale incidents only: the same as `mine`"})
    base = fields.String(metadata={"description": "stale incidents only: what both edits began from"})
    clashes = fields.List(
        fields.Nested(ClashSchema),
        metadata={"description": "stale incidents only: what both changed to different ones, word by word"},
    )
    differs = fields.List(
        fields.String(), metadata={"description": "stale saves only: the fields and sections that differ"}
    )
    merged = fields.String(
        metadata={
            "description": "stale saves only: a text with the words of both, to be looked over and sent"
        }
    )
