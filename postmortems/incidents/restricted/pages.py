"""The page of restricted incidents for admins, and breaking the glass."""

from __future__ import annotations

from flask import Blueprint, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.db.session import session
from postmortems.errors import Invalid
from postmortems.incidents.restricted import break_glass
from postmortems.web.auth import current_actor
from postmortems.web.render import page

blueprint = Blueprint("restrictions", __name__, url_prefix="/settings/restricted")


@blueprint.get("")
def index() -> str:
    """All restricted incidents, without their titles."""
    return _index()


@blueprint.post("/<int(max=2147483647):incident_id>/break")
def break_it(incident_id: int) -> AnyResponse | tuple[str, int]:
    """See it for an hour, with a reason."""
    try:
        with session().begin_nested():
            incident = break_glass.begin(incident_id, request.form.get("reason", ""), actor=current_actor())
    except Invalid as refused:
        return _index({f"reason-{incident_id}": [refused.detail]}), 422
    flash("You see it for an hour. Those it names see that you do, and why.", "warning")
    return redirect(f"/incidents/{incident.slug}", 303)


@blueprint.post("/<int(max=2147483647):incident_id>/end")
def end(incident_id: int) -> AnyResponse:
    """See it no longer."""
    break_glass.end(incident_id, actor=current_actor())
    flash("It is closed to you again.", "success")
    return redirect("/settings/restricted", 303)


def _index(errors: dict[str, list[str]] | None = None) -> str:
    found = break_glass.listing(actor=current_actor(), after=request.args.get("after", ""))
    return page(
        "incidents/restricted.html",
        restrictions=found.rows,
        errors=errors or {},
        next_url=f"/settings/restricted?after={found.after}" if found.after else "",
        first_url="/settings/restricted" if "after" in request.args else "",
    )
