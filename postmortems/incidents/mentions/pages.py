"""What the pages do with mentions: offer names, say who is not told, and note what was looked at."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.errors import Invalid
from postmortems.incidents import queries as incidents
from postmortems.incidents.editor import form, picks
from postmortems.incidents.editor.picks import Pick
from postmortems.incidents.mentions import operations, queries
from postmortems.web.auth import current_actor

blueprint = Blueprint("mentions", __name__, url_prefix="/mentions")

LONGEST_TYPED = 200


def _people(typed: str) -> list[Pick]:
    return picks.matching([Pick(f"@{pick.value}") for pick in picks.accounts()], typed)


def _incidents(typed: str) -> list[Pick]:
    return [Pick(f"#{pick.value}", pick.label) for pick in picks.mentioned_incidents(typed)]


OFFERS = {"@": _people, "#": _incidents}


@blueprint.get("/choices")
def choices() -> Response:
    """People (`sign` is @) or incidents (#) that go with what was typed, `q`."""
    permissions.require(current_actor(), "comment.write")
    sign = request.args.get("sign", "")
    if sign not in OFFERS:
        raise Invalid("is none of @, #", "/sign")
    found = OFFERS[sign](request.args.get("q", "")[:LONGEST_TYPED])
    return jsonify(picks=[asdict(pick) for pick in found])


@blueprint.post("/untold")
def untold() -> Response:
    """Who of the people in `text` would not be told; nothing is stored.

    `restricted` is to whom its form shows the incident; left out, it is as it is stored.
    """
    permissions.require(current_actor(), "comment.write")
    slug = request.form.get("incident", "")
    incident = incidents.with_items(slug, current_actor()) if slug else None
    restricted = list(incident.restricted) if incident else []
    if "restricted" in request.form:
        restricted = form.names(request.form["restricted"])
    if restricted:
        # They always are, whatever was typed.
        restricted += [current_actor().name, incident.created_by if incident else ""]
    found = queries.untold({"": request.form.get("text", "")}, restricted)
    return jsonify(untold=[{"name": each.name, "text": str(each)} for each in found])


@blueprint.post("/seen")
def see() -> AnyResponse:
    """All of one's own are seen, or those in the `incident` that is named; its page says so when opened."""
    slug = request.form.get("incident", "")
    incident = incidents.with_items(slug, current_actor()) if slug else None
    operations.see(current_actor(), incident=incident)
    if "HX-Request" in request.headers:
        return Response(status=204)
    return redirect(f"/incidents/{slug}" if incident else "/", 303)
