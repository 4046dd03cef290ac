"""The page of an incident on which its authors publish it elsewhere."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.errors import Conflict, NotFound, OutOfReach
from postmortems.exchange.publishing import outlets, publish
from postmortems.incidents import queries as incidents
from postmortems.web import auth
from postmortems.web.render import page
from postmortems.web.server.app_runtime import runtime
from postmortems.web.transactions import own_units

blueprint = Blueprint("incident_publications", __name__)


@blueprint.get("/incidents/<slug>/publications")
def index(slug: str) -> str:
    """Where it is published, and where it could be."""
    actor = auth.current_actor()
    permissions.require(actor, "incident.save")
    incident = incidents.by_slug(slug, actor)
    known = {row.outlet_id: row for row in publish.of_incident(incident.id)}
    rows: list[dict[str, Any]] = [{"outlet": one, "row": known.get(one.id)} for one in outlets.every()]
    return page("publications/incident.html", incident=incident, rows=rows)


@blueprint.post("/incidents/<slug>/publications")
@own_units
def publish_one(slug: str) -> AnyResponse:
    """Publish it, or decide what happens to a page that somebody changed."""
    try:
        publish.publish(
            slug,
            request.form.get("outlet", ""),
            actor=auth.current_actor(),
            runtime=runtime(),
            overwrite="overwrite" in request.form,
            anew="anew" in request.form,
        )
    except (Conflict, NotFound, OutOfReach) as refusal:
        flash(refusal.detail, "warning")
    else:
        flash("Published.", "success")
    return redirect(f"/incidents/{slug}/publications", 303)
