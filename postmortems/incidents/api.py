"""Incidents over HTTP: documents as JSON or Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from flask import Response, jsonify, request, url_for
from werkzeug.exceptions import UnsupportedMediaType

from postmortems.accounts import permissions
from postmortems.db import session as db
from postmortems.document import comment_block
from postmortems.document.json_form import convert
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.errors import Invalid
from postmortems.exchange.exports import export
from postmortems.exchange.exports.layouts import LAYOUTS
from postmortems.followup.item import written_blockers
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import operations, queries, query_schemas, rows, schemas
from postmortems.incidents.exports import api as exports_api
from postmortems.incidents.exports import standalone_pages
from postmortems.incidents.history import queries as history
from postmortems.incidents.models import Incident
from postmortems.web import downloads
from postmortems.web.auth import current_actor
from postmortems.web.openapi import strict_json
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.pdf import pdf

blueprint = api_blueprint("incidents", "Incidents with their postmortems, as JSON or Markdown")

MARKDOWN = "text/markdown"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MIMETYPES = {"docx": WORD, "confluence": "application/xml", "notion": MARKDOWN, "gdocs": "text/html"}
LONGEST_MESSAGE = 1000
ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')
BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": schemas.EditSchema},
        MARKDOWN: {"schema": {"type": "string", "example": "---\ntitle: …\n---\n\n## Summary\n"}},
    },
}


@blueprint.route("/incidents", methods=["GET"])
@contract(
    query=exports_api.FilesQuerySchema,
    returns=schemas.ListSchema,
    also=("text/csv", "application/zip", "application/atom+xml"),
    errors=(422,),
    scope_note="read",
    own_units=True,
)
def index(query: dict[str, Any]) -> dict[str, Any] | Response:
    """Incidents, newest first: JSON, CSV, a zip of Markdown or an Atom feed, by Accept or `format`"""
    permissions.require(current_actor(), "incident.read")
    form = downloads.wanted(query["format"], query_schemas.LIST_FORMATS)
    filters = queries.Filters(**{field.name: query[field.name] for field in fields(queries.Filters)})
    if form == "json":
        with db.reading():
            page = queries.listing(filters, query["after"], query["limit"])
            fronts = schemas.fronts(page.rows)
        return {"incidents": fronts, "next": page.after}
    with downloads.leaving(restricted=query["restricted"]):
        return _file(form, filters, query)


def _file(form: str, filters: queries.Filters, query: dict[str, Any]) -> Response:
    if form == "atom":
        with db.reading():
            return exports_api.atom_answer(filters)
    if form == "zip":
        layout = export.layout_of(query["style"], query["layout"])
        parts = exports_api.zip_parts(filters, current_actor(), layout, drafts=query["drafts"])
        return downloads.streamed(parts, "application/zip", "incidents.zip")
    lines = exports_api.csv_parts(exports_api.without_drafts(filters, query["drafts"]), downloads.own_url())
    return downloads.csv(lines, "incidents.csv", bom=query["bom"])


@blueprint.route("/incidents", methods=["POST"])
@blueprint.doc(requestBody=BODY)
@contract(
    query=query_schemas.CreateQuerySchema,
    returns=schemas.IncidentSchema,
    status=201,
    errors=(400, 415, 422),
    scope_note="write",
)
def create(query: dict[str, Any]) -> Response:
    """Add an incident"""
    document, _, message, _ = sent(query["name"])
    incident = save_incident.save(
        None, document, version=None, actor=current_actor(), message=message, name=query["name"]
    )
    # A new item waits for what its own document says, and for nothing else.
    waits = any(item.blocked_by for item in document.items)
    response = _answer(incident, is_markdown=wants_markdown(), waits=waits)
    response.status_code = 201
    response.headers["Location"] = url_for("incidents_api.show", slug=incident.slug)
    return response


@blueprint.route("/incidents/<slug>", methods=["GET"])
@contract(
    query=query_schemas.ShowQuerySchema,
    returns=schemas.IncidentSchema,
    also=(MARKDOWN, "text/html", "application/pdf", "application/xml", WORD),
    errors=(404, 422, 429, 501),
    scope_note="read",
    own_units=True,
)
def show(query: dict[str, Any], slug: str) -> Response:
    """One incident: JSON, canonical Markdown where `Accept` prefers it, a page in one file, or PDF

    With `format` the answer is a file to keep. The page has its styles and its drawing in it and no script.
    PDF is there where the server has WeasyPrint. `docx`, `confluence`, `notion` and `gdocs` are what these
    tools take in, as `export --layout` writes it.
    """
    form = query["format"]
    with db.reading():
        incident = queries.by_slug(slug, current_actor())
        if form in query_schemas.LAYOUT_FORMATS:
            response = Response(export.alone(incident, LAYOUTS[form]), mimetype=MIMETYPES[form])
        elif form not in {"html", "pdf"}:
            is_markdown = form == "markdown" if form else wants_markdown()
            response = _answer(incident, is_markdown=is_markdown, comments=query["comments"])
        else:
            response = Response(standalone_pages.html(incident, downloads.own_url()))
    if form == "pdf":
        response = Response(pdf.pdf(response.get_data(as_text=True)), mimetype="application/pdf")
    name = f"{incident.slug}{query_schemas.FILE_FORMATS[form]}" if form else ""
    return downloads.named(response, name) if name else response


@blueprint.route("/incidents/<slug>", methods=["PUT"])
@blueprint.doc(requestBody=BODY)
@contract(
    query=query_schemas.ReplaceQuerySchema,
    returns=schemas.IncidentSchema,
    errors=(400, 404, 409, 412, 415, 422),
    scope_note="write",
)
def replace(query: dict[str, Any], slug: str) -> Response:
    """Save a new version, whole; say which one was edited by `version` or If-Match

    An edit of an older version is brought together with what was saved since, where the two are of
    different parts: the answer then says what was `merged`. Where both changed the same lines it is refused:
    409, or 412 with If-Match. The problem has the three texts, `base`, `theirs` and `yours`, the parts that
    clash, word by word, and `merged`, a text with the words of both: look it over and send it with the
    `version` that the problem names. With If-Match, and with `merge=false`, any stale edit is refused.
    `If-Match: *` overwrites. What is stored already is answered without a new version. A body that says
    nothing of `restricted` leaves it as it is; an empty list shows the incident to everybody.
    """
    document, version, message, opens = sent()
    version = version or query["version"]
    merges = query["merge"]
    if request.if_match.star_tag:
        version = None
    elif request.headers.get("If-Match"):
        merges = bool(merges)
        version = tagged(request.headers["If-Match"])
    elif version is None:
        raise Invalid("say which version you edited, here or by If-Match", "/version")
    incident = save_incident.save(
        slug,
        document,
        version=version,
        actor=current_actor(),
        message=message,
        opens=opens,
        merges=merges is not False,
    )
    return _answer(incident, is_markdown=wants_markdown())


@blueprint.route("/incidents/<slug>", methods=["DELETE"])
@contract(status=204, errors=(404,), scope_note="admin")
def delete(slug: str) -> None:
    """Delete an incident with its items and revisions; the event stream keeps its text"""
    operations.delete(slug, actor=current_actor())


@blueprint.route("/incidents/<slug>/revisions", methods=["GET"])
@contract(
    query=query_schemas.RevisionsQuerySchema,
    returns=schemas.RevisionsSchema,
    errors=(404, 422),
    scope_note="read",
)
def revisions(query: dict[str, Any], slug: str) -> dict[str, Any]:
    """The saves of an incident, newest first, each with what it changed"""
    incident = queries.by_slug(slug, current_actor())
    return {"revisions": history.versions(incident, query["before"], query["limit"])}


@blueprint.route("/incidents/<slug>/revisions/<int(max=2147483647):version>", methods=["GET"])
@contract(returns=schemas.WholeRevisionSchema, also=(MARKDOWN,), errors=(404,), scope_note="read")
def revision(slug: str, version: int) -> Any:
    """One save with its text, as JSON or as Markdown"""
    incident = queries.by_slug(slug, current_actor())
    found = queries.revision(incident, version)
    if wants_markdown():
        return Response(found.text, mimetype=MARKDOWN)
    return found


def sent(name: str = "", also: Iterable[str] = ()) -> tuple[Document, int | None, str, bool]:
    """The document in the body, the version it says was edited, the message, and whether it opens to all.

    `also`: members beside the document that say nothing.
    """
    if request.is_json:
        return _read_json(strict_json.read(request), {*schemas.BESIDE, *also})
    if request.mimetype not in {MARKDOWN, "text/plain"}:
        raise UnsupportedMediaType("send application/json or text/markdown")
    try:
        text = request.get_data().decode("utf-8")
    except UnicodeDecodeError as error:
        raise strict_json.Malformed(f"the body is not UTF-8: byte {error.start} cannot be read") from None
    return parser.parse(comment_block.without(text), name=name), None, "", False


def _read_json(value: Any, beside: set[str]) -> tuple[Document, int | None, str, bool]:
    if not isinstance(value, dict):
        raise Invalid("must be an object")
    version, message = value.get("version"), value.get("message", "")
    if version is not None and (type(version) is not int or version < 1):
        raise Invalid("must be a whole number such as 3", "/version")
    if not isinstance(message, str) or len(message) > LONGEST_MESSAGE:
        raise Invalid(f"must be text of at most {LONGEST_MESSAGE} characters", "/message")
    document = convert.from_json({name: member for name, member in value.items() if name not in beside})
    return document, version, message, "restricted" in value


def tagged(header: str) -> int:
    found = ETAG.fullmatch(header.strip())
    if found is None:
        raise Invalid('If-Match must be one version in quotes, such as "3"')
    return int(found[1])


def wants_markdown() -> bool:
    best = request.accept_mimetypes.best_match(["application/json", MARKDOWN], "application/json")
    return best == MARKDOWN


def _answer(incident: Incident, *, is_markdown: bool, comments: bool = False, waits: bool = True) -> Response:
    # An item that a save makes regress is opened again, in a version of its own.
    db.catch_up()
    if is_markdown:
        response = Response(exports_api.as_markdown(incident, comments=comments), mimetype=MARKDOWN)
    else:
        document = rows.to_document(incident)
        document = written_blockers.noted(document) if waits else document
        response = jsonify(schemas.whole(incident, document))
    response.set_etag(str(incident.version))
    response.vary.add("Accept")
    return response
