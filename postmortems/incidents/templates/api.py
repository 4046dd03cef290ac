"""Templates over HTTP: those that fit a severity and service, and their Markdown."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for
from marshmallow import RAISE, Schema, fields, validate

from postmortems.accounts import permissions
from postmortems.document.model import SEVERITIES
from postmortems.incidents.templates import operations, queries
from postmortems.incidents.templates.template import LONGEST, Template
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("templates", "Templates: the sections and prompts that a report begins with")

Fields = dict[str, Any]
HIGHEST = 2**31 - 1


class TemplateSectionSchema(Schema):
    heading = fields.String(metadata={"example": "Impact"})
    prompt = fields.String(metadata={"description": "asked of the author; readers never see it"})


class TemplateSchema(Schema):
    id = fields.String(attribute="slug", metadata={"example": "full-review"})
    name = fields.String()
    about = fields.String()
    severities = fields.List(fields.String(), metadata={"description": "that it is for; none is all"})
    services = fields.List(fields.String(), metadata={"description": "that it is for; none is all"})
    order = fields.Integer(metadata={"description": "the smaller one goes first where several fit alike"})
    version = fields.Integer(metadata={"description": "0 for a starter that nobody changed"})
    is_starter = fields.Boolean(metadata={"description": "comes with the service"})
    is_changed = fields.Boolean(metadata={"description": "a starter that somebody changed"})
    sections = fields.List(fields.Nested(TemplateSectionSchema))
    markdown = fields.String()


class TemplatesSchema(Schema):
    templates = fields.List(fields.Nested(TemplateSchema))


class TemplateQuerySchema(Schema):
    severity = fields.String(
        load_default=None, validate=validate.OneOf(SEVERITIES), metadata={"description": "of the incident"}
    )
    service = fields.String(
        load_default=None,
        validate=validate.Length(1, 200),
        metadata={"description": "that it hit, with or without a target", "example": "data8/prod"},
    )


class TemplateTextSchema(Schema):
    class Meta:
        unknown = RAISE

    markdown = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST),
        metadata={
            "description": "front matter with `name`, `about`, `severities`, `services`, `order`; then "
            "sections, with what is asked as `<!-- prompt: … -->`",
            "example": "---\nname: Short\n---\n\n## Impact\n\n<!-- prompt: Who noticed? -->\n",
        },
    )


class TemplateEditSchema(TemplateTextSchema):
    version = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, HIGHEST),
        metadata={"description": "the one you edited: refused where another was saved since"},
    )


@blueprint.route("/templates", methods=["GET"])
@contract(query=TemplateQuerySchema, returns=TemplatesSchema, errors=(), scope_note="read")
def index(query: Fields) -> Fields:
    """Templates, the best match first; with `severity` or `service` those alone that fit

    One that names the service goes before one that names the severity, and that before one for all.
    """
    permissions.require(current_actor(), "incident.read")
    services = None if query["service"] is None else [query["service"]]
    return {"templates": queries.fitting(query["severity"], services)}


@blueprint.route("/templates", methods=["POST"])
@contract(body=TemplateTextSchema, returns=TemplateSchema, status=201, errors=(409,), scope_note="admin")
def create(body: Fields) -> Response:
    """Write a new template"""
    made = operations.create(body["markdown"], actor=current_actor())
    response = jsonify(TemplateSchema().dump(made))
    response.status_code = 201
    response.headers["Location"] = url_for("templates_api.show", slug=made.slug)
    return response


@blueprint.route("/templates/<slug>", methods=["GET"])
@contract(returns=TemplateSchema, errors=(404,), scope_note="read")
def show(slug: str) -> Template:
    """One template"""
    permissions.require(current_actor(), "incident.read")
    return queries.named(slug)


@blueprint.route("/templates/<slug>", methods=["PUT"])
@contract(body=TemplateEditSchema, returns=TemplateSchema, scope_note="admin")
def change(body: Fields, slug: str) -> Template:
    """Write a template anew; reports that were begun with it stay as they are"""
    return operations.change(slug, body["markdown"], version=body["version"], actor=current_actor())


@blueprint.route("/templates/<slug>", methods=["DELETE"])
@contract(status=204, errors=(404, 409), scope_note="admin")
def delete(slug: str) -> None:
    """Offer a template no more; who is writing with it keeps everything"""
    operations.delete(slug, actor=current_actor())


@blueprint.route("/templates/<slug>/starter", methods=["POST"])
@contract(returns=TemplateSchema, errors=(404, 409), scope_note="admin")
def bring_back(slug: str) -> Template:
    """Offer a starter again as it came with the service"""
    return operations.bring_back(slug, actor=current_actor())
