"""The history of an incident over HTTP: comparing two versions, who wrote what, restoring."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from postmortems.accounts import permissions
from postmortems.db import session as db
from postmortems.document import part_diff
from postmortems.errors import Conflict
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries, rows
from postmortems.incidents.history import comparison, schemas, shown_pages
from postmortems.incidents.history import queries as history
from postmortems.incidents.items import team_rights
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("history", "Versions of incidents: compared, by author, restored")


@blueprint.route("/incidents/<slug>/diff", methods=["GET"])
@contract(
    query=schemas.DiffQuerySchema,
    returns=schemas.DiffSchema,
    also=("text/html", "text/x-diff"),
    errors=(404, 422),
    scope_note="read",
)
def diff(query: dict[str, Any], slug: str) -> Any:
    """What differs between two versions, by part and word by word: JSON, HTML or a patch of the Markdown"""
    incident = queries.by_slug(slug, current_actor())
    found = history.compared(incident, query["from_"], query["to"])
    form = query["format"] or _accepted()
    if form == "html":
        told = shown_pages.html(incident, found.diff, *found.documents, restore_url="", restored=0)
        return Response(told, mimetype=schemas.FORMATS[form])
    if form == "patch":
        versions = (found.old.version if found.old else 0, found.new.version)
        names = (f"{slug}.md\tversion {versions[0]}", f"{slug}.md\tversion {versions[1]}")
        return Response(comparison.as_patch(*found.texts, names), mimetype=schemas.FORMATS[form])
    return {"from_": found.old, "to": found.new} | comparison.told(found.diff)


def _accepted() -> str:
    """What the request would rather have; JSON where it does not say."""
    best = request.accept_mimetypes.best_match(list(schemas.FORMATS.values()), schemas.FORMATS["json"])
    return next(name for name, kind in schemas.FORMATS.items() if kind == best)


@blueprint.route("/incidents/<slug>/authorship", methods=["GET"])
@contract(returns=schemas.AuthorshipSchema, errors=(404,), scope_note="read")
def authorship(slug: str) -> dict[str, Any]:
    """Who changed each part of an incident last, when and in which version"""
    return history.written(queries.by_slug(slug, current_actor()))


@blueprint.route("/incidents/<slug>/revisions/<int(max=2147483647):version>/restore", methods=["POST"])
@contract(
    body=schemas.RestoreSchema,
    returns=schemas.DiffSchema,
    errors=(404, 409, 422),
    scope_note="write",
)
def restore(body: dict[str, Any], slug: str, version: int) -> Any:
    """Save an earlier version, or one section of it, again; answers what that changed

    What was saved since stays in the history. Items that were taken out since come back with new numbers.
    """
    actor = current_actor()
    permissions.require_anywhere(actor, "incident.save")
    incident = queries.for_saving(slug)
    team_rights.require(actor, "incident.save", incident)
    if body["version"] not in (None, incident.version):
        raise Conflict(f"somebody saved version {incident.version} since; look at what it would change now")
    before, edited = rows.to_document(incident), incident.version
    document = history.restored(incident, version, section=body["section"], status=body["status"])
    if body["dry_run"]:
        told = comparison.told(part_diff.diff(before, document))
        newest = queries.revision(incident, edited)
        return {"from_": newest, "to": newest} | told
    message = history.message_of(incident, version, body["section"])
    saved = save_incident.save(slug, document, version=edited, actor=actor, message=message, is_stored=True)
    db.catch_up()
    found = history.compared(saved, edited, saved.version)
    return {"from_": found.old, "to": found.new} | comparison.told(found.diff)
