"""Schemas of a service as an entity of a catalogue."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from postmortems.gate.protection.rules import PROTECTIONS


class CatalogQuerySchema(Schema):
    """How much of a service is told."""

    limit = fields.Integer(
        load_default=20,
        validate=validate.Range(0, 100),
        metadata={"description": "how many incidents and action items, 0 to 100; the lists have the rest"},
    )


class EntityLinkSchema(Schema):
    """A link that the catalogue shows."""

    url = fields.String(required=True)
    title = fields.String()
    icon = fields.String()


class EntityMetadataSchema(Schema):
    """What a catalogue knows an entity by."""

    namespace = fields.String(required=True, metadata={"example": "default"})
    name = fields.String(
        required=True,
        metadata={"description": "the service's, or one made of it where a catalogue does not take that"},
    )
    title = fields.String(required=True)
    annotations = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "`postmortems/service`: the service's name here"},
    )
    links = fields.List(fields.Nested(EntityLinkSchema))


class EntityCountsSchema(Schema):
    """Action items of the service, those of restricted incidents left out."""

    open = fields.Integer(required=True)
    overdue = fields.Integer(required=True, metadata={"description": "of the open ones"})
    unproven = fields.Integer(required=True, metadata={"description": "done, but not proven"})


class EntityIncidentSchema(Schema):
    """An incident that hit the service."""

    slug = fields.String(required=True)
    title = fields.String(required=True)
    occurred_on = fields.Date(required=True)
    severity = fields.String()
    status = fields.String()
    url = fields.String(required=True)


class EntityItemSchema(Schema):
    """An action item that is not closed."""

    id = fields.String(required=True, metadata={"example": "AI-2"})
    text = fields.String(required=True, metadata={"description": "Markdown"})
    status = fields.String(required=True)
    owner = fields.String()
    due = fields.Date(allow_none=True)
    overdue = fields.Boolean(required=True)
    protection = fields.String(validate=validate.OneOf(PROTECTIONS))
    incident = fields.String(required=True, metadata={"description": "slug"})
    url = fields.String(required=True)


class EntityPostmortemsSchema(Schema):
    """What this service knows of it."""

    service = fields.String(required=True)
    registered = fields.Boolean(
        required=True, metadata={"description": "false where incidents alone name it"}
    )
    targets = fields.List(fields.String(), metadata={"description": "in promotion order"})
    counts = fields.Nested(EntityCountsSchema)
    badge = fields.String(metadata={"description": "the address of its badge"})
    incidents = fields.List(
        fields.Nested(EntityIncidentSchema), metadata={"description": "the newest that are published"}
    )
    incidents_url = fields.String(metadata={"description": "the list that has all of them"})
    action_items = fields.List(
        fields.Nested(EntityItemSchema),
        metadata={"description": "proposed, open or in progress, soonest due first"},
    )
    action_items_url = fields.String()


class EntitySpecSchema(Schema):
    """A Component's `spec`, and what is ours in it."""

    type = fields.String(required=True, metadata={"example": "service"})
    lifecycle = fields.String(required=True)
    owner = fields.String(
        required=True,
        metadata={"description": "the team that answers for it, such as `group:default/platform`"},
    )
    postmortems = fields.Nested(EntityPostmortemsSchema)


class EntityRelationSchema(Schema):
    """A relation to another entity."""

    type = fields.String(required=True, metadata={"example": "ownedBy"})
    target_ref = fields.String(
        required=True,
        data_key="targetRef",
        attribute="targetRef",
        metadata={"example": "group:default/platform"},
    )


class EntitySchema(Schema):
    """A service as an entity of Backstage's catalogue."""

    api_version = fields.String(
        required=True,
        data_key="apiVersion",
        attribute="apiVersion",
        metadata={"example": "backstage.io/v1alpha1"},
    )
    kind = fields.String(required=True, metadata={"example": "Component"})
    metadata = fields.Nested(EntityMetadataSchema)
    spec = fields.Nested(EntitySpecSchema)
    relations = fields.List(fields.Nested(EntityRelationSchema))
