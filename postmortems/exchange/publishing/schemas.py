"""Shapes of outlets and publications in the API."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

from postmortems.exchange.publishing.kinds import KINDS
from postmortems.exchange.publishing.models import STANDINGS
from postmortems.formats.strict_fields import StrictBoolean


class OutletBodySchema(Schema):
    class Meta:
        unknown = RAISE

    name = fields.String(required=True, metadata={"example": "wiki"})
    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    api = fields.String(
        required=True,
        metadata={"description": "of its API", "example": "https://you.atlassian.net/wiki/api/v2"},
    )
    place = fields.String(
        required=True,
        metadata={"description": "the key of a space, and a page to publish below", "example": "OPS/98304"},
    )
    account = fields.String(load_default="", metadata={"description": "whose token it is, in the cloud"})
    access_token = fields.String(load_default="", metadata={"description": "empty: the one there is stays"})


class OutletSchema(Schema):
    """Where incidents are published; its token is never shown."""

    id = fields.Integer()
    name = fields.String()
    kind = fields.String()
    api = fields.String()
    place = fields.String()
    account = fields.String()


class OutletsSchema(Schema):
    outlets = fields.List(fields.Nested(OutletSchema))


class PublishBodySchema(Schema):
    class Meta:
        unknown = RAISE

    outlet = fields.String(required=True, metadata={"description": "its name"})
    overwrite = StrictBoolean(
        load_default=False, metadata={"description": "whatever somebody changed there since"}
    )
    anew = StrictBoolean(load_default=False, metadata={"description": "where its page is gone"})


class PublicationSchema(Schema):
    """An incident's page at an outlet."""

    outlet = fields.String(attribute="outlet.name")
    url = fields.String()
    version = fields.String(metadata={"description": "of the page, when it was written last"})
    revision = fields.Integer(metadata={"description": "of the incident, that was written last"})
    standing = fields.String(validate=validate.OneOf(STANDINGS))
    trouble = fields.String(metadata={"description": "why it is not current"})
    by = fields.String()
    at = fields.AwareDateTime()


class PublicationsSchema(Schema):
    publications = fields.List(fields.Nested(PublicationSchema))
