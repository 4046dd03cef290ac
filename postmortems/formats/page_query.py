"""The query of a list: where its page begins, how long it is, and as what it is answered."""

from __future__ import annotations

from collections.abc import Iterable

from marshmallow import RAISE, Schema, fields, validate

from postmortems import limits
from postmortems.formats.choices import OneOfOrNothing


class NumberedPageQuery(Schema):
    class Meta:
        unknown = RAISE

    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, limits.PAGE))


def after(description: str, longest: int = 100) -> fields.String:
    """Where a page begins in a list that is paged by places and not by numbers."""
    return fields.String(
        load_default="", validate=validate.Length(max=longest), metadata={"description": description}
    )


def form(forms: Iterable[str], description: str) -> fields.String:
    """As what a list is answered: one of `forms`, or as Accept says."""
    choices = OneOfOrNothing(forms)
    return fields.String(load_default="", validate=choices, metadata={"description": description})


def bom() -> fields.Boolean:
    """Whether CSV begins with a byte order mark."""
    told = "csv begins with a byte order mark, by which Excel knows that it is UTF-8"
    return fields.Boolean(load_default=False, metadata={"description": told})
