"""Attachments over HTTP: pictures and files in, their Markdown out."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from marshmallow import ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from postmortems.incidents import queries as incidents
from postmortems.incidents.attachments import operations, queries, schemas, uploaded
from postmortems.web import uploads
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract, invalid

blueprint = api_blueprint("attachments", "Pictures and files of incidents")

# What a page's form has for itself.
BESIDE = frozenset({"csrf_token", "written_by"})
MULTIPART = "multipart/form-data"
BODY = {"required": True, "content": {MULTIPART: {"schema": schemas.UploadBodySchema}}}


@blueprint.route("/attachments", methods=["POST"])
@blueprint.doc(requestBody=BODY)
@uploads.takes_files
@contract(
    returns=schemas.AttachmentSchema,
    status=201,
    errors=(404, 413, 415, 429, 501),
    scope_note="write",
    own_units=True,
)
def create() -> Response:
    """Upload a picture or a file; write its `markdown` into a text and save that, and it is the incident's

    What it is says its content. A picture (PNG, JPEG, GIF, WebP) is written anew, turned as it was taken and
    without its place and other metadata; SVG is refused. Every other file is only ever downloaded.
    """
    if request.mimetype != MULTIPART:
        raise UnsupportedMediaType(f"send {MULTIPART}, with the file as `file`")
    try:
        told: Any = schemas.UploadSchema().load(
            {name: text for name, text in request.form.items() if name not in BESIDE}
        )
    except ValidationError as wrong:
        raise invalid(wrong.messages) from None
    files = uploads.sent("file")
    uploaded.refuse_many(len(files))
    row = uploaded.take_in(files[0].file, files[0].name, actor=current_actor(), slug=told["incident"])
    response = jsonify(schemas.AttachmentSchema().dump(schemas.whole(row)))
    response.status_code = 201
    response.headers["Location"] = f"/api/v1/attachments/{row.id}"
    return response


@blueprint.route("/attachments", methods=["GET"])
@contract(
    query=schemas.AttachmentsQuerySchema, returns=schemas.AttachmentsSchema, errors=(404,), scope_note="read"
)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """The attachments of an incident, or what you uploaded that no saved text has"""
    actor = current_actor()
    if not query["incident"]:
        return {"attachments": [schemas.whole(row) for row in queries.own_unused(actor)], "next": ""}
    incident = incidents.by_slug(query["incident"], actor)
    rows = queries.of_incident(incident, query["after"], query["limit"])
    after = rows[-1].link if len(rows) == query["limit"] else ""
    return {"attachments": [schemas.used(row) for row in rows], "next": after}


@blueprint.route("/attachments/<attachment_id>", methods=["GET"])
@contract(returns=schemas.AttachmentSchema, errors=(404,), scope_note="read")
def show(attachment_id: str) -> dict[str, Any]:
    """One attachment: what it is; the file itself is at its `url`"""
    return schemas.whole(queries.one(attachment_id, current_actor()))


@blueprint.route("/attachments/<attachment_id>", methods=["DELETE"])
@contract(status=204, errors=(404, 409), scope_note="write")
def remove(attachment_id: str) -> None:
    """Delete an attachment for good, from older versions too; refused while a text has it"""
    operations.remove(attachment_id, actor=current_actor())
