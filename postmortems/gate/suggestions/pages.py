"""Accepts a suggested guard on the incident's page: it is made at shadow, for the item it answers."""

from __future__ import annotations

from flask import Blueprint, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.gate.proof_path import way_back
from postmortems.gate.suggestions import suggest
from postmortems.incidents import queries as incidents
from postmortems.web.auth import current_actor
from postmortems.web.server.app_runtime import runtime

blueprint = Blueprint("suggestions", __name__)


@blueprint.post("/incidents/<slug>/suggestions")
def take(slug: str) -> AnyResponse:
    """Make the suggested guard of the kind that was pressed."""
    actor = current_actor()
    incident = incidents.by_slug(slug, actor)
    kind, item = request.form.get("kind", ""), request.form.get("item", "")
    guard = suggest.take(incident, kind, item, actor=actor, vault=runtime().vault)
    flash(f"{guard.slug} is there, at shadow: it records, and stops nothing yet. Look through it.", "success")
    return redirect(way_back.address(request.values, f"/guards/{guard.slug}"), 303)
