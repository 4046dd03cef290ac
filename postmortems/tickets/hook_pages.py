"""The address that trackers send their webhooks to."""

from __future__ import annotations

from flask import Blueprint, Response, request

from postmortems import limits
from postmortems.errors import Invalid, NotAllowed, NotFound, Refusal
from postmortems.tickets import webhooks
from postmortems.trackers import hooks
from postmortems.web.server.app_runtime import runtime

blueprint = Blueprint("tracker_hooks", __name__, url_prefix="/hooks/trackers")

LARGEST = limits.TOLD
STATUSES: dict[type[Refusal], int] = {NotAllowed: 403, NotFound: 404, Invalid: 422}


@blueprint.post("/<int:tracker_id>")
def receive(tracker_id: int) -> Response:
    """Take a webhook in, at once: its signature says whose it is, and one word what came of it."""
    # The raw body is what was signed.
    body = request.get_data(cache=True)
    headers = {name: request.headers.get(name, "")[:300] for name in hooks.READ}
    try:
        if len(body) > LARGEST:
            raise Invalid(f"no payload that is taken here is larger than {limits.in_mb(LARGEST)}")
        said, status = webhooks.receive(tracker_id, headers, body, vault=runtime().vault), 202
    except (NotAllowed, NotFound, Invalid) as refused:
        said, status = refused.detail, STATUSES[type(refused)]
        if isinstance(refused, NotAllowed):
            webhooks.note_forgery(tracker_id, request.remote_addr or "")
    return Response(f"{said}\n", status=status, mimetype="text/plain")
