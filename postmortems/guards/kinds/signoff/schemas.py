"""Schemas of sign-offs and policies."""

from __future__ import annotations

from marshmallow import RAISE, fields, validate

from postmortems.guards.schemas import SLUG, Strict, SubjectBody, text


class SignoffBody(Strict):
    """A person says yes or no to an artifact on a target, for one guard."""

    guard = fields.String(required=True, validate=SLUG, metadata={"example": "opened-by-hand"})
    service = fields.String(required=True, metadata={"example": "data8"})
    target = fields.String(required=True, metadata={"example": "prod"})
    artifact = fields.Nested(SubjectBody, required=True)
    result = fields.String(required=True, validate=validate.OneOf(["approved", "rejected"]))
    checklist = fields.List(
        fields.String(validate=validate.Length(1, 200)),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": "the lines that are ticked, word for word"},
    )
    note = text(2000, description="why; needed to reject")


class PolicyBody(Strict):
    """A version of a policy."""

    slug = fields.String(required=True, validate=SLUG, metadata={"example": "deployment-policy"})
    title = fields.String(required=True, validate=validate.Length(1, 200))
    text = fields.String(load_default="", validate=validate.Length(max=200_000))
    url = fields.String(
        load_default="",
        validate=[
            validate.Length(max=2000),
            validate.Regexp(
                r"(https?://[^\s]+)?\Z", error="write an address such as https://wiki.example.org"
            ),
        ],
    )
    after = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, 100_000),
        metadata={"description": "the version that was read; refused when it is not the newest any more"},
    )


class PolicyEditBody(PolicyBody):
    class Meta:
        unknown = RAISE
        exclude = ("slug",)
