"""What the pages do with mentions: note that somebody has looked at what mentions them."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.incidents import queries as incidents
from postmortems.incidents.mentions import operations
from postmortems.web.auth import current_actor

blueprint = Blueprint("mentions", __name__, url_prefix="/mentions")


@blueprint.post("/seen")
def see() -> AnyResponse:
    """All of one's own are seen, or those in the `incident` that is named; its page says so when opened."""
    slug = request.form.get("incident", "")
    incident = incidents.with_items(slug, current_actor()) if slug else None
    operations.see(current_actor(), incident=incident)
    if "HX-Request" in request.headers:
        return Response(status=204)
    return redirect(f"/incidents/{slug}" if incident else "/", 303)
