"""Drafts over HTTP: one's own, of an incident or of one that is not there yet."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, jsonify, request, url_for

from postmortems.errors import Conflict, Invalid
from postmortems.incidents import api as incidents_api
from postmortems.incidents.api import BODY, MARKDOWN
from postmortems.incidents.drafts import draft_values, operations, queries, schemas
from postmortems.incidents.drafts.models import Draft
from postmortems.incidents.drafts.operations import Mark, Typed
from postmortems.incidents.models import Incident
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("drafts", "Drafts: what you have typed and not saved, seen by nobody else")


@blueprint.route("/drafts", methods=["GET"])
@contract(returns=schemas.DraftsSchema, errors=(), scope_note="read")
def index() -> dict[str, Any]:
    """Your drafts, newest first"""
    return {"drafts": [schemas.listed(draft) for draft in queries.mine(current_actor())]}


@blueprint.route("/drafts", methods=["POST"])
@blueprint.doc(requestBody=BODY)
@contract(returns=schemas.DraftSchema, status=201, errors=(400, 409, 415, 422), scope_note="write")
def create() -> Response:
    """Keep a draft of an incident that is not there yet"""
    response = _kept(secrets.token_hex(16), None, None)
    response.status_code = 201
    response.headers["Location"] = url_for("drafts_api.show", name=response.get_json()["id"])
    return response


@blueprint.route("/drafts/<name>", methods=["GET"])
@contract(returns=schemas.DraftSchema, also=(MARKDOWN,), errors=(404, 409), scope_note="read")
def show(name: str) -> Response:
    """One draft, by its id

    As Markdown only once nothing in it is half-filled: until then 409.
    """
    return _answer(queries.named(name, current_actor()))


@blueprint.route("/drafts/<name>", methods=["PUT"])
@blueprint.doc(requestBody=BODY)
@contract(
    query=schemas.VersionQuerySchema,
    returns=schemas.DraftSchema,
    errors=(400, 404, 409, 415, 422),
    scope_note="write",
)
def replace(query: dict[str, Any], name: str) -> Response:
    """Replace a draft, by its id; of an incident say which version it began from"""
    return _replaced(queries.named(name, current_actor()), query["version"])


@blueprint.route("/drafts/<name>", methods=["DELETE"])
@contract(status=204, errors=(404,), scope_note="write")
def discard(name: str) -> None:
    """Discard a draft, by its id"""
    operations.discard(name, actor=current_actor())


@blueprint.route("/incidents/<slug>/draft", methods=["GET"])
@contract(returns=schemas.DraftSchema, also=(MARKDOWN,), errors=(404, 409), scope_note="read")
def show_of_incident(slug: str) -> Response:
    """Your newest draft of an incident: JSON, or Markdown where `Accept` prefers it

    It has no part in searches, exports and feeds, and nobody else sees it, admins included. As Markdown only
    once nothing in it is half-filled: until then 409, and JSON names the `problems`.
    """
    return _answer(queries.newest_of(_incident(slug), current_actor()))


@blueprint.route("/incidents/<slug>/draft", methods=["PUT"])
@blueprint.doc(requestBody=BODY)
@contract(
    query=schemas.VersionQuerySchema,
    returns=schemas.DraftSchema,
    errors=(400, 404, 409, 415, 422),
    scope_note="write",
)
def keep_of_incident(query: dict[str, Any], slug: str) -> Response:
    """Keep a draft of an incident, in place of your newest; say by `version` or If-Match where it began

    It makes no version of the incident and no event. It ends when you save the incident in the editor, and is
    removed 90 days after it was last touched, once your account is switched off, and where the incident is
    deleted or no longer shown to you. One author has at most 50 drafts.
    """
    incident = _incident(slug)
    # Two at once are kept in one draft, one after the other.
    operations.take_turn(queries.author(current_actor(), "incident.save"))
    beside = queries.of_incident(incident, current_actor())
    if beside:
        return _replaced(queries.named(beside[0].name, current_actor()), query["version"])
    return _kept(secrets.token_hex(16), slug, query["version"])


@blueprint.route("/incidents/<slug>/draft", methods=["DELETE"])
@contract(status=204, errors=(404,), scope_note="write")
def discard_of_incident(slug: str) -> None:
    """Discard your drafts of an incident; none is no error"""
    operations.discard_all(_incident(slug), actor=current_actor())


def _incident(slug: str) -> Incident:
    queries.author(current_actor())
    return queries.incident(slug)


def _replaced(draft: Draft, version: int | None) -> Response:
    slug = draft.incident.slug if draft.incident else None
    return _kept(draft.name, slug, version, after=draft.mark)


def _kept(name: str, slug: str | None, version: int | None, *, after: str = "") -> Response:
    document, said, message, _ = incidents_api.sent(also=schemas.BESIDE)
    version = said or version
    if request.headers.get("If-Match"):
        version = incidents_api.tagged(request.headers["If-Match"])
    if slug is not None and version is None:
        raise Invalid("say which version it began from, here or by If-Match", "/version")
    values = draft_values.of_document(document)
    typed = Typed(draft_values.content(values, message), document.title, version or 0)
    # Each request is a tab of its own, so that of two at once the second is refused and not left out.
    mark = Mark(f"api{secrets.token_hex(8)}", 1, after)
    draft = operations.save(name, slug, typed, mark, actor=current_actor())
    return _answer(draft)


def _answer(draft: Draft) -> Response:
    told = schemas.whole(draft)
    if not incidents_api.wants_markdown():
        response = jsonify(told)
    elif told["problems"]:
        wrong = told["problems"][0]
        raise Conflict(
            f"the draft is half-filled and makes no Markdown yet: {wrong['pointer']} {wrong['detail']}"
        )
    else:
        response = Response(told["text"], mimetype=MARKDOWN)
    response.vary.add("Accept")
    return response
