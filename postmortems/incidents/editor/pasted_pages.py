"""What a browser asks for when rich text or a document of Word is put into a Markdown field: its Markdown."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems import limits
from postmortems.accounts import permissions
from postmortems.document.readers import parse_process
from postmortems.errors import Busy, Invalid
from postmortems.incidents.editor import office_text
from postmortems.web import uploads
from postmortems.web.auth import current_actor
from postmortems.web.transactions import own_units

blueprint = Blueprint("pasted", __name__, url_prefix="/write")


@blueprint.post("/pasted")
@own_units
def pasted() -> AnyResponse | tuple[AnyResponse, int]:
    """The clipboard's HTML, which is the body, as `markdown`, and which pictures are `missing` in it.

    422 and 409 say in `refused` why it was not read.
    """
    permissions.require(current_actor(), "comment.write")
    text = request.get_data().decode("utf-8", "replace").replace("\0", "")
    try:
        found = parse_process.clipboard(text)
    except Invalid as refusal:
        return jsonify(refused=refusal.detail), 422
    except Busy as refusal:
        return jsonify(refused=refusal.detail), 409
    return jsonify(markdown=found.markdown, missing=found.missing)


@blueprint.post("/document")
@uploads.takes_files
@own_units
def document() -> AnyResponse | tuple[AnyResponse, int]:
    """A document of Word or OpenDocument, `file` of the form, as `markdown`; what to know of it is `told`.

    Its pictures are stored, for `incident` where it is named. 422 and 409 say in `refused` why it was not.
    """
    permissions.require_anywhere(current_actor(), "incident.save")
    files = uploads.sent("file")
    try:
        if len(files) != 1:
            raise Invalid("send one file, as `file`")
        data = files[0].file.read(limits.PACKED + 1)
        slug = request.form.get("incident", "")
        found = office_text.read(data, files[0].name, actor=current_actor(), slug=slug)
    except Invalid as refusal:
        return jsonify(refused=refusal.detail), 422
    except Busy as refusal:
        return jsonify(refused=refusal.detail), 409
    return jsonify(markdown=found.markdown, told=found.told), 201
