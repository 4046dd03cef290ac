"""The query of a list that is paged by numbers: where its page begins, and how long it is."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

from postmortems import limits


class NumberedPageQuery(Schema):
    class Meta:
        unknown = RAISE

    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, limits.PAGE))
