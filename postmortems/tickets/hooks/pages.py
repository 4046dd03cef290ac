"""The address that trackers send their webhooks to."""

from __future__ import annotations

from flask import Blueprint, Response, request

from postmortems import limits
from postmortems.db import session as db
from postmortems.errors import Invalid, NotAllowed
from postmortems.tickets.hooks import webhooks
from postmortems.trackers import hooks
from postmortems.web.server.app_runtime import runtime
from postmortems.web.transactions import own_units

blueprint = Blueprint("tracker_hooks", __name__, url_prefix="/hooks/trackers")

LARGEST = limits.TOLD


@blueprint.post("/<int:tracker_id>")
@own_units
def receive(tracker_id: int) -> Response:
    """Take a webhook in, at once: its signature says whose it is, and one word what came of it."""
    # The raw body is what was signed.
    body = request.get_data(cache=True)
    headers = {name: request.headers.get(name, "")[:300] for name in hooks.READ}
    try:
        if len(body) > LARGEST:
            raise Invalid(f"no payload that is taken here is larger than {limits.in_mb(LARGEST)}")
        with db.transaction():
            said = webhooks.receive(tracker_id, headers, body, vault=runtime().vault)
        status = 202
    except Invalid as refused:
        said, status = refused.detail, 422
    except NotAllowed as refused:
        said, status = refused.detail, 403
        with db.transaction():
            webhooks.note_forgery(tracker_id, request.remote_addr or "")
    return Response(f"{said}\n", status=status, mimetype="text/plain")
